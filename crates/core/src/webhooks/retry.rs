//! Decides when a failed delivery is tried again (protocol.md 2.3). Pure: time and chance are
//! arguments.

use std::time::Duration;

use crate::model::backoff::Backoff;
use crate::model::clock::UnixMillis;
use crate::net::outcome::Outcome;
use crate::store::Verdict;

/// The waits before retries.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(10), Duration::MAX);

/// Returns the wait after failed attempt `attempt` (1-based), lengthened by up to a tenth. `chance`
/// is in `0.0..1.0`. Never shorter than 10 s × 2^(attempt − 1); no overflow for any attempt.
pub(super) fn wait(attempt: u32, chance: f64) -> Duration {
    let wait = BACKOFF.after(attempt);
    wait + wait.mul_f64(chance.clamp(0.0, 1.0) / 10.0)
}

/// Returns the time from the first attempt to the last of so many retries, if every attempt fails
/// at once and there is no jitter: 10 s × (2^retries − 1). The page shows it beside the retry
/// count.
pub(crate) fn schedule(retries: u32) -> Duration {
    (1..=retries).map(|attempt| wait(attempt, 0.0)).sum()
}

/// Decides how a delivery goes on after attempt `attempt` (1-based, since it was queued or
/// replayed) ended at `now`.
pub(super) fn decide(
    outcome: &Outcome,
    attempt: u32,
    retry_count: u32,
    now: UnixMillis,
    chance: f64,
) -> Verdict {
    match outcome {
        Outcome::Success(_) => Verdict::Delivered,
        Outcome::NoNetwork | Outcome::Device(_) => Verdict::NotCounted,
        _ if attempt > retry_count => Verdict::Dead,
        _ => Verdict::RetryAt(now.plus(wait(attempt, chance))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::device_fault::DeviceFault;
    use proptest::prelude::*;

    #[test]
    fn schedule_of_fourteen_retries_takes_about_two_days() {
        let waits: Vec<u64> = (1..=14)
            .map(|attempt| wait(attempt, 0.0).as_secs())
            .collect();
        assert_eq!(waits[..4], [10, 20, 40, 80]);
        assert_eq!(waits.iter().sum::<u64>(), 10 * ((1 << 14) - 1));
        assert_eq!(schedule(14).as_secs(), 163_830);
        assert_eq!(schedule(1).as_secs(), 10);
    }

    #[test]
    fn decide_gives_up_after_the_last_retry() {
        let failed = Outcome::Status(500);
        let verdict = |attempt, count| decide(&failed, attempt, count, UnixMillis(0), 0.0);
        assert_eq!(verdict(1, 1), Verdict::RetryAt(UnixMillis(10_000)));
        assert_eq!(verdict(2, 1), Verdict::Dead);
        assert_eq!(verdict(14, 14), Verdict::RetryAt(UnixMillis(81_920_000)));
        assert_eq!(verdict(15, 14), Verdict::Dead);
    }

    #[test]
    fn decide_counts_neither_success_nor_a_fault_of_the_device() {
        let verdict = |outcome| decide(&outcome, 15, 14, UnixMillis(0), 0.0);
        assert_eq!(verdict(Outcome::Success(204)), Verdict::Delivered);
        assert_eq!(verdict(Outcome::NoNetwork), Verdict::NotCounted);
        let lacking = Outcome::Device(DeviceFault::Descriptors);
        assert_eq!(verdict(lacking), Verdict::NotCounted);
    }

    proptest! {
        #[test]
        fn wait_is_never_shorter_and_at_most_a_tenth_longer(attempt in any::<u32>(), chance in 0.0..1.0f64) {
            let (least, real) = (wait(attempt, 0.0), wait(attempt, chance));
            prop_assert!(least >= BACKOFF.first);
            prop_assert!(real >= least && real <= least.mul_f64(1.1) + Duration::from_millis(1));
            prop_assert!(wait(attempt.saturating_add(1), 0.0) >= least);
        }

        #[test]
        fn decide_ends_with_any_setting(attempt in any::<u32>(), count in any::<u32>(), now in any::<i64>()) {
            let verdict = decide(&Outcome::Status(500), attempt, count, UnixMillis(now), 0.5);
            prop_assert_eq!(verdict == Verdict::Dead, attempt > count);
        }
    }
}

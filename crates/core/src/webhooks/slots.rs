//! Who may go next. Pure: the deliverer tells what waits and what is in flight.
//!
//! Half of the slots are only for webhooks with none in flight, so hanging receivers leave room for
//! the others. A webhook has one slot until an attempt of it succeeds and again after one fails, so
//! a receiver that hangs holds one slot and not eight.

use std::collections::HashMap;

use crate::clock::UnixMillis;
use crate::store::Lane;

/// Attempts in flight at most.
pub(super) const TOTAL: u32 = 64;
/// Of these, slots that a webhook with something in flight may still take.
const SHARED: u32 = TOTAL / 2;
/// Attempts in flight for one healthy webhook.
const PER_WEBHOOK: u32 = 8;

/// What the deliverer remembers of a webhook; nothing of it must survive a restart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Track {
    pub in_flight: u32,
    /// Its latest attempt succeeded.
    pub healthy: bool,
    /// Not before this time, because the device had no route.
    pub paused_until: Option<UnixMillis>,
    /// How often in a row the device had no route.
    pub pauses: u32,
    /// Whose turn it is while there is but one slot: a retry's.
    retry_next: bool,
}

/// How many to claim for a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub webhook_key: i64,
    pub first: u32,
    pub retries: u32,
}

/// Shares the free slots among the lanes. Retries get half of a webhook's slots, so first attempts
/// are not stuck behind them, nor they behind first attempts.
pub(super) fn grant(
    lanes: &[Lane],
    tracks: &mut HashMap<i64, Track>,
    now: UnixMillis,
) -> Vec<Grant> {
    let mut total: u32 = tracks.values().map(|track| track.in_flight).sum();
    let mut waiting: Vec<&Lane> = lanes
        .iter()
        .filter(|lane| lane.first || lane.retry_due.is_some_and(|due| due <= now))
        .collect();
    // Webhooks with the fewest in flight choose first.
    waiting.sort_by_key(|lane| {
        tracks
            .get(&lane.webhook_key)
            .map_or(0, |track| track.in_flight)
    });
    let mut slots: Vec<u32> = vec![0; waiting.len()];
    let mut shared = false;
    loop {
        let before = total;
        for (lane, slots) in waiting.iter().zip(&mut slots) {
            let track = tracks.entry(lane.webhook_key).or_default();
            let taken = track.in_flight + *slots;
            let room = if taken == 0 { TOTAL } else { SHARED };
            let window = if track.healthy { PER_WEBHOOK } else { 1 };
            let paused = track.paused_until.is_some_and(|until| until > now);
            if !paused && taken < window && total < room && (shared || taken == 0) {
                *slots += 1;
                total += 1;
            }
        }
        // Everybody gets a first slot before anybody gets a second.
        if shared && total == before {
            break;
        }
        shared = true;
    }
    let mut grants = Vec::with_capacity(waiting.len());
    for (lane, slots) in waiting.iter().zip(slots).filter(|(_, slots)| *slots > 0) {
        let track = tracks.entry(lane.webhook_key).or_default();
        grants.push(split(lane, slots, track, now));
    }
    grants
}

fn split(lane: &Lane, slots: u32, track: &mut Track, now: UnixMillis) -> Grant {
    let retries_due = lane.retry_due.is_some_and(|due| due <= now);
    let retries = match (lane.first, retries_due) {
        (_, false) => 0,
        (false, true) => slots,
        (true, true) if slots == 1 => {
            track.retry_next = !track.retry_next;
            u32::from(!track.retry_next)
        }
        (true, true) => slots / 2,
    };
    Grant {
        webhook_key: lane.webhook_key,
        first: slots - retries,
        retries,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000);

    fn lane(webhook_key: i64, first: bool, retry_due: Option<i64>) -> Lane {
        Lane {
            webhook_key,
            first,
            retry_due: retry_due.map(UnixMillis),
        }
    }

    fn track(in_flight: u32, healthy: bool) -> Track {
        Track {
            in_flight,
            healthy,
            ..Track::default()
        }
    }

    fn check(lanes: &[Lane], tracks: &[(i64, Track)], expected: &[(i64, u32, u32)]) {
        let mut tracks = tracks.iter().copied().collect();
        let mut granted: Vec<_> = grant(lanes, &mut tracks, NOW)
            .iter()
            .map(|grant| (grant.webhook_key, grant.first, grant.retries))
            .collect();
        granted.sort_unstable();
        assert_eq!(granted, expected);
    }

    #[test]
    fn a_webhook_starts_with_one_slot_and_has_eight_when_healthy() {
        check(&[lane(1, true, None)], &[], &[(1, 1, 0)]);
        check(&[lane(1, true, None)], &[(1, track(0, true))], &[(1, 8, 0)]);
        check(&[lane(1, true, None)], &[(1, track(6, true))], &[(1, 2, 0)]);
        check(&[lane(1, true, None)], &[(1, track(1, false))], &[]);
    }

    #[test]
    fn retries_and_first_attempts_share() {
        let both = [lane(1, true, Some(1_000))];
        check(&both, &[(1, track(0, true))], &[(1, 4, 4)]);
        check(
            &[lane(1, true, Some(1_001))],
            &[(1, track(0, true))],
            &[(1, 8, 0)],
        );
        check(
            &[lane(1, false, Some(999))],
            &[(1, track(0, true))],
            &[(1, 0, 8)],
        );
        let mut tracks = HashMap::new();
        let kinds: Vec<u32> = (0..4)
            .map(|_| grant(&both, &mut tracks, NOW)[0].retries)
            .collect();
        assert_eq!(kinds, [0, 1, 0, 1]);
    }

    #[test]
    fn hanging_webhooks_leave_room_for_the_others() {
        let hanging: Vec<_> = (1..=40).map(|key| (key, track(1, false))).collect();
        check(&[lane(99, true, None)], &hanging, &[(99, 1, 0)]);
        let few: Vec<_> = (1..=19)
            .map(|key| (key, track(1, false)))
            .chain([(99, track(0, true))])
            .collect();
        check(&[lane(99, true, None)], &few, &[(99, 8, 0)]);
        let full: Vec<_> = (1..=64).map(|key| (key, track(1, false))).collect();
        check(&[lane(99, true, None)], &full, &[]);
    }

    #[test]
    fn everybody_gets_one_before_anybody_gets_two() {
        let lanes: Vec<_> = (1..=60).map(|key| lane(key, true, None)).collect();
        let tracks: Vec<_> = (1..=60).map(|key| (key, track(0, true))).collect();
        let expected: Vec<_> = (1..=60).map(|key| (key, 1, 0)).collect();
        check(&lanes, &tracks, &expected);
    }

    #[test]
    fn a_webhook_without_a_route_waits() {
        let paused = Track {
            paused_until: Some(UnixMillis(1_001)),
            ..Track::default()
        };
        check(&[lane(1, true, None)], &[(1, paused)], &[]);
    }
}

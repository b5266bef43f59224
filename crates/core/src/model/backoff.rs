//! Pauses that double with each failure.

use std::time::Duration;

/// A pause that doubles with each consecutive failure, up to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    pub first: Duration,
    pub longest: Duration,
}

impl Backoff {
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// Returns the pause after so many consecutive failures, counted from 1. Does not overflow for
    /// any number.
    pub fn after(self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let pause = self.first.saturating_mul(2u32.saturating_pow(doublings));
        pause.min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_its_longest() {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        let pauses = [0, 1, 2, 3, 6, 7, 8, 40, u32::MAX].map(|failures| backoff.after(failures));
        let expected = [1, 1, 2, 4, 32, 60, 60, 60, 60].map(Duration::from_secs);
        assert_eq!(pauses, expected);
    }
}

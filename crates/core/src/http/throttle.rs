//! Locks out an address that guesses passwords, and no other address (protocol.md 1.2).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::backoff::Backoff;
use crate::model::clock::Clock;

/// This many wrong passwords within [`WINDOW`] lock a peer out.
const LIMIT: u32 = 30;
const WINDOW: Duration = Duration::from_secs(60);
/// How long an address is locked out.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(60), Duration::from_secs(3_600));
/// A peer that makes no request for this long is forgotten.
const MEMORY: Duration = Duration::from_secs(2 * 3_600);
/// The most peers that are remembered; beyond that, the least recently seen are forgotten.
const PEERS: usize = 10_000;

#[derive(Debug)]
struct Peer {
    /// Wrong passwords since `window_start`.
    wrong: u32,
    window_start: Duration,
    /// The peer is locked out until then, by the monotonic clock.
    until: Duration,
    times_out: u32,
    seen: Duration,
}

/// The wrong passwords of every peer.
pub(crate) struct Throttle {
    clock: Arc<dyn Clock>,
    peers: Mutex<HashMap<IpAddr, Peer>>,
}

impl Throttle {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            peers: Mutex::default(),
        }
    }

    /// Returns how long this peer must still wait, or `None` if it may make a request.
    pub fn wait(&self, address: IpAddr) -> Option<Duration> {
        let now = self.clock.monotonic();
        let until = self.peers().get(&group(address))?.until;
        (until > now).then(|| until - now)
    }

    /// Counts a wrong password.
    pub fn wrong_password(&self, address: IpAddr) {
        let now = self.clock.monotonic();
        let mut peers = self.peers();
        if peers.len() >= PEERS {
            forget(&mut peers, now);
        }
        let fresh = Peer {
            wrong: 0,
            window_start: now,
            until: Duration::ZERO,
            times_out: 0,
            seen: now,
        };
        let peer = peers.entry(group(address)).or_insert(fresh);
        if now > peer.window_start + WINDOW {
            (peer.wrong, peer.window_start) = (0, now);
        }
        if now > peer.seen + MEMORY {
            peer.times_out = 0;
        }
        (peer.seen, peer.wrong) = (now, peer.wrong + 1);
        if peer.wrong >= LIMIT {
            peer.times_out += 1;
            peer.until = now + BACKOFF.after(peer.times_out);
            (peer.wrong, peer.window_start) = (0, now);
        }
    }

    fn peers(&self) -> MutexGuard<'_, HashMap<IpAddr, Peer>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets half of [`PEERS`]: peers that are not locked out before those that are, and of each the
/// least recently seen first.
fn forget(peers: &mut HashMap<IpAddr, Peer>, now: Duration) {
    peers.retain(|_, peer| now <= peer.seen + MEMORY);
    let too_many = peers.len().saturating_sub(PEERS / 2);
    let order = |(address, peer): (&IpAddr, &Peer)| (peer.until > now, peer.seen, *address);
    let mut all: Vec<_> = peers.iter().map(order).collect();
    all.sort_unstable();
    for (_, _, address) in all.iter().take(too_many) {
        peers.remove(address);
    }
}

/// Returns the peer of an address: an IPv6 host owns a whole /64, which counts as one peer.
pub(crate) fn group(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::{ManualClock, UnixMillis};

    fn guess(throttle: &Throttle, address: &str, times: u32) -> Option<u64> {
        let address: IpAddr = address.parse().expect("an address");
        for _ in 0..times {
            throttle.wrong_password(address);
        }
        throttle.wait(address).map(|wait| wait.as_secs())
    }

    #[test]
    fn throttle_locks_out_only_the_peer_with_thirty_mistakes_in_a_minute() {
        let clock = Arc::new(ManualClock::new(UnixMillis(0)));
        let throttle = Throttle::new(Arc::clone(&clock) as Arc<dyn Clock>);
        assert_eq!(guess(&throttle, "10.0.0.1", 29), None);
        assert_eq!(guess(&throttle, "10.0.0.1", 1), Some(60));
        assert_eq!(guess(&throttle, "::ffff:10.0.0.1", 0), Some(60));
        assert_eq!(guess(&throttle, "10.0.0.2", 0), None);
        clock.advance(Duration::from_secs(60));
        assert_eq!(guess(&throttle, "10.0.0.1", 0), None);
        assert_eq!(guess(&throttle, "10.0.0.1", 30), Some(120));
    }

    #[test]
    fn throttle_ignores_slow_mistakes_and_treats_a_v6_network_as_one_peer() {
        let clock = Arc::new(ManualClock::new(UnixMillis(0)));
        let throttle = Throttle::new(Arc::clone(&clock) as Arc<dyn Clock>);
        assert_eq!(guess(&throttle, "10.0.0.1", 29), None);
        clock.advance(Duration::from_secs(61));
        assert_eq!(guess(&throttle, "10.0.0.1", 29), None);
        assert_eq!(guess(&throttle, "2001:db8::1", 15), None);
        assert_eq!(guess(&throttle, "2001:db8::2", 15), Some(60));
        assert_eq!(guess(&throttle, "2001:db8:0:1::1", 0), None);
    }

    #[test]
    fn throttle_remembers_a_limited_number_of_peers() {
        let clock = Arc::new(ManualClock::new(UnixMillis(0)));
        let throttle = Throttle::new(Arc::clone(&clock) as Arc<dyn Clock>);
        for network in 0..2 * PEERS as u128 {
            let address = IpAddr::V6(Ipv6Addr::from_bits(0x2001 << 112 | network << 64));
            for _ in 0..LIMIT {
                throttle.wrong_password(address);
            }
        }
        assert!(throttle.peers().len() <= PEERS);
        assert!(guess(&throttle, "2001:0:0:1::", 30).is_some());
    }
}

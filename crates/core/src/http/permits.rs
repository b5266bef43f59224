//! Limits the number of connections, and chooses which one to close when all places are taken.
//!
//! Strangers can open any number of connections and send nothing, so the number of places is
//! limited. A new connection always gets one: it takes the place of the connection that has waited
//! longest for its client (for a request, for the rest of one, or for the reading of a
//! response). A connection whose request is being processed is never closed. So a client that sends
//! its request at once always gets in, even while a thousand silent connections come from its
//! address.
//!
//! A peer may hold at most three quarters of the places, so that others find room; beyond that a
//! new connection replaces one of the peer's own. If most of its connections brought credentials,
//! it may hold seven eighths: in a crowd of busy clients only the newest connections wait, and
//! those would be closed before they could send a request.
//!
//! Cost: a lock and a scan of all places for each connection, and a lock of its own for each
//! change.

use std::cmp::Reverse;
use std::fs;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::Extensions;
use tokio::sync::Notify;

use super::throttle;

/// The most connections. Including the memory of each (`server/connection.rs`) they take
/// some 3 MiB.
const PLACES: usize = 256;
/// The most bodies of strangers that are awaited: each may be as large as the sign-in form.
const BODIES: usize = 32;
/// Connections get one in this many of the process's file descriptors; the store and the attempts
/// of deliveries use the others.
const DESCRIPTORS_SHARE: usize = 2;

/// The states in which a connection waits, in the order in which they are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wait {
    /// It waits for another request.
    Next,
    /// It waits for the first request, or the rest of a head.
    Head,
    /// It waits for the rest of a body.
    Body,
    /// It waits for the client to read its response.
    Reader,
}

#[derive(Debug)]
struct State {
    /// `None` while the request is processed.
    phase: Option<Wait>,
    /// When this phase began, counted by [`Permits::moments`].
    since: u64,
    /// Since when the client does not read the response.
    unread_since: Option<u64>,
    /// A request on it had valid credentials.
    known: bool,
    /// Some of the body has not been read yet.
    unread: bool,
}

/// The place of one connection, which is released when this is dropped.
pub(crate) struct Permit {
    permits: Arc<Permits>,
    held: Arc<Held>,
}

struct Held {
    peer: IpAddr,
    state: Mutex<State>,
    taken: Notify,
}

/// All places of a server.
pub(crate) struct Permits {
    total: usize,
    share: usize,
    /// The share of a peer most of whose connections brought credentials.
    share_of_known: usize,
    held: Mutex<Vec<Arc<Held>>>,
    /// A counter that orders events; the actual time does not matter.
    moments: AtomicU64,
    /// Notifies that a connection ended or began to wait.
    freed: Notify,
}

impl Permits {
    /// Chooses the number of places by the file descriptors that this process may have.
    pub fn new() -> Arc<Self> {
        Self::of(PLACES.min(descriptors() / DESCRIPTORS_SHARE).max(4))
    }

    fn of(total: usize) -> Arc<Self> {
        Arc::new(Self {
            total,
            share: total * 3 / 4,
            share_of_known: total * 7 / 8,
            held: Mutex::default(),
            moments: AtomicU64::new(0),
            freed: Notify::new(),
        })
    }

    /// Waits for a place and returns it.
    pub async fn admit(self: &Arc<Self>, peer: IpAddr) -> Permit {
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            if let Some(permit) = self.try_admit(peer) {
                return permit;
            }
            freed.await;
        }
    }

    /// Returns `None` if all places are taken and all requests are being processed.
    fn try_admit(self: &Arc<Self>, peer: IpAddr) -> Option<Permit> {
        let peer = throttle::group(peer);
        let mut held = lock(&self.held);
        let of_peer = held.iter().filter(|other| other.peer == peer);
        let (mut count, mut known) = (0, 0);
        for one in of_peer {
            count += 1;
            known += usize::from(lock(&one.state).known);
        }
        let share = if known * 2 > count {
            self.share_of_known
        } else {
            self.share
        };
        if count >= share {
            give_up(&mut held, Some(peer));
        }
        if held.len() >= self.total && !give_up(&mut held, None) {
            return None;
        }
        let state = State {
            phase: Some(Wait::Head),
            since: self.moment(),
            unread_since: None,
            known: false,
            unread: false,
        };
        let new = Arc::new(Held {
            peer,
            state: Mutex::new(state),
            taken: Notify::new(),
        });
        held.push(Arc::clone(&new));
        Some(Permit {
            permits: Arc::clone(self),
            held: new,
        })
    }

    /// Closes the connection that is first in order, to get its descriptor.
    pub fn end_one(&self) {
        give_up(&mut lock(&self.held), None);
    }

    fn moment(&self) -> u64 {
        self.moments.fetch_add(1, Ordering::Relaxed)
    }
}

/// Notes that the request has valid credentials.
pub(crate) fn note_known(extensions: &Extensions) {
    if let Some(permit) = extensions.get::<Arc<Permit>>() {
        permit.is_known();
    }
}

/// Closes the connection that is first in order, of this peer or of all. Returns whether there was
/// one.
fn give_up(held: &mut Vec<Arc<Held>>, peer: Option<IpAddr>) -> bool {
    let waiting = |one: &Held| {
        let state = lock(&one.state);
        let wait = match state.unread_since {
            Some(since) => (Wait::Reader, since),
            None => (state.phase?, state.since),
        };
        Some((wait.0, wait.1, state.known))
    };
    let of = |peer| held.iter().filter(|other| other.peer == peer).count();
    let candidates = held.iter().enumerate().filter_map(|(position, one)| {
        if peer.is_some_and(|peer| peer != one.peer) {
            return None;
        }
        let (wait, since, known) = waiting(one)?;
        let order = match peer {
            Some(_) => (wait != Wait::Next && known, Reverse(0), wait, since),
            // Connections with credentials are closed last, and those of peers with many before
            // those of peers with few.
            None => (known, Reverse(of(one.peer)), wait, since),
        };
        Some((order, position))
    });
    let Some((_, position)) = candidates.min() else {
        return false;
    };
    held.swap_remove(position).taken.notify_one();
    true
}

impl Permit {
    /// Returns when the place was given to another connection.
    pub async fn taken(&self) {
        self.held.taken.notified().await;
    }

    /// Notes that the first bytes of the next head have arrived.
    pub fn head_begins(&self) {
        self.change(|state, now| {
            if state.phase == Some(Wait::Next) {
                (state.phase, state.since) = (Some(Wait::Head), now);
            }
        });
    }

    /// Notes that the head is complete and the request is being processed.
    pub fn asked(&self, has_body: bool) {
        self.change(|state, _| (state.phase, state.unread) = (None, has_body));
    }

    /// Begins to wait for the rest of the body. A stranger's body may close the oldest one of
    /// another stranger.
    pub fn body_awaited(&self) {
        self.change(|state, now| (state.phase, state.since) = (Some(Wait::Body), now));
        let mut held = lock(&self.permits.held);
        let awaited = held.iter().enumerate().filter_map(|(position, one)| {
            let state = lock(&one.state);
            (state.phase == Some(Wait::Body) && !state.known).then_some((state.since, position))
        });
        let awaited: Vec<_> = awaited.collect();
        if let Some((_, position)) = awaited.iter().min()
            && awaited.len() > BODIES
        {
            held.swap_remove(*position).taken.notify_one();
        }
    }

    /// Notes that the body is complete.
    pub fn body_read(&self) {
        self.asked(false);
    }

    /// Notes that the response was written. A body that was not read by then never will be.
    pub fn answered(&self) {
        self.change(|state, now| {
            let next = if state.unread { Wait::Body } else { Wait::Next };
            (state.phase, state.since) = (Some(next), now);
        });
    }

    /// Notes whether the client reads the response.
    pub fn read_by_client(&self, reads: bool) {
        self.change(|state, now| state.unread_since = (!reads).then_some(now));
    }

    fn is_known(&self) {
        self.change(|state, _| state.known = true);
    }

    /// Returns whether the client may still be sending data that will not be read.
    pub fn is_amid_request(&self) -> bool {
        let state = lock(&self.held.state);
        state.unread || state.phase == Some(Wait::Head)
    }

    fn change(&self, change: impl FnOnce(&mut State, u64)) {
        change(&mut lock(&self.held.state), self.permits.moment());
        self.permits.freed.notify_waiters();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        lock(&self.permits.held).retain(|other| !Arc::ptr_eq(other, &self.held));
        self.permits.freed.notify_waiters();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns how many file descriptors this process may have (proc(5)); if the system does not report
/// it, the usual minimum of systems.
fn descriptors() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    match soft {
        Some("unlimited") => usize::MAX,
        Some(number) => number.parse().unwrap_or(256),
        None => 256,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn is_taken(permit: &Permit) -> bool {
        permit.taken().now_or_never().is_some()
    }

    #[test]
    fn peer_at_its_share_gives_up_a_place_and_others_find_room() {
        let permits = Permits::of(8);
        let strangers: Vec<_> = (0..6)
            .map(|_| permits.try_admit(address(1)).unwrap())
            .collect();
        strangers[3].asked(false);
        strangers[3].answered();
        let kept = permits.try_admit(address(1)).unwrap();
        assert!(
            is_taken(&strangers[3]),
            "kept without a request it goes first"
        );
        let others: Vec<_> = (2..4)
            .map(|last| permits.try_admit(address(last)).unwrap())
            .collect();
        assert!(!others.iter().chain(&strangers).any(is_taken));
        drop(kept);
        let more = permits.try_admit(address(1)).unwrap();
        assert!(!others.iter().chain(&strangers).any(is_taken));
        let again = permits.try_admit(address(1)).unwrap();
        assert!(is_taken(&strangers[0]) && !is_taken(&strangers[1]));
        assert!(![&more, &again].into_iter().any(is_taken));
    }

    #[test]
    fn peer_with_credentials_has_more_room_and_leaves_some() {
        let permits = Permits::of(16);
        let admit = |_| permits.try_admit(address(1)).unwrap();
        let at_work: Vec<_> = (0..11).map(admit).collect();
        for permit in &at_work {
            permit.is_known();
            permit.asked(false);
        }
        let fresh: Vec<_> = (0..3).map(admit).collect();
        assert!(!fresh.iter().any(is_taken));
        let beyond = permits.try_admit(address(1)).unwrap();
        assert!(is_taken(&fresh[0]) && !is_taken(&beyond));
        let others: Vec<_> = (2..4)
            .map(|last| permits.try_admit(address(last)).unwrap())
            .collect();
        assert!(!others.iter().chain(&fresh[1..]).any(is_taken));
    }

    #[test]
    fn connection_in_use_is_never_closed() {
        let permits = Permits::of(4);
        let all: Vec<_> = (0..4)
            .map(|last| permits.try_admit(address(last)).unwrap())
            .collect();
        all.iter().for_each(|permit| permit.asked(false));
        assert!(permits.try_admit(address(9)).is_none());
        all[2].read_by_client(false);
        let new = permits.try_admit(address(9)).unwrap();
        assert!(is_taken(&all[2]));
        new.asked(false);
        all[1].read_by_client(false);
        all[1].read_by_client(true);
        assert!(permits.try_admit(address(9)).is_none());
        drop(new);
        assert!(permits.try_admit(address(9)).is_some());
    }

    #[test]
    fn connections_of_busy_peers_are_closed_first_and_known_ones_last() {
        let permits = Permits::of(6);
        let known = permits.try_admit(address(1)).unwrap();
        known.is_known();
        known.body_awaited();
        let single = permits.try_admit(address(2)).unwrap();
        let crowd: Vec<_> = (0..4)
            .map(|_| permits.try_admit(address(3)).unwrap())
            .collect();
        crowd[0].body_awaited();
        let victims = [&crowd[1], &crowd[2], &crowd[3], &single, &crowd[0], &known];
        for (number, victim) in victims.into_iter().enumerate() {
            assert!(!is_taken(victim), "{number}");
            let new = permits.try_admit(address(4)).unwrap();
            assert!(is_taken(victim), "{number}");
            new.asked(false);
            std::mem::forget(new);
        }
    }

    #[test]
    fn bodies_of_strangers_are_limited() {
        let permits = Permits::of(4 * BODIES);
        let admit = |_| permits.try_admit(address(1)).unwrap();
        let strangers: Vec<_> = (0..=BODIES).map(admit).collect();
        let known: Vec<_> = (0..=BODIES).map(admit).collect();
        known.iter().for_each(Permit::is_known);
        known
            .iter()
            .chain(&strangers)
            .for_each(Permit::body_awaited);
        assert!(is_taken(&strangers[0]));
        assert!(!known.iter().chain(&strangers[1..]).any(is_taken));
    }

    #[tokio::test]
    async fn admit_waits_if_there_is_no_place() {
        let permits = Permits::of(4);
        let all: Vec<_> = (0..4)
            .map(|last| permits.try_admit(address(last)).unwrap())
            .collect();
        all.iter().for_each(|permit| permit.asked(false));
        let mut waiting = std::pin::pin!(permits.admit(address(9)));
        assert!(waiting.as_mut().now_or_never().is_none());
        all[1].answered();
        assert!(waiting.now_or_never().is_some());
    }
}

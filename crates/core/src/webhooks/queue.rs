//! Remembers which webhooks have waiting deliveries, so that a round looks at these only.
//!
//! The rows are the truth; this queue is read from them and can be read again at any time. The
//! queue looks at a webhook when there is a new row of it, when its time comes, and when a slot is
//! free for it. It looks at all webhooks after a start, and when old rows became due (by a replay,
//! say).
//!
//! Cost of a round: a seek to find new rows, a seek for each new row, and two for each webhook that
//! may get a slot; these are at most twice as many as the free slots. Memory: about 200 bytes for
//! each webhook.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::slots::{self, Load, TOTAL, UNPROVEN, WebhookState};
use crate::model::clock::UnixMillis;
use crate::store::{Claimed, Snapshot, StoreError, WaitingOf};

/// The order in which webhooks get slots: the fewest in flight first, then the one that waited
/// longest.
type Turn = (u32, u64, bool, i64);

/// A webhook that has or had waiting deliveries.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    track: WebhookState,
    /// Whether one of its deliveries is due.
    ready: bool,
    /// When its next delivery is due, as long as none is due now.
    later: Option<UnixMillis>,
    /// Whether it has retries, as far as is known.
    retries: bool,
    /// Its place among the webhooks that may get a slot.
    turn: Option<Turn>,
    /// When its next due time comes.
    at: Option<UnixMillis>,
}

/// The waiting deliveries, by webhook.
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: HashMap<i64, Entry>,
    /// The webhooks that may get a slot and whose latest attempt succeeded.
    proven: BTreeSet<Turn>,
    /// The other webhooks that may get a slot.
    unproven: BTreeSet<Turn>,
    times: BTreeSet<(UnixMillis, i64)>,
    /// Webhooks with attempts in flight.
    in_flight: HashSet<i64>,
    grants: u64,
    /// How far the rows were read; `None` if all webhooks must be looked at.
    seen: Option<Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    last: i64,
    requeues: i64,
    webhooks: usize,
}

/// The deliveries for the free slots.
#[derive(Default)]
pub(super) struct Taken {
    pub claimed: Vec<Claimed>,
    /// The numbers of deliveries that cannot be read because they are damaged.
    pub damaged: Vec<i64>,
}

impl Queue {
    /// Takes up new rows and those that became due, and takes deliveries for the free slots.
    pub fn take(
        &mut self,
        snapshot: &Snapshot<'_>,
        busy: &HashSet<i64>,
        now: UnixMillis,
    ) -> Result<Taken, StoreError> {
        let _timed = tracing::trace_span!("claim").entered();
        self.look(snapshot, busy, now)?;
        let mut taken = Taken::default();
        loop {
            let candidates = self.candidates();
            let mut lanes = Vec::with_capacity(candidates.len());
            for key in &candidates {
                // Reads one more than can go, to learn when the next is due.
                lanes.push(snapshot.waiting_of(*key, slots::PER_WEBHOOK as usize + 1, busy)?);
            }
            let granted = self.grant(&lanes, now);
            let mut emptied = false;
            for (waiting_of, grant) in lanes.iter().zip(granted) {
                let (retries, later) = waiting_of.retries.split_at(grant.retries);
                let (first, more) = waiting_of.first.split_at(grant.first);
                let mut in_flight = 0;
                for seq in first.iter().chain(retries.iter().map(|(seq, _)| seq)) {
                    match snapshot.claimed(*seq) {
                        Ok(claimed) => taken.claimed.push(claimed),
                        Err(StoreError::Damaged) => {
                            taken.damaged.push(*seq);
                            continue;
                        }
                        Err(error) => return Err(error),
                    }
                    in_flight += 1;
                }
                let later = later.first().map(|(_, due_at)| *due_at);
                emptied |= in_flight == 0 && more.is_empty() && later.is_none_or(|at| at > now);
                self.change(waiting_of.webhook_key, now, |entry| {
                    entry.track.in_flight += in_flight;
                    entry.retries = !waiting_of.retries.is_empty();
                    entry.ready = !more.is_empty() || later.is_some_and(|at| at <= now);
                    entry.later = later;
                });
            }
            // If a webhook turned out to have nothing, its place goes to the next one.
            if !emptied {
                return Ok(taken);
            }
        }
    }

    /// Returns when to look again, as far as the waiting deliveries are known.
    pub fn next_due(&self) -> Option<UnixMillis> {
        self.times.first().map(|(at, _)| *at)
    }

    /// Returns whether nothing waits and nothing is in flight.
    pub fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
            && self.times.is_empty()
            && self.proven.is_empty()
            && self.unproven.is_empty()
    }

    /// Frees the slot of an attempt that ended.
    pub fn ended(
        &mut self,
        webhook_key: i64,
        now: UnixMillis,
        change: impl FnOnce(&mut WebhookState),
    ) {
        self.change(webhook_key, now, |entry| {
            entry.track.in_flight = entry.track.in_flight.saturating_sub(1);
            change(&mut entry.track);
        });
    }

    /// Adds a delivery that waits for another attempt, due at that time.
    pub fn waits(&mut self, webhook_key: i64, at: UnixMillis, now: UnixMillis) {
        self.change(webhook_key, now, |entry| {
            entry.retries = true;
            if !entry.ready {
                entry.later = Some(entry.later.map_or(at, |later| later.min(at)));
            }
        });
    }

    /// Ends all pauses.
    pub fn unpause(&mut self, now: UnixMillis, forget: bool) {
        let paused = |(key, entry): (&i64, &Entry)| entry.track.paused_until.map(|_| *key);
        let keys: Vec<i64> = self.entries.iter().filter_map(paused).collect();
        for key in keys {
            self.change(key, now, |entry| {
                entry.track.paused_until = None;
                if forget {
                    entry.track.pauses = 0;
                }
            });
        }
    }

    /// Makes the next round look at all webhooks.
    pub fn look_at_all(&mut self) {
        self.seen = None;
    }

    /// Makes a queue that knows only the attempts in flight.
    pub fn rebuild(in_flight: impl Iterator<Item = i64>, now: UnixMillis) -> Self {
        let mut queue = Self::default();
        for key in in_flight {
            queue.change(key, now, |entry| entry.track.in_flight += 1);
        }
        queue
    }

    /// Takes up new rows, those that became due, or all rows.
    fn look(
        &mut self,
        snapshot: &Snapshot<'_>,
        busy: &HashSet<i64>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let requeues = snapshot.requeues()?;
        let crowded = |seen: &Seen| self.entries.len() > 2 * seen.webhooks + 1_000;
        let seen = self
            .seen
            .filter(|seen| seen.requeues == requeues && !crowded(seen));
        let Some(mut seen) = seen else {
            return self.look_at_each(snapshot, busy, now, requeues);
        };
        for (seq, key) in snapshot.queued_after(seen.last)? {
            seen.last = seq;
            self.change(key, now, |entry| (entry.ready, entry.later) = (true, None));
        }
        self.seen = Some(seen);
        while let Some((at, key)) = self.times.first().copied()
            && at <= now
        {
            self.change(key, now, |entry| {
                entry.ready |= entry.later.take().is_some();
            });
        }
        Ok(())
    }

    fn look_at_each(
        &mut self,
        snapshot: &Snapshot<'_>,
        busy: &HashSet<i64>,
        now: UnixMillis,
        requeues: i64,
    ) -> Result<(), StoreError> {
        let last = snapshot.last_queued()?;
        let keys = snapshot.webhook_keys()?;
        let known: HashSet<i64> = keys.iter().copied().collect();
        let gone = |(key, entry): (&i64, &Entry)| {
            (!known.contains(key) && entry.track.in_flight == 0).then_some(*key)
        };
        for key in self.entries.iter().filter_map(gone).collect::<Vec<_>>() {
            self.displace(key);
            self.entries.remove(&key);
        }
        for key in &keys {
            let waiting_of = snapshot.waiting_of(*key, 1, busy)?;
            let later = waiting_of.retries.first().map(|(_, due_at)| *due_at);
            self.change(*key, now, |entry| {
                entry.retries = later.is_some();
                entry.ready = !waiting_of.first.is_empty() || later.is_some_and(|at| at <= now);
                entry.later = later.filter(|_| !entry.ready);
            });
        }
        self.seen = Some(Seen {
            last,
            requeues,
            webhooks: keys.len(),
        });
        Ok(())
    }

    /// Returns the webhooks that may get a slot now, in their order.
    fn candidates(&self) -> Vec<i64> {
        let Load { total, unproven } = self.load();
        let free = TOTAL.saturating_sub(total);
        let mut turns: Vec<Turn> = Vec::new();
        let mut of = |turns_of: &BTreeSet<Turn>, most: u32| {
            // After half of the slots are taken, only webhooks with none in flight get one.
            let may = |turn: &&Turn| total < slots::SHARED || turn.0 == 0;
            turns.extend(turns_of.iter().take_while(may).take(most as usize));
        };
        of(&self.proven, free);
        of(&self.unproven, free.min(UNPROVEN.saturating_sub(unproven)));
        turns.sort_unstable();
        turns.into_iter().map(|(.., key)| key).collect()
    }

    fn grant(&mut self, lanes: &[WaitingOf], now: UnixMillis) -> Vec<slots::Grant> {
        let load = self.load();
        let track = |waiting_of: &WaitingOf| {
            self.entries
                .get(&waiting_of.webhook_key)
                .map(|entry| entry.track)
        };
        let mut tracks: Vec<WebhookState> = lanes
            .iter()
            .map(|waiting_of| track(waiting_of).unwrap_or_default())
            .collect();
        self.grants += 1;
        let granted = slots::grant(lanes, &mut tracks, load, self.grants, now);
        for (waiting_of, track) in lanes.iter().zip(tracks) {
            if let Some(entry) = self.entries.get_mut(&waiting_of.webhook_key) {
                entry.track = track;
            }
        }
        granted
    }

    fn load(&self) -> Load {
        let mut load = Load::default();
        for entry in self
            .in_flight
            .iter()
            .filter_map(|key| self.entries.get(key))
        {
            load.add(&entry.track);
        }
        load
    }

    /// Changes an entry and moves it to its new place in the order.
    fn change(&mut self, key: i64, now: UnixMillis, change: impl FnOnce(&mut Entry)) {
        self.displace(key);
        let entry = self.entries.entry(key).or_default();
        change(entry);
        let track = &mut entry.track;
        track.paused_until = track.paused_until.filter(|until| *until > now);
        if track.in_flight > 0 {
            self.in_flight.insert(key);
        } else {
            self.in_flight.remove(&key);
        }
        entry.at = match (entry.ready, track.paused_until) {
            (true, pause) => pause,
            (false, pause) => entry.later.map(|at| at.max(pause.unwrap_or(at))),
        };
        self.times.extend(entry.at.map(|at| (at, key)));
        let may = entry.ready && track.paused_until.is_none() && track.in_flight < track.window();
        entry.turn = may.then_some((track.in_flight, track.turn(), entry.retries, key));
        let turns = if track.healthy {
            &mut self.proven
        } else {
            &mut self.unproven
        };
        turns.extend(entry.turn);
    }

    fn displace(&mut self, key: i64) {
        let Some(entry) = self.entries.get_mut(&key) else {
            return;
        };
        if let Some(turn) = entry.turn.take() {
            self.proven.remove(&turn);
            self.unproven.remove(&turn);
        }
        if let Some(at) = entry.at.take() {
            self.times.remove(&(at, key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    const NOW: UnixMillis = UnixMillis(1_000);

    /// Makes a store of webhooks with so many queued deliveries each.
    fn store(webhooks: i64, each: i64) -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let fill = store.write(move |transaction| transaction.fill_queue(webhooks, each));
        fill.wait().unwrap();
        (dir, store)
    }

    fn take(store: &Store, queue: &mut Queue, busy: &HashSet<i64>) -> Vec<Claimed> {
        store
            .read(|snapshot| queue.take(snapshot, busy, NOW))
            .unwrap()
            .claimed
    }

    /// No round looks at more webhooks than there can be slots, and no webhook is forgotten.
    #[test]
    fn queue_costs_the_same_however_many_webhooks_wait() {
        let (_dir, store) = store(2_000, 1);
        let (mut queue, mut busy, mut seen) = (Queue::default(), HashSet::new(), HashSet::new());
        for round in 0..200 {
            let claimed = take(&store, &mut queue, &busy);
            if claimed.is_empty() {
                break;
            }
            assert!(claimed.len() <= TOTAL as usize, "round {round}");
            assert!(queue.candidates().len() <= TOTAL as usize);
            for delivery in &claimed {
                // A busy delivery is not found again; it stays in the store.
                busy.insert(delivery.seq);
                assert!(seen.insert(delivery.seq), "twice");
                queue.ended(delivery.webhook_key, NOW, |track| track.healthy = true);
            }
        }
        assert_eq!(seen.len(), 2_000);
        assert_eq!(queue.next_due(), None);
    }

    #[test]
    fn queue_finds_new_retried_and_replayed_deliveries() {
        let (_dir, store) = store(3, 1);
        let (mut queue, mut busy) = (Queue::default(), HashSet::new());
        let first = take(&store, &mut queue, &busy);
        assert_eq!(first.len(), 3);
        for delivery in &first {
            queue.ended(delivery.webhook_key, NOW, |track| track.healthy = true);
            busy.insert(delivery.seq);
        }
        assert!(take(&store, &mut queue, &busy).is_empty());
        // New deliveries are found.
        let more = store.write(|transaction| transaction.fill_queue(0, 2));
        more.wait().unwrap();
        let new = take(&store, &mut queue, &busy);
        assert_eq!(new.len(), 6);
        for delivery in &new {
            queue.ended(delivery.webhook_key, NOW, |track| track.healthy = true);
            busy.insert(delivery.seq);
        }
        // A delivery that is not over is found when it is due.
        busy.remove(&first[0].seq);
        queue.waits(first[0].webhook_key, UnixMillis(5_000), NOW);
        assert!(take(&store, &mut queue, &busy).is_empty());
        assert_eq!(queue.next_due(), Some(UnixMillis(5_000)));
        let due = |snapshot: &Snapshot<'_>| queue.take(snapshot, &busy, UnixMillis(5_000));
        assert_eq!(store.read(due).unwrap().claimed.len(), 1);
        busy.insert(first[0].seq);
        // A replay of another delivery is found, although nobody notified the queue.
        let seq = first[1].seq;
        let replay = store.write(move |transaction| {
            transaction.settle_for_test(seq)?;
            transaction.replay_all(&[seq], NOW)
        });
        assert_eq!(replay.wait().unwrap(), 1);
        busy.remove(&seq);
        let replayed = take(&store, &mut queue, &busy);
        assert_eq!(
            replayed
                .iter()
                .map(|delivery| delivery.seq)
                .collect::<Vec<_>>(),
            [seq]
        );
    }
}

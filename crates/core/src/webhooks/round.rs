//! A round of the deliverer, as the store sees it: what may go next, and the write of what ended.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::attempt::Ended;
use super::slots::{self, Track};
use crate::clock::UnixMillis;
use crate::store::{Claimed, Snapshot, StoreError, Transaction};

/// What may go next.
pub(super) struct Round {
    pub claimed: Vec<Claimed>,
    /// What cannot be read for damage, by number.
    pub damaged: Vec<i64>,
    /// When the next one is due; `None` if nothing waits for a time.
    pub next_due: Option<UnixMillis>,
    pub tracks: HashMap<i64, Track>,
}

/// Shares the free slots among the webhooks and reads what goes into them.
pub(super) fn what_may_go(
    snapshot: &Snapshot<'_>,
    busy: &HashSet<i64>,
    now: UnixMillis,
    mut tracks: HashMap<i64, Track>,
) -> Result<Round, StoreError> {
    let _timed = tracing::trace_span!("claim").entered();
    // One more than can go tells when the next is due.
    let lanes = snapshot.lanes(slots::PER_WEBHOOK as usize + 1, busy)?;
    tracks.retain(|key, track| {
        track.in_flight > 0 || lanes.iter().any(|lane| lane.webhook_key == *key)
    });
    let mut claimed = Vec::new();
    let mut damaged = Vec::new();
    let mut next_due = Vec::new();
    let grants = slots::grant(&lanes, &mut tracks, now);
    for (lane, grant) in lanes.iter().zip(grants) {
        let (retries, later) = lane.retries.split_at(grant.retries);
        let pause = tracks
            .get(&lane.webhook_key)
            .and_then(|track| track.paused_until);
        let retry = later.first().map(|(_, due_at)| *due_at);
        next_due.extend(match pause {
            Some(pause) if !lane.first.is_empty() => Some(pause),
            pause => retry.map(|due_at| due_at.max(pause.unwrap_or(due_at))),
        });
        let first = lane.first.iter().take(grant.first);
        for seq in first.chain(retries.iter().map(|(seq, _)| seq)) {
            match snapshot.claimed(*seq) {
                Ok(delivery) => claimed.push(delivery),
                Err(StoreError::Damaged) => damaged.push(*seq),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(Round {
        claimed,
        damaged,
        // What is due already waits for a slot, not for a time.
        next_due: next_due.into_iter().filter(|due| *due > now).min(),
        tracks,
    })
}

/// The one transaction of what ended.
pub(super) fn settle_all(
    transaction: &Transaction<'_>,
    ended: &[Arc<Ended>],
    now: UnixMillis,
) -> Result<(), StoreError> {
    for end in ended {
        if transaction.settle(&end.settlement, now)? && !end.is_quiet() {
            transaction.log(&end.log)?;
        }
    }
    Ok(())
}

/// The same without the records of the attempts, where those are damaged.
pub(super) fn settle_bare(
    transaction: &Transaction<'_>,
    ended: &[Arc<Ended>],
    now: UnixMillis,
) -> Result<(), StoreError> {
    let mut ended = ended.iter();
    ended.try_for_each(|end| transaction.end(&end.settlement, now).map(drop))
}

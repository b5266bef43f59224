//! Decides which deliveries get a slot. Pure: the deliverer passes in the waiting deliveries and
//! those in flight.
//!
//! Half of the slots are only for webhooks with none in flight, so hanging receivers leave room for
//! the others. A webhook has one slot until an attempt of it succeeds, and again after one fails,
//! so a receiver that hangs holds one slot and not eight. Even if more receivers hang than there
//! are slots, some slots are left for webhooks whose latest attempt succeeded. The webhook that
//! waited longest goes first, so long queues of some webhooks never shut out the others.

use crate::model::clock::UnixMillis;
use crate::store::WaitingOf;

/// The most attempts in flight.
pub(super) const TOTAL: u32 = 64;
/// The slots of these that a webhook with something in flight may still take.
pub(super) const SHARED: u32 = TOTAL / 2;
/// The slots that webhooks may take whose latest attempt did not succeed.
pub(super) const UNPROVEN: u32 = TOTAL - TOTAL / 4;
/// The most attempts in flight for one healthy webhook.
pub(super) const PER_WEBHOOK: u32 = 8;

/// The deliverer's memory of a webhook; none of it must survive a restart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WebhookState {
    pub in_flight: u32,
    /// Whether its latest attempt succeeded.
    pub healthy: bool,
    /// No attempt starts before this time, because the device had no route.
    pub paused_until: Option<UnixMillis>,
    /// How many times in a row the device had no route.
    pub pauses: u32,
    /// With one slot, retries and first attempts alternate; true if a retry is next.
    retry_next: bool,
    /// The number of the grant, counted from 1, that last gave it a slot; 0 for never.
    turn: u64,
}

impl WebhookState {
    /// Returns how many attempts of the webhook may be in flight.
    pub fn window(&self) -> u32 {
        if self.healthy { PER_WEBHOOK } else { 1 }
    }

    /// Returns the number of the grant that last gave it a slot.
    pub fn turn(&self) -> u64 {
        self.turn
    }
}

/// How many deliveries of a webhook may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Grant {
    pub first: usize,
    pub retries: usize,
}

/// The attempts in flight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Load {
    pub total: u32,
    /// Those of webhooks whose latest attempt did not succeed.
    pub unproven: u32,
}

impl Load {
    /// Adds the attempts in flight of a webhook.
    pub fn add(&mut self, track: &WebhookState) {
        self.total += track.in_flight;
        if !track.healthy {
            self.unproven += track.in_flight;
        }
    }
}

/// Shares the free slots among the webhooks. The grants and the `tracks` are in the order of the
/// `lanes`. `load` counts the attempts in flight of all webhooks, and `turn` is the number of this
/// grant. Retries get half of a webhook's slots, so neither retries nor first attempts get stuck
/// behind the others.
pub(super) fn grant(
    lanes: &[WaitingOf],
    tracks: &mut [WebhookState],
    load: Load,
    turn: u64,
    now: UnixMillis,
) -> Vec<Grant> {
    let priority = |tracks: &[WebhookState], waiting_of: usize| {
        let track = tracks[waiting_of];
        // After a start, the waiting retries are the only sign of which webhooks failed before.
        (
            track.in_flight,
            track.turn,
            !lanes[waiting_of].retries.is_empty(),
        )
    };
    let Load {
        mut total,
        mut unproven,
    } = load;
    let due: Vec<usize> = lanes
        .iter()
        .map(|waiting_of| due_retries(waiting_of, now))
        .collect();
    let mut waiting: Vec<usize> = (0..lanes.len())
        .filter(|waiting_of| !lanes[*waiting_of].first.is_empty() || due[*waiting_of] > 0)
        .collect();
    // Webhooks with the fewest attempts in flight choose first; among these, the one that waited
    // longest.
    waiting.sort_by_key(|waiting_of| priority(tracks, *waiting_of));
    let mut slots: Vec<u32> = vec![0; lanes.len()];
    let mut shared = false;
    loop {
        let before = total;
        for waiting_of in &waiting {
            let wanted = lanes[*waiting_of].first.len() + due[*waiting_of];
            let track = &mut tracks[*waiting_of];
            let slots = &mut slots[*waiting_of];
            let taken = track.in_flight + *slots;
            let room = if taken == 0 { TOTAL } else { SHARED };
            let window = track.window();
            let paused = track.paused_until.is_some_and(|until| until > now);
            let proven = track.healthy || unproven < UNPROVEN;
            let may = !paused && taken < window && total < room && (shared || taken == 0);
            if may && proven && (*slots as usize) < wanted {
                *slots += 1;
                total += 1;
                unproven += u32::from(!track.healthy);
                track.turn = turn;
            }
        }
        // Every webhook gets a first slot before any gets a second.
        if shared && total == before {
            break;
        }
        shared = true;
    }
    let shares = lanes.iter().zip(slots).zip(due).zip(tracks);
    shares
        .map(|(((waiting_of, slots), due), track)| split(waiting_of, slots as usize, due, track))
        .collect()
}

/// Returns how many retries at the head of the queue are due.
fn due_retries(waiting_of: &WaitingOf, now: UnixMillis) -> usize {
    waiting_of
        .retries
        .partition_point(|(_, due_at)| *due_at <= now)
}

fn split(waiting_of: &WaitingOf, slots: usize, due: usize, track: &mut WebhookState) -> Grant {
    let first = waiting_of.first.len();
    let mut retries = due.min((slots / 2).max(slots.saturating_sub(first)));
    if slots == 1 && first > 0 && due > 0 {
        track.retry_next = !track.retry_next;
        retries = usize::from(!track.retry_next);
    }
    Grant {
        first: first.min(slots - retries),
        retries,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000);

    /// Makes a webhook's queue with so many first attempts, and retries with these due times.
    fn waiting_of(webhook_key: i64, first: i64, due: &[i64]) -> WaitingOf {
        WaitingOf {
            webhook_key,
            first: (0..first).collect(),
            retries: due.iter().map(|due| (100, UnixMillis(*due))).collect(),
        }
    }

    fn track(in_flight: u32, healthy: bool) -> WebhookState {
        WebhookState {
            in_flight,
            healthy,
            ..WebhookState::default()
        }
    }

    /// Grants slots among all webhooks.
    fn grant_all(lanes: &[WaitingOf], tracks: &mut HashMap<i64, WebhookState>) -> Vec<Grant> {
        let mut load = Load::default();
        tracks.values().for_each(|track| load.add(track));
        let turn = 1 + tracks.values().map(WebhookState::turn).max().unwrap_or(0);
        let of = |waiting_of: &WaitingOf| tracks.get(&waiting_of.webhook_key).copied();
        let mut own: Vec<_> = lanes
            .iter()
            .map(|waiting_of| of(waiting_of).unwrap_or_default())
            .collect();
        let grants = grant(lanes, &mut own, load, turn, NOW);
        tracks.extend(
            lanes
                .iter()
                .map(|waiting_of| waiting_of.webhook_key)
                .zip(own),
        );
        grants
    }

    fn check(lanes: &[WaitingOf], tracks: &[(i64, WebhookState)], expected: &[(usize, usize)]) {
        let mut tracks = tracks.iter().copied().collect();
        let granted: Vec<_> = grant_all(lanes, &mut tracks)
            .iter()
            .map(|grant| (grant.first, grant.retries))
            .collect();
        assert_eq!(granted, expected);
    }

    #[test]
    fn grant_gives_one_slot_at_first_and_eight_when_healthy() {
        let queue = [waiting_of(1, 9, &[])];
        check(&queue, &[], &[(1, 0)]);
        check(&queue, &[(1, track(0, true))], &[(8, 0)]);
        check(&queue, &[(1, track(6, true))], &[(2, 0)]);
        check(&queue, &[(1, track(1, false))], &[(0, 0)]);
        check(&[waiting_of(1, 0, &[])], &[(1, track(0, true))], &[(0, 0)]);
    }

    #[test]
    fn grant_shares_between_retries_and_first_attempts() {
        let healthy = [(1, track(0, true))];
        check(&[waiting_of(1, 9, &[1_000; 9])], &healthy, &[(4, 4)]);
        check(&[waiting_of(1, 9, &[1_000; 2])], &healthy, &[(6, 2)]);
        check(&[waiting_of(1, 2, &[1_000; 9])], &healthy, &[(2, 6)]);
        check(&[waiting_of(1, 9, &[1_001; 9])], &healthy, &[(8, 0)]);
        check(&[waiting_of(1, 0, &[999; 9])], &healthy, &[(0, 8)]);
        let mut tracks = HashMap::new();
        let both = [waiting_of(1, 9, &[1_000])];
        let kinds: Vec<_> = (0..4)
            .map(|_| grant_all(&both, &mut tracks)[0].retries)
            .collect();
        assert_eq!(kinds, [0, 1, 0, 1]);
    }

    #[test]
    fn grant_leaves_room_beside_hanging_webhooks() {
        let queue = [waiting_of(99, 9, &[])];
        let hanging: Vec<_> = (1..=40).map(|key| (key, track(1, false))).collect();
        check(&queue, &hanging, &[(1, 0)]);
        let few: Vec<_> = (1..=19)
            .map(|key| (key, track(1, false)))
            .chain([(99, track(0, true))])
            .collect();
        check(&queue, &few, &[(8, 0)]);
        let full: Vec<_> = (1..=64).map(|key| (key, track(1, false))).collect();
        check(&queue, &full, &[(0, 0)]);
    }

    /// Two hundred queues never empty; each of their attempts takes a whole round and fails.
    #[test]
    fn grant_lets_hanging_webhooks_take_turns_beside_a_good_one() {
        let lanes: Vec<_> = (1..=201).map(|key| waiting_of(key, 9, &[])).collect();
        let mut tracks = HashMap::from([(201, track(0, true))]);
        let mut attempts = vec![0; 200];
        for round in 1..=10 {
            let grants = grant_all(&lanes, &mut tracks);
            assert!(grants[200].first > 0, "round {round}");
            for (count, grant) in attempts.iter_mut().zip(&grants) {
                *count += grant.first;
            }
        }
        assert!(
            attempts.iter().all(|count| (2..=3).contains(count)),
            "{attempts:?}"
        );
    }

    #[test]
    fn grant_puts_webhooks_with_retries_last_after_a_start() {
        let failed = (1..=64).map(|key| waiting_of(key, 9, &[2_000]));
        let lanes: Vec<_> = failed.chain([waiting_of(65, 9, &[])]).collect();
        assert_eq!(grant_all(&lanes, &mut HashMap::new())[64].first, 1);
    }

    #[test]
    fn grant_gives_every_webhook_one_slot_before_a_second() {
        let lanes: Vec<_> = (1..=60).map(|key| waiting_of(key, 9, &[])).collect();
        let tracks: Vec<_> = (1..=60).map(|key| (key, track(0, true))).collect();
        check(&lanes, &tracks, &[(1, 0); 60]);
    }

    #[test]
    fn grant_skips_a_webhook_without_a_route() {
        let paused = WebhookState {
            paused_until: Some(UnixMillis(1_001)),
            ..WebhookState::default()
        };
        check(&[waiting_of(1, 9, &[])], &[(1, paused)], &[(0, 0)]);
    }
}

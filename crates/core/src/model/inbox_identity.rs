//! Gives a message one identity whether it comes by its broadcast, from the phone inbox, or both,
//! in either order. Pure; `store/phone_rows.rs` finds the candidates, and this module decides.
//!
//! * A row of the phone inbox has a *name*: sender, text and the second of the service centre. If
//!   the phone does not know that second, the name has the millisecond in which the phone received
//!   the message. The nth row of a name in one reading is the nth row ever stored under that name. So
//!   a row is recognised when it is read again, and true repeats are distinguished by their count.
//! * A new row is the message of a broadcast with the same sender, text and second; otherwise that
//!   of one with the same sender and text that came within [`NEAR`] of it. One broadcast absorbs one
//!   row, and then stops being a candidate.
//! * A broadcast that comes after its row was read absorbs that row in the same way. In this case,
//!   known seconds that differ mean two messages: the row of the second message may still come.
//!
//! Cost: one SHA-256 of sender and text per message. Matching takes one hash lookup per row, and a
//! walk over the earlier messages of equal sender and text.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use ring::digest::{Context, SHA256};

use super::clock::UnixMillis;

/// The largest accepted difference between the phone's time of receipt and ours.
pub(crate) const NEAR: Duration = Duration::from_secs(600);

/// Returns the content hash, a number that is equal for equal sender and text: the first eight
/// bytes of a SHA-256. Never 0, which means "not computed" in rows of older versions.
pub(crate) fn content_hash(sender: &str, text: &str) -> i64 {
    let mut context = Context::new(&SHA256);
    // The length distinguishes "1" + "23" from "12" + "3".
    context.update(&(sender.len() as u64).to_le_bytes());
    context.update(sender.as_bytes());
    context.update(text.as_bytes());
    let head = context.finish().as_ref().first_chunk().copied();
    match i64::from_le_bytes(head.unwrap_or_default()) {
        0 => 1,
        number => number,
    }
}

/// Rounds a service centre's time down to its second, in milliseconds.
pub(crate) fn second(at: UnixMillis) -> UnixMillis {
    UnixMillis(at.seconds().saturating_mul(1000))
}

/// Returns the first and last millisecond of a second.
fn whole_second(at: UnixMillis) -> Span {
    let first = second(at);
    (first, first.plus(Duration::from_millis(999)))
}

/// Returns the times within [`NEAR`] of this one.
pub(crate) fn near(at: UnixMillis) -> Span {
    (at.minus(NEAR), at.plus(NEAR))
}

/// The fields that identify a row of the phone inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RowName {
    pub content_hash: i64,
    /// The service centre's second; `None` if the phone does not know it.
    pub sent_at: Option<UnixMillis>,
    /// When the phone received it.
    pub received_at: UnixMillis,
}

/// Counts the rows of equal name within one reading. Takes 32 bytes per row.
#[derive(Debug, Default)]
pub(crate) struct Occurrences(HashMap<RowName, u32>);

impl Occurrences {
    /// Returns how many earlier rows of this reading have this name.
    pub fn count(&mut self, name: RowName) -> u32 {
        // If the second is known, the time of receipt is ignored: it may change when a row is
        // restored or rewritten.
        let key = match name.sent_at {
            Some(_) => RowName {
                received_at: UnixMillis(0),
                ..name
            },
            None => name,
        };
        let seen = self.0.entry(key).or_default();
        *seen += 1;
        *seen - 1
    }
}

/// A message that has no row of the phone inbox yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub seq: i64,
    pub content_hash: i64,
    /// The service centre's time, or ours if there was none to trust.
    pub received_at: UnixMillis,
    /// When it was reported to the core.
    pub created_at: UnixMillis,
}

/// How rows are matched. All rows of a reading are matched by second before any is matched by time,
/// so that no row takes a message that belongs to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The second of the service centre is equal.
    Second,
    /// The times of receipt are near each other.
    Near,
}

impl Stage {
    fn fits(self, row: &RowName, candidate: &Candidate) -> bool {
        match self {
            Self::Second => row.sent_at == Some(second(candidate.received_at)),
            Self::Near => [candidate.created_at, candidate.received_at]
                .iter()
                .any(|at| within(*at, near(row.received_at))),
        }
    }
}

fn within(at: UnixMillis, (from, to): Span) -> bool {
    from <= at && at <= to
}

/// Returns the time spans in which candidates for these rows may have come, with both ends
/// included: by `received_at` and by `created_at`. They are sorted and do not overlap.
pub(crate) fn spans(stage: Stage, rows: &[RowName]) -> (Vec<Span>, Vec<Span>) {
    match stage {
        Stage::Second => {
            let seconds = rows.iter().filter_map(|row| row.sent_at.map(whole_second));
            (merged(seconds.collect()), Vec::new())
        }
        Stage::Near => {
            // A promptly reported message has its two times within a span of each other, so the
            // first kind finds it; `inbox_delayed` holds the others.
            let wide = |row: &RowName| {
                let (from, to) = near(row.received_at);
                (from.minus(NEAR), to.plus(NEAR))
            };
            let created = rows.iter().map(|row| near(row.received_at));
            (
                merged(rows.iter().map(wide).collect()),
                merged(created.collect()),
            )
        }
    }
}

/// A time span, with both ends included.
pub(crate) type Span = (UnixMillis, UnixMillis);

fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut merged: Vec<Span> = Vec::new();
    for (from, to) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// The message of an unknown row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowMatch {
    /// The message of that number.
    Known(i64),
    /// A message that no broadcast reported.
    New,
    /// Either of them: a broadcast came during this reading, and its own row may not have been
    /// read. The next reading decides.
    Undecided,
}

/// Matches each row. Each candidate is used once, and the earliest that fits is taken: taking the
/// nearest could leave another row without any. Candidates after the message `last` came during the
/// reading.
pub(crate) fn absorb(
    stage: Stage,
    rows: &[RowName],
    mut candidates: Vec<Candidate>,
    last: i64,
) -> Vec<RowMatch> {
    candidates.sort_by_key(|candidate| (candidate.created_at, candidate.seq));
    candidates.dedup_by_key(|candidate| candidate.seq);
    let mut of_twin: HashMap<i64, VecDeque<Candidate>> = HashMap::new();
    for candidate in candidates {
        of_twin
            .entry(candidate.content_hash)
            .or_default()
            .push_back(candidate);
    }
    let judge = |row: &RowName| {
        let Some(known) = of_twin.get_mut(&row.content_hash) else {
            return RowMatch::New;
        };
        let fits = |candidate: &Candidate| stage.fits(row, candidate);
        let is_clear =
            |candidate: &Candidate| candidate.seq <= last || Stage::Second.fits(row, candidate);
        let place = known.iter().position(|one| fits(one) && is_clear(one));
        match place.and_then(|place| known.remove(place)) {
            Some(candidate) => RowMatch::Known(candidate.seq),
            None if known.iter().any(fits) => RowMatch::Undecided,
            None => RowMatch::New,
        }
    };
    rows.iter().map(judge).collect()
}

/// A row that was read before any broadcast reported its message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LateRow {
    pub seq: i64,
    pub inbox_seq: i64,
    pub sent_at: Option<UnixMillis>,
    pub received_at: UnixMillis,
    /// No event was emitted for its message yet.
    pub silent: bool,
}

/// Finds the row that this broadcast duplicates, among the rows of equal sender and text, oldest
/// first. The broadcast comes `now` and has that service centre's time.
pub(crate) fn absorb_broadcast(
    rows: &[LateRow],
    sent_at: Option<UnixMillis>,
    now: UnixMillis,
) -> Option<LateRow> {
    let sent = sent_at.map(second);
    let same_second = |row: &&LateRow| sent.is_some() && row.sent_at == sent;
    let is_near = |row: &&LateRow| {
        (sent.is_none() || row.sent_at.is_none())
            && [Some(now), sent_at]
                .iter()
                .flatten()
                .any(|at| within(*at, near(row.received_at)))
    };
    let found = rows
        .iter()
        .find(same_second)
        .or_else(|| rows.iter().find(is_near));
    found.copied()
}

/// Returns the time from which rows become events: the first start, or the grant if that was later.
/// If the clock is before that time, it was set back, and the first look after that counts instead.
/// The second value stores that look (`None` if it is no longer needed).
pub(crate) fn events_from(
    first: UnixMillis,
    set_back: Option<UnixMillis>,
    now: UnixMillis,
) -> (UnixMillis, Option<UnixMillis>) {
    if now >= first {
        return (first, None);
    }
    let from = set_back.filter(|at| *at <= now).unwrap_or(now);
    (from, Some(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn row(sent_at: Option<i64>, received_at: i64) -> RowName {
        RowName {
            content_hash: 1,
            sent_at: sent_at.map(UnixMillis),
            received_at: UnixMillis(received_at),
        }
    }

    fn candidate(seq: i64, received_at: i64, created_at: i64) -> Candidate {
        Candidate {
            seq,
            content_hash: 1,
            received_at: UnixMillis(received_at),
            created_at: UnixMillis(created_at),
        }
    }

    #[test]
    fn content_hash_separates_sender_and_text() {
        assert_eq!(content_hash("+1", "code"), content_hash("+1", "code"));
        for (sender, text) in [
            ("+1c", "ode"),
            ("", "+1code"),
            ("+1", "Code"),
            ("+2", "code"),
        ] {
            assert_ne!(
                content_hash("+1", "code"),
                content_hash(sender, text),
                "{sender} {text}"
            );
        }
        assert_ne!(content_hash("", ""), 0);
    }

    #[test]
    fn occurrences_number_the_rows_of_one_name() {
        let mut seen = Occurrences::default();
        for (name, nth) in [
            (row(Some(5_000), 7_000), 0),
            // The same row, rewritten with another time of receipt.
            (row(Some(5_000), 9_000), 1),
            (row(Some(6_000), 7_000), 0),
            (row(None, 7_000), 0),
            (row(None, 7_001), 0),
            (row(None, 7_000), 1),
        ] {
            assert_eq!(seen.count(name), nth, "{name:?}");
        }
    }

    #[test]
    fn absorb_uses_a_candidate_once_and_by_what_fits() {
        let check =
            |stage, rows: &[RowName], candidates: &[Candidate], expected: &[Option<i64>]| {
                let found = absorb(stage, rows, candidates.to_vec(), 9);
                let verdict = |seq: &Option<i64>| seq.map_or(RowMatch::New, RowMatch::Known);
                let expected: Vec<_> = expected.iter().map(verdict).collect();
                assert_eq!(found, expected, "{rows:?}");
            };
        let (second, near) = (Stage::Second, Stage::Near);
        check(
            second,
            &[row(Some(5_000), 99 * MINUTE)],
            &[candidate(1, 5_999, 0)],
            &[Some(1)],
        );
        check(
            second,
            &[row(Some(5_000), 5_000)],
            &[candidate(1, 6_000, 6_000)],
            &[None],
        );
        check(
            second,
            &[row(None, 5_000)],
            &[candidate(1, 5_000, 5_000)],
            &[None],
        );
        let twice = [row(Some(5_000), 5_000), row(Some(5_000), 5_001)];
        check(
            second,
            &twice,
            &[candidate(1, 5_000, 5_000)],
            &[Some(1), None],
        );
        check(
            near,
            &[row(None, 10 * MINUTE)],
            &[candidate(1, 0, 0)],
            &[Some(1)],
        );
        check(
            near,
            &[row(None, 10 * MINUTE + 1)],
            &[candidate(1, 0, 0)],
            &[None],
        );
        let hours_late = [candidate(1, -99 * MINUTE, MINUTE)];
        check(near, &[row(Some(0), MINUTE)], &hours_late, &[Some(1)]);
        // The earliest is taken, so that the other row finds one too.
        let rows = [row(None, 8 * MINUTE), row(None, 18 * MINUTE)];
        let two = [candidate(2, 9 * MINUTE, 9 * MINUTE), candidate(1, 0, 0)];
        check(near, &rows, &two, &[Some(1), Some(2)]);
        let mut other = candidate(1, 0, 0);
        other.content_hash = 2;
        check(near, &[row(None, 0)], &[other], &[None]);
        // The candidate was found by both of its times.
        let found_twice = [candidate(1, 0, 0), candidate(1, 0, 0)];
        check(
            near,
            &[row(None, 0), row(None, 0)],
            &found_twice,
            &[Some(1), None],
        );
    }

    #[test]
    fn absorb_matches_a_broadcast_during_the_reading_only_by_its_second() {
        let came_after = [candidate(10, 5_000, 5_000)];
        let check = |sent_at, received_at, expected| {
            let rows = [row(sent_at, received_at)];
            let found = absorb(Stage::Near, &rows, came_after.to_vec(), 9);
            assert_eq!(found, [expected], "{rows:?}");
        };
        check(Some(5_000), 6_000, RowMatch::Known(10));
        check(Some(4_000), 6_000, RowMatch::Undecided);
        check(None, 6_000, RowMatch::Undecided);
        check(Some(4_000), 99 * MINUTE, RowMatch::New);
    }

    #[test]
    fn spans_cover_what_fits_and_do_not_overlap() {
        let rows = [
            row(Some(5_000), 0),
            row(Some(5_000), 1),
            row(None, 90 * MINUTE),
        ];
        let span = |from, to| (UnixMillis(from), UnixMillis(to));
        assert_eq!(
            spans(Stage::Second, &rows),
            (vec![span(5_000, 5_999)], Vec::new())
        );
        let (received, created) = spans(Stage::Near, &rows);
        assert_eq!(
            received,
            [
                span(-20 * MINUTE, 20 * MINUTE + 1),
                span(70 * MINUTE, 110 * MINUTE)
            ]
        );
        assert_eq!(
            created,
            [
                span(-10 * MINUTE, 10 * MINUTE + 1),
                span(80 * MINUTE, 100 * MINUTE)
            ]
        );
    }

    #[test]
    fn absorb_broadcast_takes_the_row_of_its_second_otherwise_a_near_one() {
        let late = |seq, sent_at: Option<i64>, received_at| LateRow {
            seq,
            inbox_seq: seq,
            sent_at: sent_at.map(UnixMillis),
            received_at: UnixMillis(received_at),
            silent: false,
        };
        let check = |rows: &[LateRow], sent_at: Option<i64>, now, expected: Option<i64>| {
            let found = absorb_broadcast(rows, sent_at.map(UnixMillis), UnixMillis(now));
            assert_eq!(
                found.map(|row| row.seq),
                expected,
                "{rows:?} {sent_at:?} {now}"
            );
        };
        let known = [late(1, Some(5_000), 6_000), late(2, Some(9_000), 9_500)];
        check(&known, Some(9_400), 99 * MINUTE, Some(2));
        check(&known, Some(7_000), 8_000, None);
        check(&known, None, 8_000, Some(1));
        check(&known, None, 99 * MINUTE, None);
        let unknown = [late(1, None, 6_000)];
        check(&unknown, Some(7_000), 99 * MINUTE, Some(1));
        check(&unknown, Some(-99 * MINUTE), 8_000, Some(1));
        check(&unknown, Some(-99 * MINUTE), 99 * MINUTE, None);
        check(&[], Some(7_000), 8_000, None);
    }

    #[test]
    fn events_from_is_the_first_start_or_the_look_after_a_set_back_clock() {
        let check = |set_back: Option<i64>, now, expected: (i64, Option<i64>)| {
            let (from, kept) =
                events_from(UnixMillis(100), set_back.map(UnixMillis), UnixMillis(now));
            assert_eq!((from.0, kept.map(|at| at.0)), expected);
        };
        check(None, 100, (100, None));
        check(Some(40), 150, (100, None));
        check(None, 40, (40, Some(40)));
        check(Some(40), 60, (40, Some(40)));
        check(Some(40), 30, (30, Some(30)));
    }
}

//! The times of messages and recipients: schedules, expiries, deadlines, pauses and limits, and
//! their correction when the clock is set.

use std::time::Duration;

use rusqlite::params;

use super::recipients::HIGHEST;
use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;

pub(super) const NEXT_SCHEDULED: &str =
    "SELECT schedule_at FROM messages INDEXED BY messages_scheduled
    WHERE waits = 'scheduled' ORDER BY schedule_at LIMIT 1";
pub(super) const NEXT_EXPIRY: &str = "SELECT valid_until FROM messages INDEXED BY messages_expiring
    WHERE waits <> 'no' AND valid_until > 0 ORDER BY valid_until LIMIT 1";
pub(super) const NEXT_OVERDUE: &str =
    "SELECT overdue_at FROM recipients INDEXED BY recipients_overdue
    WHERE state = 'Processed' ORDER BY overdue_at LIMIT 1";
pub(super) const LAST_HANDED: &str = "SELECT handed_at FROM recipients INDEXED BY recipients_handed
    WHERE handed_at > 0 AND handed_at <= ? ORDER BY handed_at DESC LIMIT 1";
/// Looks only at the last thousand recipients, so that a long history without a match is not
/// searched.
const LAST_TURN: &str = "SELECT sim FROM
    (SELECT recipients.sim_number AS sim, messages.sim_number AS asked
     FROM recipients INDEXED BY recipients_handed JOIN messages ON seq = message_seq
     WHERE handed_at > 0 ORDER BY handed_at DESC LIMIT 1000)
    WHERE sim > 0 AND asked = 0 LIMIT 1";
pub(super) const HANDED_SINCE: &str = "SELECT handed_at, CASE WHEN parts > 0 THEN parts
        WHEN state = 'Processed' THEN ?2 ELSE 1 END
    FROM recipients INDEXED BY recipients_handed
    WHERE handed_at > ?1 AND handed_at > 0 ORDER BY handed_at";
pub(super) const LIMITING: &str = "SELECT handed_at FROM recipients INDEXED BY recipients_handed
    WHERE handed_at > ?1 AND handed_at <= ?2 AND handed_at > 0 AND counts = 1
    ORDER BY handed_at DESC LIMIT 1 OFFSET ?3";

impl Transaction<'_> {
    /// After a reboot, gives every recipient that the modem had until `deadline` for a report.
    pub fn interrupt_handed(&self, deadline: UnixMillis) -> Result<usize, StoreError> {
        let sql = "UPDATE recipients SET interrupted = 1, overdue_at = min(overdue_at, ?)
                   WHERE state = 'Processed' AND interrupted = 0";
        Ok(self.connection.prepare_cached(sql)?.execute([deadline.0])?)
    }

    /// Corrects times after the clock was set by so many milliseconds: deadlines keep their
    /// distance from the start of sending, and earlier messages still count for pauses and limits.
    pub fn move_sending_times(
        &self,
        jump: i64,
        now: UnixMillis,
        looks_back: Duration,
    ) -> Result<(), StoreError> {
        let (before, now) = (now.0.saturating_sub(jump), now.0);
        let window = i64::try_from(looks_back.as_millis()).unwrap_or(i64::MAX);
        let statements = [
            "UPDATE recipients SET overdue_at = overdue_at + ?1 WHERE state = 'Processed'",
            // In the present window, only the recipients that this call moves into it may count.
            "UPDATE recipients SET counts = 0
             WHERE ?1 < 0 AND handed_at > ?3 - ?4 AND handed_at <= ?3 AND handed_at > 0
                 AND handed_at <= ?2 - ?4",
            "UPDATE recipients SET handed_at = max(handed_at + ?1, 1)
             WHERE handed_at > ?2 - ?4 AND handed_at <= ?2 AND handed_at > 0",
            // Moves lifetimes given in seconds; an end given as a time stays. Messages created
            // after the clock was set are right already.
            "UPDATE messages SET valid_until = valid_until + ?1
             WHERE waits <> 'no' AND valid_until > 0 AND ttl > 0
                 AND iif(?1 < 0, valid_until - ttl * 1000 > ?3, valid_until - ttl * 1000 <= ?2)",
        ];
        for sql in statements {
            let mut statement = self.connection.prepare_cached(sql)?;
            let values = [jump, before, now, window];
            let used = statement.parameter_count().min(values.len());
            statement.execute(rusqlite::params_from_iter(&values[..used]))?;
        }
        Ok(())
    }

    /// After the clock was set back, limits deadlines to at most `latest`.
    pub fn pull_in_deadlines(&self, latest: UnixMillis) -> Result<(), StoreError> {
        let sql = "UPDATE recipients SET overdue_at = ?1
                   WHERE state = 'Processed' AND overdue_at > ?1";
        self.connection.prepare_cached(sql)?.execute([latest.0])?;
        Ok(())
    }
}

impl Snapshot<'_> {
    /// Returns when the next timed change is due: a schedule, an expiry or a deadline.
    pub fn next_due_sending(&self) -> Result<Option<UnixMillis>, StoreError> {
        let mut due = None;
        for sql in [NEXT_SCHEDULED, NEXT_EXPIRY, NEXT_OVERDUE] {
            let next: Option<i64> = self.first(sql, [])?;
            due = due.into_iter().chain(next).min();
        }
        Ok(due.map(UnixMillis))
    }

    /// Returns when the next recipient fails for want of a report.
    pub fn next_overdue(&self) -> Result<Option<UnixMillis>, StoreError> {
        Ok(self.first(NEXT_OVERDUE, [])?.map(UnixMillis))
    }

    /// Returns whether a message is queued, or scheduled for a time that has come.
    pub fn has_unsent(&self, now: UnixMillis) -> Result<bool, StoreError> {
        let queued: Option<i8> = self.first(HIGHEST, [])?;
        let scheduled: Option<i64> = self.first(NEXT_SCHEDULED, [])?;
        Ok(queued.is_some() || scheduled.is_some_and(|at| at <= now.0))
    }

    /// Returns when the last message was handed to the modem. Ignores times after `now`, which are
    /// from before the clock was set back.
    pub fn last_handed(&self, now: UnixMillis) -> Result<Option<UnixMillis>, StoreError> {
        Ok(self.first(LAST_HANDED, [now.0])?.map(UnixMillis))
    }

    /// Returns the SIM of the last message that requested none.
    pub fn last_turn(&self) -> Result<Option<u32>, StoreError> {
        self.first(LAST_TURN, [])
    }

    /// Returns when the `count`-th last of the counted recipients was handed over, within
    /// `since..=now`. Walks over `count` entries of an index.
    pub fn limiting(
        &self,
        since: UnixMillis,
        now: UnixMillis,
        count: u32,
    ) -> Result<Option<UnixMillis>, StoreError> {
        let skipped = i64::from(count.saturating_sub(1));
        Ok(self
            .first(LIMITING, [since.0, now.0, skipped])?
            .map(UnixMillis))
    }

    /// Returns when recipients were handed over after `since`, and in how many parts, oldest first.
    /// If the number of parts is unknown, because the process died before it stored the modem's
    /// answer, it is `most`.
    pub fn handed_since(
        &self,
        since: UnixMillis,
        most: u32,
    ) -> Result<Vec<(UnixMillis, u32)>, StoreError> {
        let mut statement = self.connection.prepare_cached(HANDED_SINCE)?;
        let rows = statement.query_map(params![since.0, most], |row| {
            Ok((UnixMillis(row.get(0)?), row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

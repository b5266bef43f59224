//! Messages to be sent: a recipient is the job. What waits, what was handed over, how it went.
//!
//! Cost of finding the next recipient: one seek in `messages_ready`, however much is queued, and at
//! most the rows of that message's recipients (1,000).

use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Params, Row, params};

use super::{Snapshot, StoreError, Transaction};
use crate::clock::UnixMillis;
use crate::sending::{PartSet, Progress, State};

/// A message as its client asked for it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NewOutgoing {
    pub id: String,
    /// A data message, to a port; else a text.
    pub is_data: bool,
    /// The text, or the data as base64, or what they were encrypted to; exactly as it came.
    pub content: String,
    pub port: u16,
    pub is_encrypted: bool,
    pub skips_validation: bool,
    pub with_delivery_report: bool,
    /// 1-based; 0 when none was asked for.
    pub sim_number: u32,
    pub priority: i8,
    /// Seconds; 0 for none.
    pub ttl: i64,
    /// Given, or from `ttl`; 0 for none.
    pub valid_until: UnixMillis,
    /// 0 for at once.
    pub schedule_at: UnixMillis,
    pub created_at: UnixMillis,
    /// As they came, and as they are dialled ("" for as it came).
    pub recipients: Vec<(String, String)>,
}

/// A message as it is kept.
#[derive(Clone)]
pub(crate) struct OutgoingRecord {
    pub seq: i64,
    pub state: State,
    /// 0 while it is not known.
    pub parts_count: u16,
    /// When it came to each state, in the order of their columns; 0 for not yet.
    pub reached: [(State, UnixMillis); 5],
    /// What was asked for; its recipients stand below.
    pub asked: NewOutgoing,
    pub recipients: Vec<RecipientRecord>,
}

/// A recipient as it is kept.
#[derive(Clone)]
pub(crate) struct RecipientRecord {
    pub phone_number: String,
    pub state: State,
    /// Why it failed; "" if it did not.
    pub error: String,
}

/// Which messages a list is about.
#[derive(Clone, Debug)]
pub(crate) struct OutgoingFilter {
    pub state: Option<State>,
    pub from: UnixMillis,
    pub to: UnixMillis,
    pub limit: u32,
    pub offset: u64,
    pub oldest_first: bool,
}

/// A recipient whose turn it is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NextRecipient {
    pub message_seq: i64,
    pub message_id: String,
    pub number: u32,
    pub phone_number: String,
    /// "" for as it came.
    pub dialled: String,
    pub is_data: bool,
    pub content: String,
    pub port: u16,
    pub is_encrypted: bool,
    pub skips_validation: bool,
    pub with_delivery_report: bool,
    /// 0 when none was asked for.
    pub sim_number: u32,
    pub priority: i8,
}

/// What a move of a recipient needs to know.
pub(crate) struct RecipientRow {
    pub message_seq: i64,
    pub message_id: String,
    pub number: u32,
    pub phone_number: String,
    /// The SIM it went by; 0 when unknown.
    pub sim_number: u32,
    pub progress: Progress,
    /// It was in the radio's hands when the phone went down.
    pub interrupted: bool,
}

/// The newest of the highest priority, and the oldest of it.
const NEXT_LIFO: &str = "SELECT seq FROM messages INDEXED BY messages_ready
    WHERE waits = 'ready' ORDER BY priority DESC, seq DESC LIMIT 1";
const HIGHEST: &str = "SELECT priority FROM messages INDEXED BY messages_ready
    WHERE waits = 'ready' ORDER BY priority DESC LIMIT 1";
const OLDEST: &str = "SELECT seq FROM messages INDEXED BY messages_ready
    WHERE waits = 'ready' AND priority = ? ORDER BY seq LIMIT 1";
const NEXT_SCHEDULED: &str = "SELECT schedule_at FROM messages INDEXED BY messages_scheduled
    WHERE waits = 'scheduled' ORDER BY schedule_at LIMIT 1";
const NEXT_EXPIRY: &str = "SELECT valid_until FROM messages INDEXED BY messages_expiring
    WHERE waits <> 'no' AND valid_until > 0 ORDER BY valid_until LIMIT 1";
const NEXT_OVERDUE: &str = "SELECT overdue_at FROM recipients INDEXED BY recipients_overdue
    WHERE state = 'Processed' ORDER BY overdue_at LIMIT 1";
const LAST_HANDED: &str = "SELECT handed_at FROM recipients INDEXED BY recipients_handed
    WHERE handed_at > 0 ORDER BY handed_at DESC LIMIT 1";
const LIMITING: &str = "SELECT handed_at FROM recipients INDEXED BY recipients_handed
    WHERE handed_at > ?1 AND handed_at <= ?2 AND handed_at > 0 AND counts = 1
    ORDER BY handed_at DESC LIMIT 1 OFFSET ?3";
const FAILED_SINCE: &str = "SELECT count(*) FROM messages INDEXED BY messages_failed
    WHERE failed_at > 0 AND failed_at > ?";

impl Transaction<'_> {
    pub fn insert_outgoing(&self, message: &NewOutgoing) -> Result<(), StoreError> {
        let waits = if message.schedule_at > message.created_at {
            "scheduled"
        } else {
            "ready"
        };
        self.connection
            .prepare_cached(
                "INSERT INTO messages (id, kind, content, port, is_encrypted, skips_validation,
                     with_delivery_report, sim_number, priority, ttl, valid_until, schedule_at,
                     created_at, waits)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                message.id,
                if message.is_data { "data" } else { "text" },
                message.content,
                message.port,
                message.is_encrypted,
                message.skips_validation,
                message.with_delivery_report,
                message.sim_number,
                message.priority,
                message.ttl,
                message.valid_until.0,
                message.schedule_at.0,
                message.created_at.0,
                waits,
            ])?;
        let seq = self.connection.last_insert_rowid();
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO recipients (message_seq, number, phone_number, dialled)
             VALUES (?, ?, ?, ?)",
        )?;
        for (number, (phone_number, dialled)) in (0u32..).zip(&message.recipients) {
            insert.execute(params![seq, number, phone_number, dialled])?;
        }
        Ok(())
    }

    /// Lets messages go into the queue whose time has come; at most `limit`. Whether there were any.
    pub fn queue_scheduled(&self, now: UnixMillis, limit: u32) -> Result<bool, StoreError> {
        let sql = "UPDATE messages SET waits = 'ready' WHERE seq IN
                       (SELECT seq FROM messages INDEXED BY messages_scheduled
                        WHERE waits = 'scheduled' AND schedule_at <= ? ORDER BY schedule_at LIMIT ?)";
        let queued = self
            .connection
            .prepare_cached(sql)?
            .execute(params![now.0, limit])?;
        Ok(queued > 0)
    }

    /// Keeps the new state of a recipient.
    pub fn save_recipient(&self, row: &RecipientRow, error: &str) -> Result<(), StoreError> {
        let Progress {
            state,
            parts,
            sent,
            delivered,
            ..
        } = &row.progress;
        // What failed before it was sent does not count for the limit any more.
        let was_sent = *state != State::Failed || (*parts > 0 && sent.len() == u32::from(*parts));
        self.connection
            .prepare_cached(
                "UPDATE recipients SET state = ?3, parts = ?4, sent_parts = ?5,
                     delivered_parts = ?6, error = ?7, sim_number = ?8,
                     counts = iif(?9, counts, 0)
                 WHERE message_seq = ?1 AND number = ?2",
            )?
            .execute(params![
                row.message_seq,
                row.number,
                state.as_str(),
                parts,
                sent.to_bytes(),
                delivered.to_bytes(),
                error,
                row.sim_number,
                was_sent,
            ])?;
        Ok(())
    }

    /// Notes that a recipient is in the modem's hands from now on.
    pub fn note_handed(
        &self,
        message_seq: i64,
        number: u32,
        now: UnixMillis,
        overdue_at: UnixMillis,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE recipients SET handed_at = ?3, counts = 1, overdue_at = ?4
                 WHERE message_seq = ?1 AND number = ?2",
            )?
            .execute(params![message_seq, number, now.0.max(1), overdue_at.0])?;
        Ok(())
    }

    /// Keeps the state of a message and when it came to it.
    pub fn save_message_state(
        &self,
        message_seq: i64,
        state: State,
        waits_still: bool,
        parts_count: u16,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        // Every state but Pending, which a message has from the beginning, has a column.
        let column = match state {
            State::Pending | State::Cancelling => "created_at",
            State::Processed => "processed_at",
            State::Sent => "sent_at",
            State::Delivered => "delivered_at",
            State::Failed => "failed_at",
            State::Cancelled => "cancelled_at",
        };
        let sql = format!(
            "UPDATE messages SET state = ?2, waits = iif(?3, waits, 'no'),
                 parts_count = max(parts_count, ?4), {column} = iif({column} = 0, ?5, {column})
             WHERE seq = ?1"
        );
        self.connection.prepare_cached(&sql)?.execute(params![
            message_seq,
            state.as_str(),
            waits_still,
            parts_count,
            now.0.max(1),
        ])?;
        Ok(())
    }

    /// After a reboot: what the modem had in its hands has until `deadline` to be heard of.
    pub fn interrupt_handed(&self, deadline: UnixMillis) -> Result<usize, StoreError> {
        let sql = "UPDATE recipients SET interrupted = 1, overdue_at = min(overdue_at, ?)
                   WHERE state = 'Processed' AND interrupted = 0";
        Ok(self.connection.prepare_cached(sql)?.execute([deadline.0])?)
    }

    /// After the clock was set back: a deadline farther ahead than `latest` becomes that.
    pub fn pull_in_deadlines(&self, latest: UnixMillis) -> Result<(), StoreError> {
        let sql = "UPDATE recipients SET overdue_at = ?1
                   WHERE state = 'Processed' AND overdue_at > ?1";
        self.connection.prepare_cached(sql)?.execute([latest.0])?;
        Ok(())
    }
}

impl Snapshot<'_> {
    /// The message of that id with its recipients.
    pub fn outgoing(&self, id: &str) -> Result<Option<OutgoingRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE id = ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_row([id], read_outgoing).optional()?;
        found.map(|record| self.with_recipients(record)).transpose()
    }

    /// The messages of the filter, and how many there are without limit and offset.
    pub fn outgoing_list(
        &self,
        filter: &OutgoingFilter,
    ) -> Result<(Vec<OutgoingRecord>, i64), StoreError> {
        let state = filter.state.map_or("", State::as_str);
        let offset = i64::try_from(filter.offset).unwrap_or(i64::MAX);
        let which = "created_at >= ?1 AND created_at <= ?2 AND (?3 = '' OR state = ?3)";
        let total = self
            .connection
            .prepare_cached(&format!("SELECT count(*) FROM messages WHERE {which}"))?
            .query_row(params![filter.from.0, filter.to.0, state], |row| row.get(0))?;
        // Ties stand in the order of insertion, turned round with the rest.
        let order = if filter.oldest_first { "ASC" } else { "DESC" };
        let sql = format!(
            "SELECT {COLUMNS} FROM messages WHERE {which}
             ORDER BY created_at {order}, seq {order} LIMIT ?4 OFFSET ?5"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let parameters = params![filter.from.0, filter.to.0, state, filter.limit, offset];
        let rows = statement.query_map(parameters, read_outgoing)?;
        let messages = rows
            .map(|record| self.with_recipients(record?))
            .collect::<Result<_, _>>()?;
        Ok((messages, total))
    }

    fn with_recipients(&self, mut record: OutgoingRecord) -> Result<OutgoingRecord, StoreError> {
        let sql = "SELECT phone_number, state, error FROM recipients
                   WHERE message_seq = ? ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([record.seq], |row| {
            Ok(RecipientRecord {
                phone_number: row.get(0)?,
                state: read_state(row, 1)?,
                error: row.get(2)?,
            })
        })?;
        record.recipients = rows.collect::<Result<_, _>>()?;
        Ok(record)
    }

    /// The recipient whose turn it is.
    pub fn next_recipient(&self, newest_first: bool) -> Result<Option<NextRecipient>, StoreError> {
        let seq: Option<i64> = if newest_first {
            self.first(NEXT_LIFO, [])?
        } else {
            match self.first::<i8>(HIGHEST, [])? {
                Some(priority) => self.first(OLDEST, [priority])?,
                None => None,
            }
        };
        let Some(seq) = seq else { return Ok(None) };
        let sql = "SELECT messages.seq, id, number, phone_number, dialled, kind, content, port,
                       is_encrypted, skips_validation, with_delivery_report, messages.sim_number,
                       priority
                   FROM messages JOIN recipients ON message_seq = seq
                   WHERE seq = ? AND recipients.state = 'Pending' ORDER BY number LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([seq], read_next).optional()?)
    }

    /// A recipient by its message's id and its number.
    pub fn recipient(
        &self,
        message_id: &str,
        number: u32,
    ) -> Result<Option<RecipientRow>, StoreError> {
        let sql = format!("{RECIPIENT} WHERE id = ? AND number = ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement
            .query_row(params![message_id, number], read_recipient)
            .optional()?)
    }

    /// The recipients of a message that wait to be sent.
    pub fn pending_recipients(&self, message_id: &str) -> Result<Vec<RecipientRow>, StoreError> {
        let sql =
            format!("{RECIPIENT} WHERE id = ? AND recipients.state = 'Pending' ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([message_id], read_recipient)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Waiting messages that are not valid any more, by id.
    pub fn expired(&self, now: UnixMillis, limit: u32) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id FROM messages INDEXED BY messages_expiring
                   WHERE waits <> 'no' AND valid_until > 0 AND valid_until <= ?
                   ORDER BY valid_until LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![now.0, limit], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Recipients that the modem had too long.
    pub fn overdue(&self, now: UnixMillis, limit: u32) -> Result<Vec<RecipientRow>, StoreError> {
        let sql = format!(
            "{RECIPIENT} WHERE recipients.state = 'Processed' AND overdue_at <= ?
             ORDER BY overdue_at LIMIT ?"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![now.0, limit], read_recipient)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The states that occur among the recipients of a message.
    pub fn recipient_states(&self, message_seq: i64) -> Result<Vec<State>, StoreError> {
        let sql = "SELECT DISTINCT state FROM recipients WHERE message_seq = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([message_seq], |row| read_state(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the next thing is due that time alone brings: a schedule, an expiry, a deadline.
    pub fn next_due_sending(&self) -> Result<Option<UnixMillis>, StoreError> {
        let mut due = None;
        for sql in [NEXT_SCHEDULED, NEXT_EXPIRY, NEXT_OVERDUE] {
            let next: Option<i64> = self.first(sql, [])?;
            due = due.into_iter().chain(next).min();
        }
        Ok(due.map(UnixMillis))
    }

    /// When a message was handed to the modem last.
    pub fn last_handed(&self) -> Result<Option<UnixMillis>, StoreError> {
        Ok(self.first(LAST_HANDED, [])?.map(UnixMillis))
    }

    /// When the `count`-th last of those that count was handed over, within `since..=now`. Steps over
    /// `count` entries of an index.
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

    /// When recipients were handed over after `since`, and as how many parts, oldest first.
    pub fn handed_since(&self, since: UnixMillis) -> Result<Vec<(UnixMillis, u32)>, StoreError> {
        let sql = "SELECT handed_at, max(parts, 1) FROM recipients INDEXED BY recipients_handed
                   WHERE handed_at > 0 AND handed_at > ? ORDER BY handed_at";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map([since.0], |row| Ok((UnixMillis(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Messages that failed after `since`.
    pub fn failed_since(&self, since: UnixMillis) -> Result<i64, StoreError> {
        let mut statement = self.connection.prepare_cached(FAILED_SINCE)?;
        Ok(statement.query_row([since.0], |row| row.get(0))?)
    }

    fn first<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        parameters: impl Params,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row(parameters, |row| row.get(0))
            .optional()?)
    }
}

const COLUMNS: &str = "seq, id, kind, content, port, is_encrypted, skips_validation,
    with_delivery_report, sim_number, priority, ttl, valid_until, schedule_at, created_at, state,
    parts_count, processed_at, sent_at, delivered_at, failed_at, cancelled_at";

const RECIPIENT: &str = "SELECT seq, id, number, phone_number, recipients.sim_number,
    recipients.state, parts, sent_parts, delivered_parts, with_delivery_report, interrupted
    FROM recipients JOIN messages ON seq = message_seq";

fn read_outgoing(row: &Row<'_>) -> rusqlite::Result<OutgoingRecord> {
    let time = |column| Ok::<_, rusqlite::Error>(UnixMillis(row.get(column)?));
    let asked = NewOutgoing {
        id: row.get(1)?,
        is_data: row.get::<_, String>(2)? == "data",
        content: row.get(3)?,
        port: row.get(4)?,
        is_encrypted: row.get(5)?,
        skips_validation: row.get(6)?,
        with_delivery_report: row.get(7)?,
        sim_number: row.get(8)?,
        priority: row.get(9)?,
        ttl: row.get(10)?,
        valid_until: time(11)?,
        schedule_at: time(12)?,
        created_at: time(13)?,
        recipients: Vec::new(),
    };
    Ok(OutgoingRecord {
        seq: row.get(0)?,
        state: read_state(row, 14)?,
        parts_count: row.get(15)?,
        reached: [
            (State::Processed, time(16)?),
            (State::Sent, time(17)?),
            (State::Delivered, time(18)?),
            (State::Failed, time(19)?),
            (State::Cancelled, time(20)?),
        ],
        asked,
        recipients: Vec::new(),
    })
}

fn read_next(row: &Row<'_>) -> rusqlite::Result<NextRecipient> {
    Ok(NextRecipient {
        message_seq: row.get(0)?,
        message_id: row.get(1)?,
        number: row.get(2)?,
        phone_number: row.get(3)?,
        dialled: row.get(4)?,
        is_data: row.get::<_, String>(5)? == "data",
        content: row.get(6)?,
        port: row.get(7)?,
        is_encrypted: row.get(8)?,
        skips_validation: row.get(9)?,
        with_delivery_report: row.get(10)?,
        sim_number: row.get(11)?,
        priority: row.get(12)?,
    })
}

fn read_recipient(row: &Row<'_>) -> rusqlite::Result<RecipientRow> {
    Ok(RecipientRow {
        message_seq: row.get(0)?,
        message_id: row.get(1)?,
        number: row.get(2)?,
        phone_number: row.get(3)?,
        sim_number: row.get(4)?,
        progress: Progress {
            state: read_state(row, 5)?,
            parts: row.get(6)?,
            sent: PartSet::from_bytes(&row.get::<_, Vec<u8>>(7)?),
            delivered: PartSet::from_bytes(&row.get::<_, Vec<u8>>(8)?),
            with_report: row.get(9)?,
        },
        interrupted: row.get(10)?,
    })
}

fn read_state(row: &Row<'_>, column: usize) -> rusqlite::Result<State> {
    let text: String = row.get(column)?;
    State::parse(&text).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, "an unknown state".into())
    })
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    fn plan(store: &Store, sql: &str) -> String {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let read = |snapshot: &Snapshot<'_>| {
            let mut statement = snapshot.connection.prepare(&explain)?;
            let count = statement.parameter_count();
            let values = vec![1i64; count];
            let rows = statement.query_map(rusqlite::params_from_iter(values), |row| {
                row.get::<_, String>("detail")
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?.join("; "))
        };
        store.read(read).unwrap()
    }

    /// One step into an index that is in the right order, and no sorting: a million queued
    /// messages cost what one costs.
    #[test]
    fn the_next_message_is_found_at_the_end_of_an_index() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true).unwrap();
        let check = |sql, expected: &str| assert_eq!(plan(&store, sql), expected, "{sql}");
        check(
            NEXT_LIFO,
            "SCAN messages USING COVERING INDEX messages_ready",
        );
        check(HIGHEST, "SCAN messages USING COVERING INDEX messages_ready");
        check(
            OLDEST,
            "SEARCH messages USING COVERING INDEX messages_ready (priority=?)",
        );
        check(
            NEXT_SCHEDULED,
            "SCAN messages USING COVERING INDEX messages_scheduled",
        );
        check(
            NEXT_EXPIRY,
            "SEARCH messages USING INDEX messages_expiring (valid_until>?)",
        );
        check(
            NEXT_OVERDUE,
            "SCAN recipients USING COVERING INDEX recipients_overdue",
        );
        check(
            LAST_HANDED,
            "SEARCH recipients USING COVERING INDEX recipients_handed (handed_at>?)",
        );
        check(
            LIMITING,
            "SEARCH recipients USING COVERING INDEX recipients_handed (handed_at>? AND handed_at<?)",
        );
        check(
            FAILED_SINCE,
            "SEARCH messages USING COVERING INDEX messages_failed (failed_at>?)",
        );
    }
}

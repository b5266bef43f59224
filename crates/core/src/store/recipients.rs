//! Recipients, each of which is a job: the ones to send, the ones handed to the modem, and their
//! results.
//!
//! Cost to find the next recipient: one seek in `messages_ready`, however many messages are queued,
//! and at most the rows of that message's recipients (1,000).

use rusqlite::{OptionalExtension, Params, Row, params};

use super::messages::read_state;
use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;
use crate::model::parts::PartSet;
use crate::model::recipient_state::{Progress, State};

/// The recipient to be sent next.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NextRecipient {
    pub message_seq: i64,
    pub message_id: String,
    pub number: u32,
    pub phone_number: String,
    /// The number to dial; "" if it is the number as the client gave it.
    pub dialled: String,
    pub is_data: bool,
    pub content: String,
    pub port: u16,
    pub is_encrypted: bool,
    pub skips_validation: bool,
    pub with_delivery_report: bool,
    /// The SIM slot, from 1; 0 if none was requested.
    pub sim_number: u32,
    pub priority: i8,
}

/// The data that a change of a recipient's state needs.
pub(crate) struct RecipientRow {
    pub message_seq: i64,
    pub message_id: String,
    pub number: u32,
    pub phone_number: String,
    /// The SIM slot, used or planned; 0 if unknown.
    pub sim_number: u32,
    pub progress: Progress,
    /// The modem had it when the phone was shut down.
    pub interrupted: bool,
}

/// Selects the newest message of the highest priority. `HIGHEST`, `LOWER` and `OLDEST` find the
/// oldest one.
const NEXT_LIFO: &str = "SELECT seq FROM messages INDEXED BY messages_ready
    WHERE waits = 'ready' ORDER BY priority DESC, seq DESC";
pub(super) const HIGHEST: &str = "SELECT priority FROM messages INDEXED BY messages_ready
    WHERE waits = 'ready' ORDER BY priority DESC LIMIT 1";
const LOWER: &str = "SELECT priority FROM messages INDEXED BY messages_ready
    WHERE waits = 'ready' AND priority < ? ORDER BY priority DESC LIMIT 1";
const OLDEST: &str = "SELECT seq FROM messages INDEXED BY messages_ready
    WHERE waits = 'ready' AND priority = ? ORDER BY seq";

impl Transaction<'_> {
    /// Puts a scheduled message into the queue.
    pub fn queue_scheduled(&self, message_seq: i64) -> Result<(), StoreError> {
        let sql = "UPDATE messages SET waits = 'ready' WHERE seq = ? AND waits = 'scheduled'";
        self.connection
            .prepare_cached(sql)?
            .execute([message_seq])?;
        Ok(())
    }

    /// Stores the new state of a recipient. If `was_not_sent`, it no longer counts for the sending
    /// limit.
    pub fn save_recipient(
        &self,
        row: &RecipientRow,
        error: &str,
        was_not_sent: bool,
    ) -> Result<(), StoreError> {
        let Progress {
            state,
            parts,
            sent,
            delivered,
            ..
        } = &row.progress;
        self.connection
            .prepare_cached(
                "UPDATE recipients SET state = ?3, parts = ?4, sent_parts = ?5,
                     delivered_parts = ?6, error = ?7, sim_number = ?8,
                     counts = iif(?9, 0, counts)
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
                was_not_sent,
            ])?;
        Ok(())
    }

    /// Stores the SIM that sends to a recipient.
    pub fn save_sim(
        &self,
        message_seq: i64,
        number: u32,
        sim_number: u32,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE recipients SET sim_number = ?3 WHERE message_seq = ?1 AND number = ?2",
            )?
            .execute(params![message_seq, number, sim_number])?;
        Ok(())
    }

    /// Notes that the modem has a recipient from now on.
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
}

impl Snapshot<'_> {
    /// Returns the message to be sent next, of those that `may` be sent. Reads only an index.
    pub fn next_message(
        &self,
        newest_first: bool,
        may: impl Fn(i64) -> bool,
    ) -> Result<Option<i64>, StoreError> {
        if newest_first {
            return self.first_that(NEXT_LIFO, [], &may);
        }
        let mut priority: Option<i64> = self.first(HIGHEST, [])?;
        while let Some(highest) = priority {
            let oldest = self.first_that(OLDEST, [highest], &may)?;
            if oldest.is_some() {
                return Ok(oldest);
            }
            priority = self.first(LOWER, [highest])?;
        }
        Ok(None)
    }

    fn first_that(
        &self,
        sql: &str,
        parameters: impl Params,
        may: impl Fn(i64) -> bool,
    ) -> Result<Option<i64>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            let seq = row.get(0)?;
            if may(seq) {
                return Ok(Some(seq));
            }
        }
        Ok(None)
    }

    /// Returns the recipient of a message that is to be sent next.
    pub fn next_recipient(&self, message_seq: i64) -> Result<Option<NextRecipient>, StoreError> {
        let sql = "SELECT messages.seq, id, number, phone_number, dialled, kind, content, port,
                       is_encrypted, skips_validation, with_delivery_report, messages.sim_number,
                       priority
                   FROM messages JOIN recipients ON message_seq = seq
                   WHERE seq = ? AND recipients.state = 'Pending' ORDER BY number LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([message_seq], read_next).optional()?)
    }

    /// Returns a recipient by its message's id and its phone number.
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

    /// Returns the recipients of a message that wait to be sent.
    pub fn pending_recipients(&self, message_id: &str) -> Result<Vec<RecipientRow>, StoreError> {
        let sql =
            format!("{RECIPIENT} WHERE id = ? AND recipients.state = 'Pending' ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([message_id], read_recipient)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns a waiting message whose validity has ended, of those that `may` expire.
    pub fn expired(
        &self,
        now: UnixMillis,
        may: impl Fn(i64) -> bool,
    ) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT seq FROM messages INDEXED BY messages_expiring
                   WHERE waits <> 'no' AND valid_until > 0 AND valid_until <= ?
                   ORDER BY valid_until";
        self.first_that(sql, [now.0], may)
    }

    /// Returns the id of a message.
    pub fn message_id(&self, message_seq: i64) -> Result<Option<String>, StoreError> {
        self.first("SELECT id FROM messages WHERE seq = ?", [message_seq])
    }

    /// Returns the scheduled messages whose time has come.
    pub fn scheduled(&self, now: UnixMillis, limit: usize) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT seq FROM messages INDEXED BY messages_scheduled
                   WHERE waits = 'scheduled' AND schedule_at <= ? ORDER BY schedule_at LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![now.0, limit as i64], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the recipients that the modem has had for too long, as message and number. Reads
    /// only an index.
    pub fn overdue(&self, now: UnixMillis, limit: usize) -> Result<Vec<(i64, u32)>, StoreError> {
        let sql = "SELECT message_seq, number FROM recipients INDEXED BY recipients_overdue
                   WHERE state = 'Processed' AND overdue_at <= ? ORDER BY overdue_at LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![now.0, limit as i64], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns a recipient by its index in the message.
    pub fn recipient_at(
        &self,
        message_seq: i64,
        number: u32,
    ) -> Result<Option<RecipientRow>, StoreError> {
        let sql = format!("{RECIPIENT} WHERE message_seq = ? AND number = ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement
            .query_row(params![message_seq, number], read_recipient)
            .optional()?)
    }

    /// Returns the distinct states of a message's recipients.
    pub fn recipient_states(&self, message_seq: i64) -> Result<Vec<State>, StoreError> {
        let sql = "SELECT DISTINCT state FROM recipients WHERE message_seq = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([message_seq], |row| read_state(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn first<T: rusqlite::types::FromSql>(
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

const RECIPIENT: &str = "SELECT seq, id, number, phone_number,
    iif(recipients.sim_number > 0, recipients.sim_number, messages.sim_number), recipients.state, parts, sent_parts, delivered_parts, with_delivery_report, interrupted
    FROM recipients JOIN messages ON seq = message_seq";

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

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::super::messages::FAILED_SINCE;
    use super::super::sending_times::*;
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

    /// The plan is one seek in an index of the right order, without sorting, so a million queued
    /// messages cost the same as one.
    #[test]
    fn next_message_is_found_at_the_end_of_an_index() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
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
            "SEARCH recipients USING COVERING INDEX recipients_handed (handed_at>? AND handed_at<?)",
        );
        check(
            HANDED_SINCE,
            "SEARCH recipients USING INDEX recipients_handed (handed_at>?)",
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

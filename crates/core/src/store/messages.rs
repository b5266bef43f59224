//! Outgoing messages: their requests, states and lists.

use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};

use super::counted::{MESSAGES, Part};
use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;
use crate::model::parts::PartSet;
use crate::model::recipient_state::State;

/// An outgoing message as its client requested it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NewOutgoing {
    pub id: String,
    /// True for a data message, which goes to a port; false for a text.
    pub is_data: bool,
    /// The text, the data in base64, or the encrypted form of either; exactly as the client sent
    /// it.
    pub content: String,
    pub port: u16,
    pub is_encrypted: bool,
    pub skips_validation: bool,
    pub with_delivery_report: bool,
    /// The SIM slot, from 1; 0 if none was requested.
    pub sim_number: u32,
    pub priority: i8,
    /// The lifetime in seconds; 0 if none was given.
    pub ttl: i64,
    /// The end of validity, given or computed from `ttl`; 0 for none.
    pub valid_until: UnixMillis,
    /// When to send the message; 0 for at once.
    pub schedule_at: UnixMillis,
    pub created_at: UnixMillis,
    /// The numbers as the client gave them, and as they are dialled ("" if that is the same).
    pub recipients: Vec<(String, String)>,
}

/// A stored outgoing message.
#[derive(Clone)]
pub(crate) struct OutgoingRecord {
    pub seq: i64,
    pub state: State,
    /// The number of parts; 0 while unknown.
    pub parts_count: u16,
    /// When it reached each state, in the order of the columns; 0 for not yet.
    pub reached: [(State, UnixMillis); 5],
    /// The request; its recipients are in a field of their own.
    pub asked: NewOutgoing,
    pub recipients: Vec<RecipientRecord>,
}

/// A stored recipient.
#[derive(Clone)]
pub(crate) struct RecipientRecord {
    pub phone_number: String,
    pub state: State,
    /// Why sending failed; "" if it did not.
    pub error: String,
    /// The SIM slot that was used, from 1; 0 while unknown.
    pub sim_number: u32,
    /// The numbers of parts: all, sent and delivered; 0 while unknown.
    pub parts: u16,
    pub sent_parts: u32,
    pub delivered_parts: u32,
}

/// Selects the messages of a list.
#[derive(Clone, Debug)]
pub(crate) struct OutgoingFilter {
    pub state: Option<State>,
    pub from: UnixMillis,
    pub to: UnixMillis,
    pub limit: u32,
    pub offset: u64,
    pub oldest_first: bool,
}

/// A time of a recipient that is to come. It takes the eight bytes of a large number, where 0 takes
/// none, so that the row does not grow when the recipient is handed over and sent. A row that grows in
/// a full page is shared out over the pages beside it, which fails if one of them is damaged.
const NOT_YET: i64 = -(1 << 62);

/// If there are two lower bounds, SQLite seeks by the first; the second only makes the partial
/// index usable.
pub(super) const FAILED_SINCE: &str = "SELECT count(*) FROM messages INDEXED BY messages_failed
    WHERE failed_at > ? AND failed_at > 0";

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
        self.has_grown(&MESSAGES, seq)?;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO recipients (message_seq, number, phone_number, dialled, handed_at,
                 overdue_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        )?;
        for (number, (phone_number, dialled)) in (0u32..).zip(&message.recipients) {
            insert.execute(params![seq, number, phone_number, dialled, NOT_YET])?;
        }
        Ok(())
    }

    /// Stores the state of a message and when the message reached it.
    pub fn save_message_state(
        &self,
        message_seq: i64,
        state: State,
        waits_still: bool,
        parts_count: u16,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        // Every state has a column except Pending, the initial one.
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
}

impl Snapshot<'_> {
    /// Returns the message of that id with its recipients.
    pub fn outgoing(&self, id: &str) -> Result<Option<OutgoingRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE id = ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_row([id], read_outgoing).optional()?;
        found.map(|record| self.with_recipients(record)).transpose()
    }

    /// Returns the messages of the filter, and their total without limit and offset.
    pub fn outgoing_list(
        &self,
        filter: &OutgoingFilter,
    ) -> Result<(Vec<OutgoingRecord>, i64), StoreError> {
        let (numbers, total) = self.part(
            &MESSAGES,
            Part {
                class: filter.state.map(State::as_str),
                from: filter.from,
                to: filter.to,
                offset: filter.offset,
                limit: filter.limit,
                // Ties are broken by insertion order, reversed if the list is newest first.
                oldest_first: filter.oldest_first,
            },
        )?;
        let sql = format!("SELECT {COLUMNS} FROM messages WHERE seq = ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut messages = Vec::with_capacity(numbers.len());
        for number in numbers {
            let record = statement.query_row([number], read_outgoing)?;
            messages.push(self.with_recipients(record)?);
        }
        Ok((messages, total))
    }

    fn with_recipients(&self, mut record: OutgoingRecord) -> Result<OutgoingRecord, StoreError> {
        let mut statement = self.connection.prepare_cached(RECIPIENTS)?;
        let rows = statement.query_map([record.seq], |row| {
            Ok(RecipientRecord {
                phone_number: row.get(0)?,
                state: read_state(row, 1)?,
                error: row.get(2)?,
                sim_number: row.get(3)?,
                parts: row.get(4)?,
                sent_parts: PartSet::from_bytes(&row.get::<_, Vec<u8>>(5)?).len(),
                delivered_parts: PartSet::from_bytes(&row.get::<_, Vec<u8>>(6)?).len(),
            })
        })?;
        record.recipients = rows.collect::<Result<_, _>>()?;
        Ok(record)
    }

    /// Returns how many messages failed after `since`.
    pub fn failed_since(&self, since: UnixMillis) -> Result<i64, StoreError> {
        let mut statement = self.connection.prepare_cached(FAILED_SINCE)?;
        Ok(statement.query_row([since.0], |row| row.get(0))?)
    }
}

/// Selects the recipients of a message.
pub(super) const RECIPIENTS: &str = "SELECT phone_number, state, error, sim_number, parts,
    sent_parts, delivered_parts FROM recipients WHERE message_seq = ? ORDER BY number";

pub(super) const COLUMNS: &str = "seq, id, kind, content, port, is_encrypted, skips_validation,
    with_delivery_report, sim_number, priority, ttl, valid_until, schedule_at, created_at, state,
    parts_count, processed_at, sent_at, delivered_at, failed_at, cancelled_at";

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

pub(super) fn read_state(row: &Row<'_>, column: usize) -> rusqlite::Result<State> {
    let text: String = row.get(column)?;
    State::parse(&text).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, "an unknown state".into())
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::super::Store;
    use super::*;

    /// A query plan shows the index, but not the bound from which it is read.
    #[test]
    fn failed_since_does_not_read_older_failures() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let filled = store.write(|transaction| {
            let sql = "WITH RECURSIVE numbers (n) AS
                           (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
                       INSERT INTO messages (id, kind, content, created_at, waits, failed_at)
                       SELECT n, 'text', '', n, 'no', n FROM numbers";
            Ok(transaction.connection.execute(sql, [])?)
        });
        filled.wait().unwrap();
        let counted = store.read(|snapshot| {
            let mut statement = snapshot.connection.prepare(FAILED_SINCE)?;
            let count: i64 = statement.query_row([4_990], |row| row.get(0))?;
            Ok((count, statement.get_status(StatementStatus::VmStep)))
        });
        let (count, steps) = counted.unwrap();
        assert_eq!(count, 10);
        assert!(steps < 100, "{steps} steps");
    }
}

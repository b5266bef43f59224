//! Records which messages a receiver has acknowledged, so that an export can emit only the others
//! of its event.
//!
//! Cost: for a delivered event about a message, one seek, one pass over its body, and one write to
//! the message's row.

use rusqlite::{OptionalExtension, params};
use serde::Deserialize;

use super::{Snapshot, StoreError, Transaction};

/// The bits of the column `inbox.acknowledged`.
const SINGLY: i64 = 1;
const IN_A_BATCH: i64 = 2;

/// How an export emits events for the messages of its range (protocol.md 1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WebhookDelivery {
    /// No events.
    Disabled,
    /// One event for each message.
    Individual,
    /// One event for up to 100 messages.
    Batch,
}

impl WebhookDelivery {
    pub const ALL: [Self; 3] = [Self::Disabled, Self::Individual, Self::Batch];

    /// Returns the name that the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "Disabled",
            Self::Individual => "Individual",
            Self::Batch => "Batch",
        }
    }
}

/// Returns the bit for the events that such a job emits.
pub(super) fn bit(delivery: WebhookDelivery) -> i64 {
    match delivery {
        WebhookDelivery::Batch => IN_A_BATCH,
        WebhookDelivery::Individual | WebhookDelivery::Disabled => SINGLY,
    }
}

/// The fields of a body that name its messages.
#[derive(Deserialize)]
struct Body {
    payload: Told,
}

#[derive(Deserialize)]
struct Told {
    #[serde(rename = "messageId")]
    message_id: Option<String>,
    #[serde(default)]
    messages: Vec<Told>,
}

impl Transaction<'_> {
    /// Notes that a receiver has the messages of a delivery. Ignores deliveries whose body names no
    /// incoming message.
    pub(super) fn acknowledge(&self, delivery_seq: i64) -> Result<(), StoreError> {
        let Some((body, bit)) = self.snapshot().told_by(delivery_seq)? else {
            return Ok(());
        };
        let Body { payload } = serde_json::from_slice(&body)?;
        let sql = "UPDATE inbox SET acknowledged = acknowledged | ?2
                   WHERE id = ?1 AND acknowledged & ?2 = 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        let many = payload.messages.into_iter();
        let ids = many
            .filter_map(|one| one.message_id)
            .chain(payload.message_id);
        for id in ids {
            statement.execute(params![id, bit])?;
        }
        Ok(())
    }
}

impl Snapshot<'_> {
    fn told_by(&self, delivery_seq: i64) -> Result<Option<(Vec<u8>, i64)>, StoreError> {
        let sql = "SELECT body, CASE WHEN event LIKE '%:batch:%' THEN ?2 ELSE ?3 END
                   FROM deliveries WHERE seq = ?1 AND event IN (
                       'sms:received', 'sms:data-received', 'mms:received', 'mms:downloaded',
                       'sms:batch:received', 'sms:batch:data-received', 'mms:batch:received',
                       'mms:batch:downloaded')";
        let mut statement = self.connection.prepare_cached(sql)?;
        let parameters = params![delivery_seq, IN_A_BATCH, SINGLY];
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        Ok(statement.query_row(parameters, read).optional()?)
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    /// A migrated database recognises the messages that it delivered in the last days.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "a database of an older version")]
    fn migration_marks_delivered_messages_as_acknowledged() {
        let connection = Connection::open_in_memory().expect("a database");
        for step in [
            include_str!("schema/0001_initial.sql"),
            include_str!("schema/0002_tokens.sql"),
            include_str!("schema/0003_sending.sql"),
            include_str!("schema/0004_history.sql"),
            include_str!("schema/0005_web.sql"),
            include_str!("schema/0006_inbox.sql"),
            include_str!("schema/0007_used_tokens.sql"),
        ] {
            connection.execute_batch(step).expect("a step");
        }
        for (number, state) in [(1, "delivered"), (2, "pending"), (3, "delivered")] {
            let id = format!("message-id-00000000-{number}");
            let event = if number == 3 {
                "sms:sent"
            } else {
                "sms:received"
            };
            let body = format!(
                r#"{{"payload":{{"message":"\"messageId\":\"x","messageId":"{id}","simNumber":1}}}}"#
            );
            let sql = "INSERT INTO inbox (id, kind, sender, received_at, created_at)
                       VALUES (?, 'SMS', '', 0, 0)";
            connection.execute(sql, [&id]).expect("a message");
            let sql = "INSERT INTO deliveries (id, webhook_key, webhook_source, webhook_id, event,
                           body, state, due_at, created_at, settled_at)
                       VALUES (?1, 1, 'local', '', ?2, CAST(?3 AS BLOB), ?4, 0, 0, 1)";
            let values = [&id, event, &body, state];
            connection.execute(sql, values).expect("a delivery");
        }
        let step = include_str!("schema/0008_acknowledged.sql");
        connection.execute_batch(step).expect("the step");
        let sql = "SELECT group_concat(acknowledged) FROM inbox ORDER BY seq";
        let found: String = connection
            .query_row(sql, [], |row| row.get(0))
            .expect("a row");
        assert_eq!(found, "1,0,0");
    }
}

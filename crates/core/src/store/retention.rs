//! Removes old rows in small batches, so that no batch blocks the writer for long.

use rusqlite::params;

use super::{MetaKey, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// The most rows that one batch removes.
const BATCH: u32 = 500;

/// Rows older than their limit are removed; pending ones never are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub now: UnixMillis,
    /// For delivered and cancelled deliveries.
    pub delivered: UnixMillis,
    /// For dead deliveries.
    pub dead: UnixMillis,
    pub logs: UnixMillis,
    /// For incoming and outgoing messages; `None` keeps them for ever.
    pub messages: Option<UnixMillis>,
    /// For rows of the phone inbox whose message is gone. They are remembered that long so that a
    /// removed message does not come back as a new one.
    pub phone_rows: UnixMillis,
}

/// The result of one batch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expired {
    pub dead: usize,
    /// Whether another batch may find more.
    pub more: bool,
}

impl Transaction<'_> {
    /// Removes one batch of every kind.
    pub fn expire(&self, limits: &Limits) -> Result<Expired, StoreError> {
        let settled = "DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries
                           WHERE state = ?1 AND settled_at > 0 AND settled_at < ?2 LIMIT ?3)";
        // Ends at the first entry to keep. Entries are in the order of writing, so no index is
        // needed.
        let logs = "DELETE FROM logs WHERE seq IN (SELECT seq FROM logs
                        WHERE seq < coalesce((SELECT seq FROM logs WHERE created_at >= ?1
                            ORDER BY seq LIMIT 1), 9223372036854775807) ORDER BY seq LIMIT ?2)";
        let inbox = "DELETE FROM inbox WHERE seq IN
                         (SELECT seq FROM inbox WHERE received_at < ?1 LIMIT ?2)";
        // Messages that wait or that the modem has are kept. The age of the others counts from
        // their last state: a message may have waited longer than messages are kept, and its report
        // is still to come.
        let sent = "DELETE FROM messages WHERE seq IN (SELECT seq FROM messages
                        WHERE created_at < ?1 AND waits = 'no' AND state <> 'Processed'
                            AND max(processed_at, sent_at, delivered_at, failed_at, cancelled_at) < ?1
                        LIMIT ?2)";
        let rows = "DELETE FROM phone_rows WHERE seq IN (SELECT seq FROM phone_rows
                        WHERE inbox_seq IS NULL AND received_at < ?1 LIMIT ?2)";
        let remove = |state: &str, before: UnixMillis| -> Result<usize, StoreError> {
            Ok(self
                .connection
                .prepare_cached(settled)?
                .execute(params![state, before.0, BATCH])?)
        };
        let tokens = "DELETE FROM tokens WHERE jti IN
                          (SELECT jti FROM tokens WHERE expires_at < ?1 LIMIT ?2)";
        let removed = [
            remove("dead", limits.dead)?,
            remove("delivered", limits.delivered)?,
            remove("cancelled", limits.delivered)?,
            self.connection
                .prepare_cached(logs)?
                .execute(params![limits.logs.0, BATCH])?,
            self.connection
                .prepare_cached(tokens)?
                .execute(params![limits.now.0, BATCH])?,
            match limits.messages {
                Some(before) => self
                    .connection
                    .prepare_cached(inbox)?
                    .execute(params![before.0, BATCH])?,
                None => 0,
            },
            match limits.messages {
                Some(before) => self
                    .connection
                    .prepare_cached(sent)?
                    .execute(params![before.0, BATCH])?,
                None => 0,
            },
            self.connection
                .prepare_cached(rows)?
                .execute(params![limits.phone_rows.0, BATCH])?,
        ];
        if removed[3] > 0 {
            self.drop_log_blocks()?;
        }
        let dead = removed[0];
        if dead > 0 {
            let before = self
                .snapshot()
                .meta_number(MetaKey::RemovedDead)?
                .unwrap_or(0);
            let after = before.saturating_add(i64::try_from(dead).unwrap_or(i64::MAX));
            self.set_meta(MetaKey::RemovedDead, &after.to_string())?;
            self.set_meta(MetaKey::RemovedDeadAt, &limits.now.0.to_string())?;
        }
        Ok(Expired {
            dead,
            more: removed.iter().any(|count| *count >= BATCH as usize),
        })
    }
}

//! Registered webhooks. Webhooks of different sources are kept apart: the key is (source, id).

use rusqlite::{OptionalExtension, Row, params};

use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// Who registered a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A client of the device's own API.
    Local,
    /// A server in Cloud or Private mode.
    Cloud,
}

impl Source {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Cloud => "cloud",
        }
    }
}

/// A registered webhook. `Debug` hides the URL, whose query may hold a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id, unique within its source.
    pub id: String,
    /// The URL exactly as it was registered.
    pub url: String,
    /// The name of its event.
    pub event: String,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Webhook")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Snapshot<'_> {
    /// Returns the webhooks of one source with their numbers, oldest first. Leaves out those that
    /// cannot be read because of damage.
    pub fn keyed_webhooks(&self, source: Source) -> Result<Vec<(i64, Webhook)>, StoreError> {
        match self.all_webhooks(source) {
            Err(StoreError::Damaged) => self.readable_webhooks(source),
            read => read,
        }
    }

    fn readable_webhooks(&self, source: Source) -> Result<Vec<(i64, Webhook)>, StoreError> {
        let sql = "SELECT id, url, event FROM webhooks WHERE key = ? AND source = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut keys = self.webhook_keys()?;
        keys.sort_unstable();
        let mut webhooks = Vec::new();
        for key in keys {
            let found = statement.query_row(params![key, source.as_str()], read_webhook);
            match found.optional().map_err(StoreError::from) {
                Ok(found) => webhooks.extend(found.map(|webhook| (key, webhook))),
                Err(StoreError::Damaged) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(webhooks)
    }

    fn all_webhooks(&self, source: Source) -> Result<Vec<(i64, Webhook)>, StoreError> {
        let sql = "SELECT id, url, event, key FROM webhooks WHERE source = ? ORDER BY key";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([source.as_str()], |row| {
            Ok((row.get(3)?, read_webhook(row)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns one webhook with its number.
    pub fn webhook(&self, source: Source, id: &str) -> Result<Option<(i64, Webhook)>, StoreError> {
        let sql = "SELECT id, url, event, key FROM webhooks WHERE source = ? AND id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([source.as_str(), id], |row| {
            Ok((row.get(3)?, read_webhook(row)?))
        });
        Ok(found.optional()?)
    }
}

impl Transaction<'_> {
    /// Returns whether there is a webhook of that id.
    pub fn has_webhook(&self, source: Source, id: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM webhooks WHERE source = ? AND id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.exists([source.as_str(), id])?)
    }

    /// Creates the webhook or replaces the one with its id. Deliveries that are queued for that id
    /// stay queued and go to the new URL.
    pub fn put_webhook(
        &self,
        source: Source,
        webhook: &Webhook,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO webhooks (source, id, url, event, created_at, updated_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?5)
                   ON CONFLICT (source, id) DO UPDATE SET url = ?3, event = ?4, updated_at = ?5";
        self.connection.prepare_cached(sql)?.execute(params![
            source.as_str(),
            webhook.id,
            webhook.url,
            webhook.event,
            now.0,
        ])?;
        Ok(())
    }

    /// Removes the webhook and cancels its queued deliveries, including an attempt in flight.
    /// Returns how many were cancelled, or `None` if there is no webhook of that id.
    pub fn delete_webhook(
        &self,
        source: Source,
        id: &str,
        now: UnixMillis,
    ) -> Result<Option<usize>, StoreError> {
        let sql = "DELETE FROM webhooks WHERE source = ? AND id = ? RETURNING key";
        let mut statement = self.connection.prepare_cached(sql)?;
        let deleted = statement
            .query_row([source.as_str(), id], |row| row.get(0))
            .optional()?;
        let Some(key) = deleted else { return Ok(None) };
        Ok(Some(self.cancel_deliveries(key, now)?))
    }
}

fn read_webhook(row: &Row<'_>) -> rusqlite::Result<Webhook> {
    Ok(Webhook {
        id: row.get(0)?,
        url: row.get(1)?,
        event: row.get(2)?,
    })
}

//! The sessions of the web page. Only hashes are stored, so the database gives access to no
//! session.

use rusqlite::{OptionalExtension, params};

use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// The most sessions that are kept; beyond that the oldest ones end.
const MOST: u32 = 100;

pub(super) const HAS_SESSION: &str = "SELECT 1 FROM sessions
    WHERE token_hash = ?1 AND expires_at > ?2 AND created_at <= ?2";

impl Transaction<'_> {
    /// Stores a new session and removes those that ended.
    pub fn insert_session(
        &self,
        token_hash: &[u8],
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO sessions (token_hash, created_at, expires_at) VALUES (?, ?, ?)";
        self.connection
            .prepare_cached(sql)?
            .execute(params![token_hash, now.0, expires_at.0])?;
        let sql = "DELETE FROM sessions WHERE expires_at <= ?1 OR token_hash NOT IN
                       (SELECT token_hash FROM sessions ORDER BY created_at DESC LIMIT ?2)";
        self.connection
            .prepare_cached(sql)?
            .execute(params![now.0, MOST])?;
        Ok(())
    }

    /// Ends one session.
    pub fn delete_session(&self, token_hash: &[u8]) -> Result<(), StoreError> {
        let sql = "DELETE FROM sessions WHERE token_hash = ?";
        self.connection.prepare_cached(sql)?.execute([token_hash])?;
        Ok(())
    }

    /// Ends all sessions, because the user or the password changed.
    pub fn delete_sessions(&self) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM sessions", [])?;
        Ok(())
    }
}

impl Snapshot<'_> {
    /// Returns whether this session exists and has not ended. A session with a start in the future
    /// counts as ended: the clock was set back.
    pub fn has_session(&self, token_hash: &[u8], now: UnixMillis) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached(HAS_SESSION)?;
        let found = statement
            .query_row(params![token_hash, now.0], |_| Ok(()))
            .optional()?;
        Ok(found.is_some())
    }
}

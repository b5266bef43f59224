//! Who is signed in on the page. Only hashes are kept, so the database opens no session.

use rusqlite::{OptionalExtension, params};

use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// Sessions kept at most; with more, the oldest end.
const MOST: u32 = 100;

pub(super) const HAS_SESSION: &str = "SELECT 1 FROM sessions
    WHERE token_hash = ?1 AND expires_at > ?2 AND created_at <= ?2";

impl Transaction<'_> {
    /// Keeps a new session and removes those that ended.
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

    /// Ends all sessions: the user or the password changed.
    pub fn delete_sessions(&self) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM sessions", [])?;
        Ok(())
    }
}

impl Snapshot<'_> {
    /// Whether this session was begun and has not ended. One that began in the future counts as
    /// ended: the clock was set back.
    pub fn has_session(&self, token_hash: &[u8], now: UnixMillis) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached(HAS_SESSION)?;
        let found = statement
            .query_row(params![token_hash, now.0], |_| Ok(()))
            .optional()?;
        Ok(found.is_some())
    }
}

//! The issued tokens: a token is not valid if its row is missing or revoked.
//!
//! Cost of a check: one seek. Cost of a rotation: one read and four small writes, one commit.

use rusqlite::{OptionalExtension, params};

use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// An access token and the refresh token issued with it.
#[derive(Clone)]
pub(crate) struct NewPair {
    pub access_jti: String,
    pub access_expires_at: UnixMillis,
    pub refresh_jti: String,
    pub refresh_expires_at: UnixMillis,
}

/// The result of exchanging a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// The token is used up, and the new pair is valid.
    Rotated,
    /// The token was used before; now no refresh token of its family is valid any more.
    Replayed,
    /// The token was revoked, or never issued here.
    Revoked,
}

impl Snapshot<'_> {
    /// Returns whether that access token was issued here and is not revoked. The token itself holds
    /// its expiry.
    pub fn is_access_token(&self, jti: &str) -> Result<bool, StoreError> {
        let sql = "SELECT revoked_at = 0 AND use = 'access' FROM tokens WHERE jti = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let counts = statement.query_row([jti], |row| row.get(0)).optional()?;
        Ok(counts.unwrap_or(false))
    }
}

impl Transaction<'_> {
    /// Stores a pair; `family` is the id of the first access token of its line.
    pub fn insert_tokens(&self, pair: &NewPair, family: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO tokens (jti, use, family, pair, expires_at) VALUES (?, ?, ?, ?, ?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let NewPair {
            access_jti,
            refresh_jti,
            ..
        } = pair;
        let expires_at = pair.access_expires_at.0;
        statement.execute(params![access_jti, "access", family, "", expires_at])?;
        let expires_at = pair.refresh_expires_at.0;
        statement.execute(params![
            refresh_jti,
            "refresh",
            family,
            access_jti,
            expires_at
        ])?;
        Ok(())
    }

    /// Exchanges a refresh token for a new pair, once.
    pub fn rotate_token(
        &self,
        refresh_jti: &str,
        pair: &NewPair,
        now: UnixMillis,
    ) -> Result<Rotation, StoreError> {
        let sql = "SELECT family, used_at <> 0, revoked_at <> 0 FROM tokens
                   WHERE jti = ? AND use = 'refresh'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found: Option<(String, bool, bool)> = statement
            .query_row([refresh_jti], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((family, used, revoked)) = found else {
            return Ok(Rotation::Revoked);
        };
        if used {
            let sql = "UPDATE tokens SET revoked_at = ?
                       WHERE family = ? AND use = 'refresh' AND revoked_at = 0";
            self.connection
                .prepare_cached(sql)?
                .execute(params![now.0, family])?;
            return Ok(Rotation::Replayed);
        }
        if revoked {
            return Ok(Rotation::Revoked);
        }
        let sql = "UPDATE tokens SET used_at = ?1, revoked_at = ?1 WHERE jti = ?2";
        self.connection
            .prepare_cached(sql)?
            .execute(params![now.0, refresh_jti])?;
        self.insert_tokens(pair, &family)?;
        Ok(Rotation::Rotated)
    }

    /// Revokes a token and, if it is an access token, the refresh token issued with it. Returns
    /// false if there was nothing to revoke.
    pub fn revoke_token(&self, jti: &str, now: UnixMillis) -> Result<bool, StoreError> {
        let sql = "UPDATE tokens SET revoked_at = ?1
                   WHERE (jti = ?2 OR (pair = ?2 AND pair > '')) AND revoked_at = 0";
        let revoked = self
            .connection
            .prepare_cached(sql)?
            .execute(params![now.0, jti])?;
        Ok(revoked > 0)
    }

    /// Revokes all tokens, as a change of the password does. Returns how many there were.
    pub fn revoke_all_tokens(&self) -> Result<usize, StoreError> {
        // A token without a row is not valid, so the rows can be deleted.
        Ok(self
            .connection
            .prepare_cached("DELETE FROM tokens")?
            .execute([])?)
    }
}

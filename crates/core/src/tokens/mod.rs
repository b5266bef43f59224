//! Access tokens (protocol.md 1.2): a client with few needs gets a token with few rights instead of
//! the password.
//!
//! A token is valid while its signature, issuer and expiry are right **and** its row is in the
//! store and not revoked. A refresh token can be exchanged once. If it is used a second time, it
//! was stolen from one of the two users, so then all refresh tokens of its line are revoked.
//!
//! Cost: an HMAC and one seek in the store for every request with a token; a commit for each new
//! pair.

mod jwt;
mod scopes;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

pub(crate) use jwt::TokenUse;
use jwt::{Claims, Signer};
#[cfg(test)]
pub(crate) use scopes::SCOPES;
pub(crate) use scopes::{ALL, REFRESH, Scopes};

use crate::model::clock::{Clock, UnixMillis};
use crate::model::id;
use crate::store::{LogEntry, Module, NewPair, Priority, Rotation, Store, StoreError};

const ISSUER: &str = "simrelay";

/// The lifetime of an access token, unless the request gives another.
pub(crate) const DEFAULT_TTL: Duration = Duration::from_secs(86_400);
/// The longest lifetime of any token, in seconds: a year.
pub(crate) const MAX_TTL: u64 = 31_536_000;

/// Issues, exchanges, revokes and reads tokens.
pub(crate) struct Tokens {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    signer: Signer,
}

/// The tokens for a client. It has no `Debug` on purpose.
pub(crate) struct TokenPair {
    /// The id of the access token, which revokes it.
    pub jti: String,
    pub access_token: String,
    pub expires_at: UnixMillis,
    pub refresh_token: String,
}

/// A token that was signed here and has not expired.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub jti: String,
    pub token_use: TokenUse,
    /// The scopes of the token; for a refresh token, those of the pairs that it gives.
    pub scopes: Scopes,
}

/// Why a token is not valid; the sentence says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    /// It was not signed here, or its claims make no sense.
    #[error("This token is invalid. Get a new one with POST /auth/token.")]
    Invalid,
    /// It has expired.
    #[error(
        "This token has expired. Refresh it with POST /auth/token/refresh, or get a new one with POST /auth/token."
    )]
    Expired,
    /// It was revoked.
    #[error("This token was revoked. Get a new one with POST /auth/token.")]
    Revoked,
    /// It is a refresh token that was used before.
    #[error(
        "This refresh token was used before, so all refresh tokens issued from it were revoked. \
         Get a new token with POST /auth/token."
    )]
    Replayed,
}

/// Why a refresh token was not exchanged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefreshError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Tokens {
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>, secret: &str) -> Self {
        Self {
            store,
            clock,
            signer: Signer::new(secret),
        }
    }

    /// Returns the claims of a token if it was signed here and has not expired. It may still be
    /// revoked: [`Tokens::is_live`] or the exchange checks that.
    pub fn read(&self, token: &str) -> Result<Bearer, TokenError> {
        let claims = self.signer.verify(token).ok_or(TokenError::Invalid)?;
        if claims.iss != ISSUER {
            return Err(TokenError::Invalid);
        }
        if self.clock.now().0 >= claims.exp.saturating_mul(1_000) {
            return Err(TokenError::Expired);
        }
        let scopes = match claims.token_use {
            TokenUse::Access => claims.scopes,
            TokenUse::Refresh => claims.original_scopes,
        };
        Ok(Bearer {
            jti: claims.jti,
            token_use: claims.token_use,
            scopes: Scopes::parse(&scopes).map_err(|_| TokenError::Invalid)?,
        })
    }

    /// Returns whether an access token was issued here and is not revoked.
    pub async fn is_live(&self, bearer: &Bearer) -> Result<bool, StoreError> {
        let jti = bearer.jti.clone();
        self.store
            .read_soon(move |snapshot| snapshot.is_access_token(&jti))
            .await
    }

    /// Returns a new pair, the first of its line.
    pub async fn issue(&self, scopes: &Scopes, ttl: Duration) -> Result<TokenPair, StoreError> {
        let now = self.clock.now();
        let (pair, row) = self.make(scopes, ttl, now)?;
        let entry = entry(now, Priority::Info, "Token issued.", &pair.jti);
        let written = self.store.write(move |transaction| {
            transaction.insert_tokens(&row, &row.access_jti)?;
            transaction.log(&entry)
        });
        written.await?;
        Ok(pair)
    }

    /// Exchanges a refresh token for a new pair of the same scopes and the default lifetime. The
    /// result is on the disk before this returns, also if the token was replayed.
    pub async fn refresh(&self, bearer: &Bearer) -> Result<TokenPair, RefreshError> {
        let now = self.clock.now();
        let (pair, row) = self.make(&bearer.scopes, DEFAULT_TTL, now)?;
        let used = bearer.jti.clone();
        let written = self.store.write(move |transaction| {
            let rotation = transaction.rotate_token(&used, &row, now)?;
            let entry = match rotation {
                Rotation::Rotated => {
                    entry(now, Priority::Info, "Token refreshed.", &row.access_jti)
                }
                Rotation::Replayed => {
                    let message = "A refresh token was used twice, so all refresh tokens issued from it were revoked.";
                    entry(now, Priority::Warn, message, &used)
                }
                Rotation::Revoked => return Ok(rotation),
            };
            transaction.log(&entry)?;
            Ok(rotation)
        });
        match written.await? {
            Rotation::Rotated => Ok(pair),
            Rotation::Replayed => Err(TokenError::Replayed.into()),
            Rotation::Revoked => Err(TokenError::Revoked.into()),
        }
    }

    /// Revokes a token; with an access token, also the refresh token issued with it. Does nothing
    /// for an unknown one.
    pub async fn revoke(&self, jti: &str) -> Result<(), StoreError> {
        let (now, jti) = (self.clock.now(), jti.to_owned());
        let written = self.store.write(move |transaction| {
            if transaction.revoke_token(&jti, now)? {
                transaction.log(&entry(now, Priority::Info, "Token revoked.", &jti))?;
            }
            Ok(())
        });
        written.await
    }

    fn make(
        &self,
        scopes: &Scopes,
        ttl: Duration,
        now: UnixMillis,
    ) -> Result<(TokenPair, NewPair), StoreError> {
        let issued_at = now.0.div_euclid(1_000);
        let expiry = |ttl: u64| issued_at.saturating_add(i64::try_from(ttl).unwrap_or(i64::MAX));
        let access = Claims {
            iss: ISSUER.into(),
            jti: id::fresh(),
            iat: issued_at,
            exp: expiry(ttl.as_secs()),
            scopes: scopes.to_claim(),
            token_use: TokenUse::Access,
            original_scopes: Vec::new(),
        };
        let refresh = Claims {
            jti: id::fresh(),
            exp: expiry(refresh_ttl(ttl.as_secs())),
            scopes: vec![REFRESH.into()],
            token_use: TokenUse::Refresh,
            original_scopes: scopes.to_claim(),
            ..access.clone()
        };
        let millis = |seconds: i64| UnixMillis(seconds.saturating_mul(1_000));
        let pair = TokenPair {
            jti: access.jti.clone(),
            access_token: self.signer.sign(&access)?,
            expires_at: millis(access.exp),
            refresh_token: self.signer.sign(&refresh)?,
        };
        let row = NewPair {
            access_jti: access.jti,
            access_expires_at: millis(access.exp),
            refresh_jti: refresh.jti,
            refresh_expires_at: millis(refresh.exp),
        };
        Ok((pair, row))
    }
}

/// Returns seven times the lifetime of the access token, at most a year, as in SMSGate.
fn refresh_ttl(access_ttl: u64) -> u64 {
    access_ttl.saturating_mul(7).min(MAX_TTL).max(access_ttl)
}

fn entry(at: UnixMillis, priority: Priority, message: &str, jti: &str) -> LogEntry {
    LogEntry::new(
        at,
        priority,
        Module::Tokens,
        message,
        json!({"tokenId": jti}),
    )
}

//! Signing in to the page: sessions, and links that sign in once.
//!
//! A session is a random token that only the browser has; the store keeps its hash. A link's secret
//! is kept in memory only, for minutes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ring::digest::{SHA256, digest};
use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::model::clock::Clock;
use crate::model::id;
use crate::store::{LogEntry, Module, Priority, Store, StoreError};

/// How long a session lasts.
pub(crate) const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 86_400);
/// How long a link can be used.
const LINK_LIFETIME: Duration = Duration::from_secs(5 * 60);
/// The most links that can be used at the same time; the oldest is removed first.
const LINKS: usize = 8;

/// The hash of a link's secret, and the monotonic time until which it can be used.
struct Link {
    hash: Vec<u8>,
    until: Duration,
}

/// The sessions of the page.
pub(crate) struct Sessions {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    links: Mutex<Vec<Link>>,
}

impl Sessions {
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            links: Mutex::default(),
        }
    }

    /// Returns the secret of a new link.
    pub fn new_link(&self) -> String {
        let secret = id::secret();
        let now = self.clock.monotonic();
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|link| link.until > now);
        if links.len() >= LINKS {
            links.remove(0);
        }
        links.push(Link {
            hash: hash(&secret),
            until: now + LINK_LIFETIME,
        });
        secret
    }

    /// Uses up the link with this secret. Returns whether there was one.
    pub fn use_link(&self, secret: &str) -> bool {
        let (given, now) = (hash(secret), self.clock.monotonic());
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|link| link.until > now);
        let usable = links.len();
        links.retain(|link| !bool::from(link.hash.ct_eq(&given)));
        links.len() < usable
    }

    /// Starts a session. Returns its token, which only its browser may get.
    pub async fn begin(&self) -> Result<String, StoreError> {
        let token = id::secret();
        let (hash, now) = (hash(&token), self.clock.now());
        let expires_at = now.plus(SESSION_LIFETIME);
        let written = self.store.write(move |transaction| {
            transaction.insert_session(&hash, now, expires_at)?;
            let message = "Signed in on the page.";
            transaction.log(&LogEntry::new(
                now,
                Priority::Info,
                Module::Gateway,
                message,
                Value::Null,
            ))
        });
        written.await?;
        Ok(token)
    }

    /// Returns whether a session with this token is going on.
    pub async fn is_live(&self, token: &str) -> Result<bool, StoreError> {
        let (hash, now) = (hash(token), self.clock.now());
        let read = self
            .store
            .read_soon(move |snapshot| snapshot.has_session(&hash, now));
        read.await
    }

    /// Ends a session.
    pub async fn end(&self, token: &str) -> Result<(), StoreError> {
        let hash = hash(token);
        let written = self
            .store
            .write(move |transaction| transaction.delete_session(&hash));
        written.await
    }
}

fn hash(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

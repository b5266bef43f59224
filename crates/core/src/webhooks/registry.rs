//! The registry of webhooks (protocol.md 1.4, Webhook).
//!
//! Cost: reading the list clones an `Arc`; a change reads one row and copies the list.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use serde_json::json;

use super::entry;
use crate::events::EventName;
use crate::model::clock::Clock;
use crate::model::id;
use crate::net::url_rules::{self, UrlError};
use crate::settings::AllowHttp;
use crate::store::{Reader, Source, Store, StoreError, Webhook};

/// A client's request to create or replace a webhook.
#[derive(Clone, Default)]
pub struct Registration {
    /// 1 to 64 printable characters; if absent or empty, the gateway makes an id.
    pub id: Option<String>,
    /// The URL to post to.
    pub url: String,
    /// The name of the event.
    pub event: String,
}

/// Why a registration is wrong, as a sentence that says what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegistration {
    /// The id is wrong.
    #[error(
        "id must have 1 to 64 printable characters: no control characters and no invisible ones."
    )]
    Id,
    /// The event is unknown.
    #[error("event must be one of {}.", known_events())]
    Event,
    /// The URL is wrong.
    #[error(transparent)]
    Url(#[from] UrlError),
}

fn known_events() -> String {
    let known = EventName::ALL.iter().map(|event| event.as_str());
    known.collect::<Vec<_>>().join(", ")
}

/// Why a registration was refused; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// A field is wrong; the sentence says what to change.
    #[error(transparent)]
    Invalid(#[from] InvalidRegistration),
    /// A webhook has this id, and it was not to be replaced.
    #[error("A webhook with this id already exists.")]
    Taken,
    /// No webhook has this id, and one was to be changed.
    #[error("There is no webhook with this id any more.")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which webhook may already have the id of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfExists {
    /// Any; it is replaced.
    Any,
    /// None.
    Nothing,
    /// There must be one; it is changed.
    Webhook,
}

impl IfExists {
    fn check(self, known: bool) -> Result<(), RegisterError> {
        match self {
            Self::Nothing if known => Err(RegisterError::Taken),
            Self::Webhook if !known => Err(RegisterError::Gone),
            _ => Ok(()),
        }
    }
}

/// The registered webhooks.
pub struct Registry {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    local: ArcSwap<Vec<Webhook>>,
    /// The keys of the webhooks in the list. Locked while a webhook is read again, so that an older
    /// state of it never replaces a newer one.
    keys: Mutex<Vec<i64>>,
}

impl Registry {
    pub(crate) fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let keyed = store.read_as(Reader::Loops, |snapshot| {
            snapshot.keyed_webhooks(Source::Local)
        })?;
        let (keys, local) = keyed.into_iter().unzip();
        Ok(Self {
            store,
            clock,
            local: ArcSwap::from_pointee(local),
            keys: Mutex::new(keys),
        })
    }

    /// Returns the webhooks of the device's own API, oldest first.
    pub fn local(&self) -> Arc<Vec<Webhook>> {
        self.local.load_full()
    }

    /// Creates the webhook, or replaces the one with that id.
    pub async fn register(
        &self,
        source: Source,
        registration: Registration,
        allow_http: AllowHttp,
    ) -> Result<Webhook, RegisterError> {
        self.put(source, registration, allow_http, IfExists::Any)
            .await
    }

    /// Creates or changes the webhook, if `IfExists` allows what is stored under its id.
    pub async fn put(
        &self,
        source: Source,
        registration: Registration,
        allow_http: AllowHttp,
        before: IfExists,
    ) -> Result<Webhook, RegisterError> {
        let webhook = check(registration, allow_http)?;
        let now = self.clock.now();
        let stored = webhook.clone();
        let written = self.store.write(move |transaction| {
            let fits = before.check(transaction.has_webhook(source, &stored.id)?);
            if fits.is_err() {
                return Ok(fits);
            }
            transaction.put_webhook(source, &stored, now)?;
            let context = json!({"webhookId": stored.id, "event": stored.event});
            transaction.log(&entry(now, "Webhook registered.", context))?;
            Ok(Ok(()))
        });
        written.await??;
        self.read_again(source, &webhook.id)?;
        Ok(webhook)
    }

    /// Removes the webhook and cancels its pending deliveries; does nothing if there is no such
    /// webhook.
    pub async fn delete(&self, source: Source, id: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let named = id.to_owned();
        let written = self.store.write(move |transaction| {
            let id = &named;
            let Some(cancelled) = transaction.delete_webhook(source, id, now)? else {
                return Ok(());
            };
            let context = json!({"webhookId": id, "cancelled": cancelled});
            transaction.log(&entry(now, "Webhook deleted.", context))
        });
        written.await?;
        self.read_again(source, id)
    }

    /// Updates the list with the webhook's present state in the store.
    fn read_again(&self, source: Source, id: &str) -> Result<(), StoreError> {
        if source != Source::Local {
            return Ok(());
        }
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let stored = self
            .store
            .read_as(Reader::Loops, |snapshot| snapshot.webhook(source, id))?;
        let mut list = Vec::clone(&self.local.load());
        let place = list.iter().position(|webhook| webhook.id == id);
        if let Some(place) = place {
            list.remove(place);
            keys.remove(place);
        }
        if let Some((key, webhook)) = stored {
            let place = keys.partition_point(|known| *known < key);
            keys.insert(place, key);
            list.insert(place, webhook);
        }
        self.local.store(Arc::new(list));
        Ok(())
    }
}

fn check(
    registration: Registration,
    allow_http: AllowHttp,
) -> Result<Webhook, InvalidRegistration> {
    let asked = registration.id.filter(|id| !id.is_empty());
    let id = asked.unwrap_or_else(id::fresh);
    if id.chars().count() > 64 || !id::prints(&id) {
        return Err(InvalidRegistration::Id);
    }
    if EventName::parse(&registration.event).is_none() {
        return Err(InvalidRegistration::Event);
    }
    url_rules::check(&registration.url, allow_http)?;
    Ok(Webhook {
        id,
        url: registration.url,
        event: registration.event,
    })
}

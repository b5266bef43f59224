//! Registration: who wants to be told of what (protocol.md 1.4, Webhook).
//!
//! Cost of the list: a clone of an `Arc`; of a change: one row read, and a copy of the list.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use serde_json::json;

use crate::events::EventName;
use crate::model::clock::{Clock, UnixMillis};
use crate::model::id;
use crate::net::url_rules::{self, UrlError};
use crate::settings::AllowHttp;
use crate::store::{LogEntry, Module, Priority, Reader, Source, Store, StoreError, Webhook};

/// What a registration asks for.
#[derive(Clone, Default)]
pub struct Registration {
    /// 1 to 64 characters that print; a fresh one if absent or empty.
    pub id: Option<String>,
    /// Where to post.
    pub url: String,
    /// What to tell, by name.
    pub event: String,
}

/// What is wrong with a registration, as a sentence that says what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegistration {
    /// The id.
    #[error(
        "id must have 1 to 64 printable characters: no control characters and no invisible ones."
    )]
    Id,
    /// The event.
    #[error("event must be one of {}.", known_events())]
    Event,
    /// The URL.
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
    /// There is one of that id, and it was not to be replaced.
    #[error("A webhook with this id already exists.")]
    Taken,
    /// There is none of that id, and it was to be changed.
    #[error("There is no webhook with this id any more.")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What may stand under the id of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfExists {
    /// Anything; a webhook is replaced.
    Any,
    /// Nothing.
    Nothing,
    /// A webhook, which is changed.
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
    /// The numbers of the list. Held while a webhook is read again, so that an older state of it never
    /// replaces a newer one.
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

    /// The webhooks of the device's own API, oldest first.
    pub fn local(&self) -> Arc<Vec<Webhook>> {
        self.local.load_full()
    }

    /// Creates the webhook or replaces the one of that id.
    pub async fn register(
        &self,
        source: Source,
        registration: Registration,
        allow_http: AllowHttp,
    ) -> Result<Webhook, RegisterError> {
        self.put(source, registration, allow_http, IfExists::Any)
            .await
    }

    /// Creates or changes the webhook, if nothing but that stands under its id.
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

    /// Removes the webhook and cancels what is queued for it; nothing happens if there is none.
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

    /// Puts into the list what is in the store now.
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

fn entry(at: UnixMillis, message: &str, context: serde_json::Value) -> LogEntry {
    LogEntry::new(at, Priority::Info, Module::Webhooks, message, context)
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

//! What is made on the first start and kept for ever: the device's id, credentials, secrets.

use serde_json::{Value, json};

use super::access::{self, AccessError, DEFAULT_PORT};
use super::note;
use super::settings::SIGNING_KEY;
use crate::clock::UnixMillis;
use crate::credentials::Credentials;
use crate::id;
use crate::settings::{Kind, Settings};
use crate::store::{MetaKey, Priority, Snapshot, Store, StoreError, Transaction};

const KEY_REMOVED: &str = "A private key was removed from webhooks.ca_certificates, which is shown to \
    whoever may read the settings. Make a new key with a new certificate for the receiver.";
const LOGIN_REMOVED: &str = "A user or a password was removed from gateway.cloud_url, which is shown \
    to whoever may read the settings. Change the password.";

/// The setting of the id that was taken over.
pub(super) const DEVICE_ID: &str = "device.id";

/// How to open, and credentials the shell wants to hold instead of the kept ones.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The API's user; the kept one (at first `sms`) if absent.
    pub user: Option<String>,
    /// The API's password; the kept one (at first random) if absent.
    pub password: Option<String>,
    /// The id of a phone whose place this device takes, kept as a setting; unchanged if absent.
    pub device_id: Option<String>,
    /// Whether an older database may be brought up to date, which can take long; if not, it is
    /// refused as it is. A new one is made in any case.
    pub may_migrate: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            user: None,
            password: None,
            device_id: None,
            may_migrate: true,
        }
    }
}

/// Who this gateway is.
pub(super) struct Identity {
    pub device_id: String,
    pub created_at: UnixMillis,
    pub credentials: Credentials,
    pub token_secret: String,
    pub port: u16,
}

/// Whether the user and the password that are wanted may be used. What is kept already may be, even
/// if it is from before there was a rule.
pub(super) fn check_wanted(
    snapshot: &Snapshot<'_>,
    options: &OpenOptions,
) -> Result<Result<(), AccessError>, StoreError> {
    let new = |key, wanted: &Option<String>| {
        let kept = snapshot.meta(key)?;
        Ok::<_, StoreError>(
            wanted
                .clone()
                .filter(|wanted| kept.as_ref() != Some(wanted)),
        )
    };
    let user = new(MetaKey::User, &options.user)?;
    let password = new(MetaKey::Password, &options.password)?;
    Ok(access::check_credentials(
        user.as_deref(),
        password.as_deref(),
    ))
}

/// Makes on first start what is kept for ever, and takes the credentials the shell wants.
pub(super) fn prepare(
    transaction: &Transaction<'_>,
    options: &OpenOptions,
    now: UnixMillis,
) -> Result<(Identity, Settings), StoreError> {
    let snapshot = transaction.snapshot();
    let kept = |key, wanted: Option<&String>, default: &dyn Fn() -> String| {
        let before = snapshot.meta(key)?;
        let value = wanted
            .cloned()
            .or_else(|| before.clone())
            .unwrap_or_else(default);
        if before.as_ref() != Some(&value) {
            transaction.set_meta(key, &value)?;
        }
        Ok::<_, StoreError>(value)
    };
    let password_before = snapshot.meta(MetaKey::Password)?;
    let credentials = Credentials {
        user: kept(MetaKey::User, options.user.as_ref(), &|| "sms".into())?,
        password: kept(MetaKey::Password, options.password.as_ref(), &id::password)?,
    };
    if password_before.is_some_and(|before| before != credentials.password) {
        transaction.revoke_all_tokens()?;
        transaction.delete_sessions()?;
    }
    let created_at = kept(MetaKey::CreatedAt, None, &|| now.0.to_string())?;
    let identity = Identity {
        device_id: kept(MetaKey::DeviceId, None, &id::device)?,
        created_at: UnixMillis(created_at.parse().unwrap_or(now.0)),
        credentials,
        token_secret: kept(MetaKey::TokenSecret, None, &id::token_secret)?,
        port: snapshot
            .meta_number(MetaKey::Port)?
            .and_then(access::usable_port)
            .unwrap_or(DEFAULT_PORT),
    };
    let mut stored = snapshot.settings()?;
    if !stored.iter().any(|(key, _)| key == SIGNING_KEY) {
        let secret = Value::from(id::secret());
        transaction.set_setting(SIGNING_KEY, Some(&secret))?;
        stored.push((SIGNING_KEY.into(), secret));
    }
    if let Some(id) = &options.device_id {
        let id = Value::from(id.as_str());
        transaction.set_setting(DEVICE_ID, Some(&id))?;
        stored.retain(|(key, _)| key != DEVICE_ID);
        stored.push((DEVICE_ID.into(), id));
    }
    let mut settings = Settings::new(stored);
    for cleaned in settings.clean() {
        let path = cleaned.key.path();
        transaction.set_setting(&path, cleaned.value.as_ref())?;
        if cleaned.secret {
            transaction.set_meta(MetaKey::Scrub, "1")?;
            let message = match cleaned.key.kind {
                Kind::Certificates => KEY_REMOVED,
                _ => LOGIN_REMOVED,
            };
            let context = json!({"setting": path});
            transaction.log(&note(now, Priority::Warn, "settings", message, context))?;
        }
    }
    Ok((identity, settings))
}

/// Makes the database forget what was deleted of secrets, which otherwise stays in pages that are
/// free. What cannot be done now, for want of room, is done at the next opening.
pub(super) fn scrub(store: &Store) -> Result<(), StoreError> {
    let pending = store.read(|snapshot| snapshot.meta_number(MetaKey::Scrub))?;
    if pending != Some(1) {
        return Ok(());
    }
    if let Err(error) = store.scrub() {
        tracing::warn!(%error, "what was deleted of a secret may still be in the database file");
        return Ok(());
    }
    store
        .write(|transaction| transaction.set_meta(MetaKey::Scrub, "0"))
        .wait()
}

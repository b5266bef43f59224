//! Makes, on the first start, what is kept for ever: the device's id, credentials, secrets.

use serde_json::{Value, json};

use super::access::{self, DEFAULT_PORT, DEVICE_ID};
use super::settings::SIGNING_KEY;
use crate::model::clock::UnixMillis;
use crate::model::credentials::Credentials;
use crate::model::id;
use crate::sending;
use crate::settings::{Kind, Settings};
use crate::store::{
    AccessError, LogEntry, MetaKey, Module, Priority, Recovered, Snapshot, Store, StoreError,
    Transaction,
};

const KEY_REMOVED: &str = "A private key was removed from webhooks.ca_certificates, which is visible to \
    everyone who may read the settings. Create a new key and certificate for the receiver.";
const LOGIN_REMOVED: &str = "A user or a password was removed from gateway.cloud_url, which is visible \
    to everyone who may read the settings. Change the password.";

/// How to open, and credentials that the shell wants instead of the stored ones.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The API's user; if absent, the stored one (at first `sms`).
    pub user: Option<String>,
    /// The API's password; if absent, the stored one (at first random).
    pub password: Option<String>,
    /// The id of a phone that this device replaces, stored as a setting; unchanged if absent.
    pub device_id: Option<String>,
    /// Whether an older database may be migrated, which can take long; if false, it is refused and
    /// left unchanged. A new database is made in any case.
    pub may_migrate: bool,
    /// If true, a damaged database is not refused but set aside, and a new one takes over its
    /// readable rows. The page shows this to the owner until he acknowledges it.
    pub recover_by_itself: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            user: None,
            password: None,
            device_id: None,
            may_migrate: true,
            recover_by_itself: false,
        }
    }
}

/// The identity of this gateway.
pub(super) struct Identity {
    pub device_id: String,
    pub created_at: UnixMillis,
    pub credentials: Credentials,
    pub token_secret: String,
    pub port: u16,
}

/// Checks the wanted user and password. The stored ones are allowed, even if they are older than
/// the rule.
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

/// Returns the identity of this gateway. Makes the parts that are made on the first start, and
/// takes the credentials that the shell wants. If the store refuses the write, returns the stored
/// identity if it is complete, so that a full disk does not prevent opening.
pub(super) fn identify(
    store: &Store,
    options: &OpenOptions,
    boot: &str,
    now: UnixMillis,
) -> Result<(Identity, Settings), StoreError> {
    let (wanted, boot) = (options.clone(), boot.to_owned());
    let log_lost = store.at_opening().log_damaged;
    let written = store.write(move |transaction| {
        sending::note_boot(transaction, &boot, now)?;
        if let Some(lost) = log_lost {
            let lost = i64::from(lost);
            transaction.note_recovered(Recovered { at: now, lost })?;
        }
        prepare(transaction, &wanted, now)
    });
    match written.wait() {
        Err(error) if error.is_storage() || matches!(error, StoreError::Damaged) => {
            let kept = store.read(|snapshot| kept(snapshot, options, now))?;
            kept.ok_or(error)
        }
        written => written,
    }
}

/// Returns the stored identity and settings; `None` unless they are complete.
fn kept(
    snapshot: &Snapshot<'_>,
    options: &OpenOptions,
    now: UnixMillis,
) -> Result<Option<(Identity, Settings)>, StoreError> {
    let (Some(device_id), Some(user), Some(password), Some(token_secret)) = (
        snapshot.meta(MetaKey::DeviceId)?,
        snapshot.meta(MetaKey::User)?,
        snapshot.meta(MetaKey::Password)?,
        snapshot.meta(MetaKey::TokenSecret)?,
    ) else {
        return Ok(None);
    };
    let stored = snapshot.settings()?;
    if !stored.iter().any(|(key, _)| key == SIGNING_KEY) {
        return Ok(None);
    }
    let created_at = snapshot.meta_number(MetaKey::CreatedAt)?;
    let identity = Identity {
        device_id,
        created_at: UnixMillis(created_at.unwrap_or(now.0)),
        credentials: Credentials {
            user: options.user.clone().unwrap_or(user),
            password: options.password.clone().unwrap_or(password),
        },
        token_secret,
        port: port(snapshot)?,
    };
    let mut settings = Settings::new(stored);
    // A later start writes the cleaned settings.
    settings.clean();
    Ok(Some((identity, settings)))
}

fn port(snapshot: &Snapshot<'_>) -> Result<u16, StoreError> {
    let kept = snapshot.meta_number(MetaKey::Port)?;
    Ok(kept.and_then(access::usable_port).unwrap_or(DEFAULT_PORT))
}

/// Makes, on the first start, what is kept for ever, and takes the credentials that the shell
/// wants.
fn prepare(
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
        port: port(&snapshot)?,
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
            transaction.log(&LogEntry::new(
                now,
                Priority::Warn,
                Module::Settings,
                message,
                context,
            ))?;
        }
    }
    Ok((identity, settings))
}

/// Removes deleted secrets from the database file, where they otherwise stay in free pages. If
/// there is no room for it now, the next opening does it.
pub(super) fn scrub(store: &Store) -> Result<(), StoreError> {
    let pending = store.read(|snapshot| snapshot.meta_number(MetaKey::Scrub))?;
    if pending != Some(1) {
        return Ok(());
    }
    if let Err(error) = store.scrub() {
        tracing::warn!(%error, "traces of a deleted secret may still be in the database file");
        return Ok(());
    }
    let noted = store.write(|transaction| transaction.set_meta(MetaKey::Scrub, "0"));
    match noted.wait() {
        // A full disk does not prevent opening; the next opening does it again.
        Err(error) if error.is_storage() => Ok(()),
        noted => noted,
    }
}

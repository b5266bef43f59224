//! What is made on the first start and kept for ever: the device's id, credentials, secrets.

use serde_json::Value;

use super::access::{self, DEFAULT_PORT};
use super::settings::SIGNING_KEY;
use crate::clock::UnixMillis;
use crate::credentials::Credentials;
use crate::id;
use crate::sending;
use crate::settings::Settings;
use crate::store::{MetaKey, Recovered, Snapshot, Store, StoreError, Transaction};

/// How to open, and credentials the shell wants to hold instead of the kept ones.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The API's user; the kept one (at first `sms`) if absent.
    pub user: Option<String>,
    /// The API's password; the kept one (at first random) if absent.
    pub password: Option<String>,
    /// Whether an older database may be brought up to date, which can take long; if not, it is
    /// refused as it is. A new one is made in any case.
    pub may_migrate: bool,
    /// Instead of refusing a damaged database, set it aside and go on with a new one that has what
    /// can be read of it. The owner is told until he says that he has seen it.
    pub recover_by_itself: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            user: None,
            password: None,
            may_migrate: true,
            recover_by_itself: false,
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

/// Who this gateway is, with what is made on the first start and the credentials that the shell wants.
/// Where all of it is kept already nothing is written, so that a full disk does not keep it from opening.
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

/// The same as it is kept; `None` unless all of it is.
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
    Ok(Some((identity, Settings::new(stored))))
}

fn port(snapshot: &Snapshot<'_>) -> Result<u16, StoreError> {
    let kept = snapshot.meta_number(MetaKey::Port)?;
    Ok(kept.and_then(access::usable_port).unwrap_or(DEFAULT_PORT))
}

/// Makes on first start what is kept for ever, and takes the credentials the shell wants.
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
    Ok((identity, Settings::new(stored)))
}

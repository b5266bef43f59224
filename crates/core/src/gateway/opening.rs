//! What is made on the first start and kept for ever: the device's id, credentials, secrets.

use serde_json::Value;

use super::access::{self, AccessError, DEFAULT_PORT};
use super::settings::SIGNING_KEY;
use crate::clock::UnixMillis;
use crate::credentials::Credentials;
use crate::id;
use crate::settings::Settings;
use crate::store::{MetaKey, Snapshot, StoreError, Transaction};

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
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            user: None,
            password: None,
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
    Ok((identity, Settings::new(stored)))
}

//! The credentials and the port of the API: kept in the store, changed while running.
//!
//! Cost of a read: a clone of an `Arc`.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::Gateway;
use crate::model::credentials::Credentials;
use crate::settings::is_device_id;
use crate::store::{AccessError, LogEntry, MetaKey, Module, Priority};

/// The port of the API unless the owner set another (protocol.md 1.1).
pub const DEFAULT_PORT: u16 = 8080;

/// The key of the setting that holds the id that was taken over.
pub(super) const DEVICE_ID: &str = "device.id";

/// A change of the access; a member that is `None` is unchanged. `Debug` shows nothing.
#[derive(Clone, Default)]
pub struct AccessChange {
    /// 1 to 64 characters, no colon (Basic authentication ends the user there), no control
    /// characters.
    pub user: Option<String>,
    /// 8 to 128 characters, no control characters.
    pub password: Option<String>,
    /// 1024 to 65535.
    pub port: Option<i64>,
    /// The id of a phone that this one replaces (the setting `device.id`), 1 to 64 characters of
    /// A-Z, a-z, 0-9 and -_.:~@+; empty to return to its own.
    pub device_id: Option<String>,
}

impl std::fmt::Debug for AccessChange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AccessChange(..)")
    }
}

impl Gateway {
    /// Returns the credentials of the API.
    pub fn credentials(&self) -> Arc<Credentials> {
        self.credentials.load_full()
    }

    /// Returns the port that the owner set for the API.
    pub fn port(&self) -> u16 {
        *self.port.borrow()
    }

    pub(crate) fn port_changes(&self) -> watch::Receiver<u16> {
        self.port.subscribe()
    }

    /// Changes the user, the password or the port: all of it or nothing. The change applies once it
    /// is on the disk; requests under way are not cut off. A new password revokes all tokens.
    pub async fn set_access(&self, change: AccessChange) -> Result<(), AccessError> {
        let change = check(change)?;
        let _changing = self.changing.lock().await;
        let now = self.clock.now();
        let after = Credentials {
            user: change
                .user
                .unwrap_or_else(|| self.credentials().user.clone()),
            password: change
                .password
                .unwrap_or_else(|| self.credentials().password.clone()),
        };
        let port = change.port.unwrap_or_else(|| self.port());
        let settings = change
            .device_id
            .as_ref()
            .map(|id| Arc::new(self.settings().with_device_id(id)));
        let id = change
            .device_id
            .map(|id| Some(id).filter(|id| !id.is_empty()));
        let kept = after.clone();
        let new_password = after.password != self.credentials().password;
        let written = self.store.write(move |transaction| {
            if new_password {
                transaction.revoke_all_tokens()?;
                // Sessions on the page were started with the old password.
                transaction.delete_sessions()?;
            }
            transaction.set_meta(MetaKey::User, &kept.user)?;
            transaction.set_meta(MetaKey::Password, &kept.password)?;
            transaction.set_meta(MetaKey::Port, &port.to_string())?;
            if let Some(id) = &id {
                let id = id.as_deref().map(Value::from);
                transaction.set_setting(DEVICE_ID, id.as_ref())?;
            }
            let context = json!({"changed": change.names});
            let message = "Access to the API changed.";
            transaction.log(&LogEntry::new(
                now,
                Priority::Info,
                Module::Settings,
                message,
                context,
            ))
        });
        written.await?;
        self.credentials.store(Arc::new(after));
        if let Some(settings) = settings {
            self.device.set_ids(settings.device.ids());
            self.settings.send_replace(settings);
        }
        self.port
            .send_if_modified(|before| std::mem::replace(before, port) != port);
        Ok(())
    }
}

/// Checks new users and passwords, wherever they come from.
pub(super) fn check_credentials(
    user: Option<&str>,
    password: Option<&str>,
) -> Result<(), AccessError> {
    let plain = |text: &str, from, to| {
        (from..=to).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    if user.is_some_and(|user| !plain(user, 1, 64) || user.contains(':')) {
        return Err(AccessError::User);
    }
    if password.is_some_and(|password| !plain(password, 8, 128)) {
        return Err(AccessError::Password);
    }
    Ok(())
}

/// A change that passed the checks.
struct Checked {
    user: Option<String>,
    password: Option<String>,
    port: Option<u16>,
    device_id: Option<String>,
    names: Vec<&'static str>,
}

fn check(change: AccessChange) -> Result<Checked, AccessError> {
    let AccessChange {
        user,
        password,
        port,
        device_id,
    } = change;
    check_credentials(user.as_deref(), password.as_deref())?;
    let port = match port.map(usable_port) {
        Some(None) => return Err(AccessError::Port),
        Some(port) => port,
        None => None,
    };
    if device_id
        .as_deref()
        .is_some_and(|id| !id.is_empty() && !is_device_id(id))
    {
        return Err(AccessError::DeviceId);
    }
    let named = [
        ("user", user.is_some()),
        ("password", password.is_some()),
        ("port", port.is_some()),
        ("deviceId", device_id.is_some()),
    ];
    let names = named.iter().filter(|(_, given)| *given);
    Ok(Checked {
        names: names.map(|(name, _)| *name).collect(),
        user,
        password,
        port,
        device_id,
    })
}

/// Returns the port if the API may use it.
pub(super) fn usable_port(port: i64) -> Option<u16> {
    u16::try_from(port).ok().filter(|port| *port >= 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_refuses_with_a_sentence_about_the_field() {
        let user = |text: &str| AccessChange {
            user: Some(text.into()),
            ..AccessChange::default()
        };
        let password = |text: &str| AccessChange {
            password: Some(text.into()),
            ..AccessChange::default()
        };
        let port = |port| AccessChange {
            port: Some(port),
            ..AccessChange::default()
        };
        let id = |text: &str| AccessChange {
            device_id: Some(text.into()),
            ..AccessChange::default()
        };
        let long = "ü".repeat(64);
        let rows = [
            (user(""), "user"),
            (user("a:b"), "user"),
            (user("a\nb"), "user"),
            (user(&(long.clone() + "x")), "user"),
            (user(&long), ""),
            (password("1234567"), "password"),
            (password(&"x".repeat(129)), "password"),
            (password("1234567\0"), "password"),
            (password("a b:c😀d e"), ""),
            (port(1023), "port"),
            (port(65_536), "port"),
            (port(-1), "port"),
            (port(1024), ""),
            (port(65_535), ""),
            (id("a b"), "the"),
            (id("old-phone_1"), ""),
            (id(""), ""),
            (AccessChange::default(), ""),
        ];
        for (row, (change, expected)) in rows.into_iter().enumerate() {
            let refused = check(change).err().map(|error| error.to_string());
            let first = refused.unwrap_or_default();
            assert_eq!(first.split(' ').next(), Some(expected), "row {row}");
        }
    }
}

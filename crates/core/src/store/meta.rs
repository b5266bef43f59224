//! Facts about this installation, one row each.

use rusqlite::OptionalExtension;

use super::{Snapshot, StoreError, Transaction};

/// The rows of `meta`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetaKey {
    /// The device id: 32 hex digits, made once.
    DeviceId,
    /// When the data directory was made, Unix milliseconds.
    CreatedAt,
    /// The API's user.
    User,
    /// The API's password.
    Password,
    /// The port on which a phone serves the API.
    Port,
    /// The secret that signs the tokens.
    TokenSecret,
    /// When the last `system:ping` was emitted, in Unix milliseconds.
    LastPingAt,
    /// How many dead deliveries were removed by age so far.
    RemovedDead,
    /// When that happened last, in Unix milliseconds.
    RemovedDeadAt,
    /// The phone's boot during which the gateway was last opened.
    Boot,
    /// When the phone inbox became readable again after it was not, in Unix milliseconds. Older
    /// rows emit no events.
    InboxGrantedAt,
    /// `1` while the phone denies access to its inbox.
    InboxRefused,
    /// Replaces the time of the first start while the clock is set to an earlier time, in Unix
    /// milliseconds.
    InboxSetBackAt,
    /// `1` while free pages of the database may still hold deleted secrets.
    Scrub,
    /// How often existing deliveries became due again; see `deliveries_requeued`.
    Requeues,
    /// When the database was recovered or its log was repaired, in Unix milliseconds; 0 once the
    /// owner has acknowledged it.
    RecoveredAt,
    /// How many rows that recovery is known to have lost.
    RecoveredLost,
    /// Written to test whether the storage can be written again.
    Probe,
}

impl MetaKey {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::DeviceId => "device_id",
            Self::CreatedAt => "created_at",
            Self::User => "user",
            Self::Password => "password",
            Self::Port => "port",
            Self::TokenSecret => "token_secret",
            Self::LastPingAt => "last_ping_at",
            Self::RemovedDead => "removed_dead",
            Self::RemovedDeadAt => "removed_dead_at",
            Self::Boot => "boot",
            Self::InboxGrantedAt => "inbox_granted_at",
            Self::InboxRefused => "inbox_refused",
            Self::InboxSetBackAt => "inbox_set_back_at",
            Self::Scrub => "scrub",
            Self::Requeues => "requeues",
            Self::RecoveredAt => "recovered_at",
            Self::RecoveredLost => "recovered_lost",
            Self::Probe => "probe",
        }
    }
}

impl Snapshot<'_> {
    pub fn meta(&self, key: MetaKey) -> Result<Option<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT value FROM meta WHERE key = ?")?;
        Ok(statement
            .query_row([key.as_str()], |row| row.get(0))
            .optional()?)
    }

    /// Returns the number in a row, or `None` if there is no such row.
    pub fn meta_number(&self, key: MetaKey) -> Result<Option<i64>, StoreError> {
        Ok(self.meta(key)?.and_then(|text| text.parse().ok()))
    }
}

impl Transaction<'_> {
    pub fn set_meta(&self, key: MetaKey, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2)
                   ON CONFLICT (key) DO UPDATE SET value = ?2";
        self.connection
            .prepare_cached(sql)?
            .execute([key.as_str(), value])?;
        Ok(())
    }
}

//! Facts about this installation, one row each.

use rusqlite::OptionalExtension;

use super::{Snapshot, StoreError, Transaction};

/// The rows of `meta`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetaKey {
    /// 32 hex digits, made once.
    DeviceId,
    /// When the data directory was made, Unix milliseconds.
    CreatedAt,
    /// The API's user.
    User,
    /// The API's password.
    Password,
    /// The port at which a phone serves the API.
    Port,
    /// The secret that tokens are signed with.
    TokenSecret,
    /// When the last `system:ping` was made, Unix milliseconds.
    LastPingAt,
    /// How many dead deliveries have been removed for their age so far.
    RemovedDead,
    /// When that happened last, Unix milliseconds.
    RemovedDeadAt,
    /// The boot of the phone at which it was opened last.
    Boot,
    /// When the phone's store became readable after it was not, Unix milliseconds; before that time
    /// its rows are no events.
    InboxGrantedAt,
    /// `1` while the phone does not let its store be read.
    InboxRefused,
    /// Stands in for the first start while the clock stands before it, Unix milliseconds.
    InboxSetBackAt,
    /// `1` while deleted secrets may still be in the database's free pages.
    Scrub,
    /// How often deliveries that were there before became due again; see `deliveries_requeued`.
    Requeues,
    /// When the database was recovered, or its log mended; until the owner says that he has seen it,
    /// Unix milliseconds, else 0.
    RecoveredAt,
    /// How many rows are known to have been lost by that.
    RecoveredLost,
    /// Written to see whether the storage can be written again.
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

    /// A row that holds a number; `None` if it is not there.
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

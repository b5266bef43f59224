//! Settings that differ from their defaults, one row each, as JSON.

use serde_json::Value;

use super::{Snapshot, StoreError, Transaction};

impl Snapshot<'_> {
    /// Returns all stored settings as (`group.name`, value).
    pub fn settings(&self) -> Result<Vec<(String, Value)>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT key, value FROM settings")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| {
            let (key, text): (String, String) = row?;
            Ok((key, serde_json::from_str(&text)?))
        })
        .collect()
    }
}

impl Transaction<'_> {
    /// Stores a setting, or removes it so that its default applies.
    pub fn set_setting(&self, key: &str, value: Option<&Value>) -> Result<(), StoreError> {
        match value {
            Some(value) => self
                .connection
                .prepare_cached(
                    "INSERT INTO settings (key, value) VALUES (?1, ?2)
                     ON CONFLICT (key) DO UPDATE SET value = ?2",
                )?
                .execute([key, &value.to_string()])?,
            None => self
                .connection
                .prepare_cached("DELETE FROM settings WHERE key = ?")?
                .execute([key])?,
        };
        Ok(())
    }
}

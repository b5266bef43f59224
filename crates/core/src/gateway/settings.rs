//! Changing the settings.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Gateway, note};
use crate::id;
use crate::settings::{Mode, Settings, SettingsError, changes};
use crate::store::{Priority, StoreError};

pub(super) const SIGNING_KEY: &str = "webhooks.signing_key";

/// Why settings were not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeSettingsError {
    /// A value is wrong; the sentence says what to change.
    #[error(transparent)]
    Invalid(#[from] SettingsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Changes settings: all of the body or nothing.
    pub(crate) async fn change_settings(
        &self,
        body: &Value,
        mode: Mode,
    ) -> Result<Arc<Settings>, ChangeSettingsError> {
        let _changing = self.changing.lock().await;
        let before = self.settings();
        let mut changed = changes(body, mode, &before)?;
        for (key, value) in &mut changed {
            if key.path() == SIGNING_KEY && value.is_none() {
                *value = Some(id::secret().into());
            }
        }
        let after = Arc::new(before.with(&changed));
        let names: Vec<String> = changed.iter().map(|(key, _)| key.path()).collect();
        let now = self.clock.now();
        let written = self.store.write(move |transaction| {
            for (key, value) in &changed {
                transaction.set_setting(&key.path(), value.as_ref())?;
            }
            let context = json!({"settings": names});
            transaction.log(&note(
                now,
                Priority::Info,
                "settings",
                "Settings changed.",
                context,
            ))
        });
        written.await?;
        self.settings.send_replace(Arc::clone(&after));
        Ok(after)
    }
}

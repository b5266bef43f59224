//! Changes the settings.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Gateway;
use crate::model::id;
use crate::model::ignored::Ignored;
use crate::settings::{Mode, Read, Settings, SettingsError, read};
use crate::store::{LogEntry, Module, Priority, StoreError};

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

/// The settings after a change, and the values that were adjusted.
pub(crate) struct ChangedSettings {
    pub settings: Arc<Settings>,
    /// Sentences without a full stop.
    pub adjusted: Vec<String>,
    pub ignored: Ignored,
}

impl Gateway {
    /// Changes settings: the whole body or nothing.
    pub(crate) async fn change_settings(
        &self,
        body: &Value,
        mode: Mode,
    ) -> Result<ChangedSettings, ChangeSettingsError> {
        let _changing = self.changing.lock().await;
        let before = self.settings();
        let Read {
            mut changes,
            adjusted,
            ignored,
        } = read(body, mode, &before)?;
        for (key, value) in &mut changes {
            if key.path() == SIGNING_KEY && value.is_none() {
                *value = Some(id::secret().into());
            }
        }
        let after = Arc::new(before.with(&changes));
        let names: Vec<String> = changes.iter().map(|(key, _)| key.path()).collect();
        let now = self.clock.now();
        let mut context = json!({"settings": names});
        if !ignored.is_empty() {
            context["ignored"] = json!(ignored.for_log());
        }
        if !adjusted.is_empty() {
            context["adjusted"] = json!(adjusted);
        }
        let as_asked = ignored.is_empty() && adjusted.is_empty();
        let written = self.store.write(move |transaction| {
            for (key, value) in &changes {
                transaction.set_setting(&key.path(), value.as_ref())?;
            }
            let (priority, entry) = match as_asked {
                true => (Priority::Info, "Settings changed."),
                false => (Priority::Warn, "Settings changed, but not all as asked."),
            };
            transaction.log(&LogEntry::new(
                now,
                priority,
                Module::Settings,
                entry,
                context.clone(),
            ))
        });
        written.await?;
        self.device.set_ids(after.device.ids());
        self.settings.send_replace(Arc::clone(&after));
        Ok(ChangedSettings {
            settings: after,
            adjusted,
            ignored,
        })
    }
}

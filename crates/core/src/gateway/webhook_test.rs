//! Tests of webhooks. The API and the page both come here.

use std::sync::Arc;

use serde_json::json;

use super::Gateway;
use crate::store::{LogEntry, Module, Priority, Source, StoreError};
use crate::webhooks::{Diagnosis, DiagnosisError, Target, Tester};

/// Tests that run at the same time; more wait.
pub(super) const TESTS: usize = 4;

/// Why a webhook was not tested.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// There is none of that id.
    #[error("There is no webhook with this id.")]
    Unknown,
    /// HTTP or the body could not be set up.
    #[error("The test could not be run. The gateway's log says why.")]
    Internal(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DiagnosisError> for TestError {
    fn from(error: DiagnosisError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl Gateway {
    /// Walks the way of a webhook's deliveries and sends it a test event.
    pub async fn test_webhook(&self, webhook_id: &str) -> Result<Diagnosis, TestError> {
        let webhooks = self.registry.local();
        let webhook = webhooks.iter().find(|webhook| webhook.id == webhook_id);
        let webhook = webhook.ok_or(TestError::Unknown)?;
        let _turn = self.testing.acquire().await;
        let settings = self.settings();
        let roots = self.roots.borrow().clone();
        let zone = self.device.zone();
        let tester = Tester::new(&roots, &settings, Arc::clone(&self.clock), zone)?;
        let body = tester
            .body(&self.device.id(), &webhook.id, &webhook.event)
            .map_err(|error| TestError::Internal(error.to_string()))?;
        let target = Target {
            url: webhook.url.clone(),
            body,
            offline: settings.webhooks.internet_required && !self.device.network().online,
        };
        let diagnosis = tester.test(target).await;
        let (now, ok) = (self.clock.now(), diagnosis.ok());
        let mut context = json!({"webhookId": webhook.id, "passed": ok});
        if let Some(step) = diagnosis.steps.last() {
            context["step"] = step.name.as_str().into();
        }
        let priority = if ok { Priority::Info } else { Priority::Warn };
        let entry = LogEntry::new(now, priority, Module::Webhooks, "Webhook tested.", context);
        let id = webhook.id.clone();
        let written = self.store.write(move |transaction| {
            if ok {
                transaction.note_passed_test(Source::Local, &id)?;
            }
            transaction.log(&entry)
        });
        // The answer does not depend on the note, but who looks next should find it.
        if let Err(error) = written.await {
            tracing::warn!(%error, "a test could not be logged");
        }
        Ok(diagnosis)
    }
}

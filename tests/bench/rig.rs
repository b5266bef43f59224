//! A gateway on the system's clock, as the host runs it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use simrelay_core::receiving::Incoming;
use simrelay_core::sending::{Modem, NoModem};
use simrelay_core::webhooks::Registration;
use simrelay_core::{Deps, Gateway, OpenOptions, Source};
use simrelay_tests::{device, sms};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// The password of its API; the user is `sms`.
pub const PASSWORD: &str = "password";

/// A runtime like the host's.
pub fn runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

/// The gateway; stopped and its directory removed when dropped.
pub struct Rig {
    pub gateway: Arc<Gateway>,
    pub runtime: Runtime,
    dir: TempDir,
}

impl Rig {
    /// A fresh gateway that does not deliver yet, with a webhook for `sms:received` at each URL.
    pub fn open(urls: &[String]) -> anyhow::Result<Self> {
        Self::open_with(urls, Arc::new(NoModem))
    }

    /// The same with this modem.
    pub fn open_with(urls: &[String], modem: Arc<dyn Modem>) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let options = OpenOptions {
            user: None,
            password: Some(PASSWORD.into()),
            ..OpenOptions::default()
        };
        let deps = Deps {
            modem,
            ..Deps::system(device())
        };
        let gateway = Gateway::open(dir.path(), options, deps)?;
        let runtime = runtime()?;
        for (number, url) in urls.iter().enumerate() {
            let registration = Registration {
                id: Some(format!("webhook-{number}")),
                url: url.clone(),
                event: "sms:received".into(),
            };
            let allow_http = gateway.settings().webhooks.allow_http;
            let registered = gateway
                .registry()
                .register(Source::Local, registration, allow_http);
            runtime.block_on(registered)?;
        }
        Ok(Self {
            gateway,
            runtime,
            dir,
        })
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// From here on what is queued goes out.
    pub fn start(&self) {
        self.gateway.start(self.runtime.handle(), Vec::new());
    }

    /// Numbered messages come in, many to a commit.
    pub fn receive(&self, numbers: std::ops::Range<usize>) -> anyhow::Result<()> {
        for start in numbers.clone().step_by(500) {
            let messages: Vec<Incoming> = (start..numbers.end.min(start + 500))
                .map(|number| sms(&number.to_string()).into())
                .collect();
            self.gateway.receive_all(messages)?.wait()?;
        }
        Ok(())
    }

    /// Waits until nothing of the webhook is pending or in flight.
    pub async fn settled(&self, webhook: usize) -> anyhow::Result<()> {
        let id = format!("webhook-{webhook}");
        let mut turns = self.gateway.turns();
        loop {
            turns.borrow_and_update();
            let newest = self.gateway.deliveries(Source::Local, &id, 64)?;
            if newest.iter().all(|delivery| delivery.state == "delivered") {
                return Ok(());
            }
            turns.changed().await?;
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.runtime.block_on(self.gateway.stop(Duration::ZERO));
    }
}

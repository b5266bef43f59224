//! The open gateway of the process.
//!
//! Locked only to clone, so that no native waits for another. Whoever opens holds a lock of their
//! own: two broadcasts that start a process cold open it once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use simrelay_core::Gateway;
use simrelay_core::server::LanServer;
use tokio::runtime::{Builder, Runtime};

use crate::boundary::Failure;
use crate::callbacks::Callbacks;

static SLOT: Mutex<Option<Arc<Open>>> = Mutex::new(None);
static OPENING: Mutex<()> = Mutex::new(());

/// An open gateway, and what belongs to it on a phone.
pub(crate) struct Open {
    pub directory: PathBuf,
    pub gateway: Arc<Gateway>,
    pub callbacks: Arc<Callbacks>,
    pub runtime: Runtime,
    /// The API, while it is served.
    pub server: Mutex<Option<LanServer>>,
}

impl Open {
    pub fn server(&self) -> MutexGuard<'_, Option<LanServer>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The open gateway.
pub(crate) fn opened() -> Result<Arc<Open>, Failure> {
    let missing = || Failure::State("Open the gateway first.".into());
    peek().ok_or_else(missing)
}

/// The open gateway, if there is one.
pub(crate) fn peek() -> Option<Arc<Open>> {
    SLOT.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The gateway on that directory: the one that is open already (`known`), else a new one. One on
/// another directory gives way if it is stopped, and so does one whose database is damaged if it
/// `may_recover`.
pub(crate) fn open(
    directory: &Path,
    may_recover: bool,
    known: impl FnOnce(&Open) -> Result<(), Failure>,
    fresh: impl FnOnce() -> Result<(Arc<Gateway>, Arc<Callbacks>), Failure>,
) -> Result<(), Failure> {
    let _opening = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(open) = peek() {
        let stopped = !open.gateway.is_started() && open.server().is_none();
        let same = open.directory == resolved(directory);
        if same && may_recover && stopped && open.gateway.needs_recovery() {
            // A database that is damaged is recovered by an opening, which needs its lock.
            drop(SLOT.lock().unwrap_or_else(PoisonError::into_inner).take());
        } else if same {
            return known(&open);
        }
        if open.gateway.is_started() || open.server().is_some() {
            return Err(Failure::State(format!(
                "The gateway is running on {}; stop it before another directory is opened.",
                open.directory.display()
            )));
        }
    }
    let (gateway, callbacks) = fresh()?;
    let open = Open {
        directory: resolved(directory),
        gateway,
        callbacks,
        runtime: runtime()?,
        server: Mutex::new(None),
    };
    let before = SLOT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .replace(Arc::new(open));
    drop(before);
    Ok(())
}

/// The same directory under whatever name.
fn resolved(directory: &Path) -> PathBuf {
    directory
        .canonicalize()
        .unwrap_or_else(|_| directory.to_owned())
}

fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("simrelay-worker")
        .enable_all()
        .build()
        .map_err(|error| Failure::State(format!("No threads could be started: {error}")))
}

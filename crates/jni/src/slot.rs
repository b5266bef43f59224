//! The open gateway of the process.
//!
//! Its lock is held only to clone, so that no native waits for another. Opening has a lock of its
//! own: two broadcasts that start a process open the gateway once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use simrelay_core::Gateway;
use simrelay_core::server::LanServer;
use tokio::runtime::{Builder, Runtime};

use crate::boundary::Failure;
use crate::callbacks::Callbacks;

static SLOT: Mutex<Option<Arc<Open>>> = Mutex::new(None);
static OPENING: Mutex<()> = Mutex::new(());

/// An open gateway, and the things that belong to it on a phone.
pub(crate) struct Open {
    pub directory: PathBuf,
    pub gateway: Arc<Gateway>,
    pub callbacks: Arc<Callbacks>,
    pub runtime: Runtime,
    /// The API, while it is being served.
    pub server: Mutex<Option<LanServer>>,
}

impl Open {
    pub fn server(&self) -> MutexGuard<'_, Option<LanServer>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the open gateway, or an error.
pub(crate) fn opened() -> Result<Arc<Open>, Failure> {
    let missing = || Failure::State("Open the gateway first.".into());
    peek().ok_or_else(missing)
}

/// Returns the open gateway, if there is one.
pub(crate) fn peek() -> Option<Arc<Open>> {
    SLOT.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Opens the gateway on that directory: reuses the one that is open already (`known`), otherwise
/// makes a new one (`fresh`). Replaces a gateway on another directory if that is stopped, and also
/// one that is stopped and whose database is damaged, if it `may_recover`.
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
            // Opening recovers a damaged database, and needs its lock for it.
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

/// Resolves a directory to one name, however it was named.
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

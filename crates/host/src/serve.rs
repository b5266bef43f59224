//! `simrelay serve`: runs the gateway until a signal.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use rustls_native_certs::load_native_certs;
use simrelay_core::clock::{Clock, SystemClock};
use simrelay_core::server::Server;
use simrelay_core::{Deps, Gateway, OpenOptions};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::{ServeOptions, TestOptions};
use crate::simulator::Simulator;
use crate::simulator::modem::SimulatedModem;
use crate::{console, phone, simulator};

/// How long a stop waits for requests and attempts under way.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// SIGXFSZ: a file reached the size that this process may write (`ulimit -f`).
const FILE_TOO_LARGE: SignalKind = SignalKind::from_raw(25);

/// Runs until Ctrl-C or SIGTERM.
pub fn run(options: &ServeOptions) -> anyhow::Result<()> {
    console::log_to_stderr(&options.log)?;
    let data_dir = data_dir(options.data_dir.as_deref())?;
    let listener = bind(&options.listen)?;
    let wanted = OpenOptions {
        user: options.user.clone(),
        password: options.password.clone(),
        device_id: options.device_id.clone(),
        ..OpenOptions::default()
    };
    let running = Host::start(&data_dir, listener, wanted, &options.test)?;
    // Before the program shows that it runs, so that a stop right afterwards is a clean one.
    let stop = running.stop_signals()?;
    running.announce(&data_dir, options.json)?;
    running.until_signal(stop)
}

/// A gateway and its API on a runtime of their own.
pub struct Host {
    pub gateway: Arc<Gateway>,
    pub runtime: Runtime,
    pub address: String,
    server: Server,
}

impl Host {
    pub fn start(
        dir: &Path,
        listener: TcpListener,
        options: OpenOptions,
        test: &TestOptions,
    ) -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("simrelay-worker")
            .enable_all()
            .build()
            .context("the runtime could not be started")?;
        survive_size_limit(&runtime)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::ahead(test.clock_ahead()));
        let device = phone::simulated();
        let sims = u32::try_from(device.sims.len())?;
        let mut modem = SimulatedModem::new(Arc::clone(&clock), sims, runtime.handle());
        if let Some(journal) = &test.modem_journal {
            modem = modem
                .with_journal(journal)
                .context("the journal of the modem cannot be written")?;
        }
        let modem = Arc::new(modem);
        let inbox = Arc::new(simulator::SimulatedInbox::default());
        let deps = Deps {
            clock,
            modem: Arc::clone(&modem) as _,
            inbox: Some(Arc::clone(&inbox) as _),
            ..Deps::system(device)
        };
        let gateway = Gateway::open(dir, options, deps)?;
        let extra = simulator::routes(Simulator {
            gateway: Arc::clone(&gateway),
            modem,
            inbox,
        });
        let server = Server::start(&gateway, runtime.handle(), vec![listener], Some(extra))
            .context("the API could not be started")?;
        let roots = load_native_certs();
        for error in &roots.errors {
            tracing::warn!(%error, "some of the system's trusted certificates could not be read");
        }
        gateway.start(runtime.handle(), roots.certs);
        let address = server.addresses().first().map(url).unwrap_or_default();
        Ok(Self {
            gateway,
            runtime,
            address,
            server,
        })
    }

    fn announce(&self, data_dir: &Path, json: bool) -> anyhow::Result<()> {
        let credentials = self.gateway.credentials();
        let text = if json {
            let line = serde_json::json!({
                "listening": self.address,
                "user": credentials.user,
                "password": credentials.password,
                "dataDir": data_dir,
            });
            format!("{line}\n")
        } else {
            console::welcome(&self.address, &credentials, data_dir)
        };
        let mut stdout = std::io::stdout().lock();
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .context("stdout is closed")
    }

    fn stop_signals(&self) -> anyhow::Result<[Signal; 2]> {
        let _entered = self.runtime.enter();
        let set = |kind| signal(kind).context("no signal handler could be set");
        Ok([set(SignalKind::interrupt())?, set(SignalKind::terminate())?])
    }

    fn until_signal(self, [mut interrupt, mut terminate]: [Signal; 2]) -> anyhow::Result<()> {
        let Self {
            gateway,
            runtime,
            server,
            ..
        } = self;
        runtime.block_on(async move {
            either(&mut interrupt, &mut terminate).await;
            tracing::info!("stopping; a second signal stops at once");
            tokio::select! {
                () = stop(server, &gateway) => Ok(()),
                () = either(&mut interrupt, &mut terminate) => bail!("stopped at once"),
            }
        })
    }

    /// Stops in order, for a caller that waits for no signal.
    pub fn stop(self) {
        self.runtime.block_on(stop(self.server, &self.gateway));
    }
}

/// Makes a write beyond a size limit fail like one on a full disk, instead of ending the process.
fn survive_size_limit(runtime: &Runtime) -> anyhow::Result<()> {
    let _entered = runtime.enter();
    // Once there is a handler it stays; nobody needs to receive the signal.
    drop(signal(FILE_TOO_LARGE).context("the signal handler could not be set")?);
    Ok(())
}

async fn stop(server: Server, gateway: &Gateway) {
    tokio::join!(server.stop(STOP_TIMEOUT), gateway.stop(STOP_TIMEOUT));
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Returns the directory that was named, otherwise the platform's for application data.
pub fn data_dir(wanted: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(dir) = wanted {
        return Ok(dir.to_owned());
    }
    let platform = directories::ProjectDirs::from("dev", "SimRelay", "simrelay")
        .context("there is no home directory to keep data in; choose one with --data-dir")?;
    Ok(platform.data_dir().to_owned())
}

fn bind(listen: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(listen).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{listen} is in use by another program; stop it or choose another port with --listen"
        ),
        std::io::ErrorKind::InvalidInput => {
            anyhow::anyhow!("--listen {listen} is not an address and a port such as 127.0.0.1:8080")
        }
        std::io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("this user may not listen on {listen}; choose port 1024 or higher")
        }
        _ => anyhow::anyhow!("cannot listen on {listen}: {error}"),
    })
}

/// Returns the address for a URL on this machine: the loopback one if the server listens on all.
fn url(address: &SocketAddr) -> String {
    let port = address.port();
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("http://127.0.0.1:{port}"),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("http://[::1]:{port}"),
        other => format!("http://{other}"),
    }
}

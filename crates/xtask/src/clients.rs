//! The clients that are published for SMSGate, against the host: they must work with nothing but the
//! base URL changed. The scripts are in `tests/clients/`; the clients are installed into the build
//! directory, at fixed versions.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::host::{Host, PASSWORD, USER};
use crate::shell::{command, output, root, run, target_dir};

const PYTHON_CLIENT: &str = "4.3.3";
/// With what it needs to speak HTTP and to encrypt.
const PYTHON_PACKAGES: [&str; 3] = [
    "android-sms-gateway==4.3.3",
    "requests==2.34.2",
    "pycryptodome==4.4.0",
];
const JAVASCRIPT_CLIENT: &str = "3.0.0";

/// Runs both, each against a fresh gateway.
pub fn run_all() -> anyhow::Result<()> {
    let host = Host::build()?;
    let drive = |name: &str, script: &mut Command| {
        let dir = target_dir().join("clients-data").join(name);
        if dir.exists() {
            std::fs::remove_dir_all(&dir)?;
        }
        let host = Host::start(&host, &dir)?;
        script
            .env("GATEWAY_URL", format!("http://{}", host.address()))
            .env("GATEWAY_USER", USER)
            .env("GATEWAY_PASSWORD", PASSWORD);
        run(script).with_context(|| format!("the {name} client does not get on with the gateway"))
    };
    let scripts = root().join("tests/clients");
    let mut python = command(python()?, &[]);
    drive("python", python.arg(scripts.join("client.py")))?;
    let mut node = command("node", &[]);
    node.env("CLIENT_DIR", javascript()?);
    drive("javascript", node.arg(scripts.join("client.mjs")))
}

/// A Python with the client.
fn python() -> anyhow::Result<PathBuf> {
    let dir = target_dir().join(format!("tools/client-python-{PYTHON_CLIENT}"));
    let python = dir.join("bin/python");
    let installed = || output(&mut command(&python, &["-c", "import android_sms_gateway"]));
    if installed().is_none() {
        let venv = ["-m", "venv", &dir.to_string_lossy()];
        run(&mut command("python3", &venv))
            .context("Python 3 with its venv module is missing (Debian: python3-venv)")?;
        let mut install = command(dir.join("bin/pip"), &["install", "--quiet"]);
        run(install.args(PYTHON_PACKAGES)).context("the Python client could not be installed")?;
    }
    Ok(python)
}

/// The directory of the JavaScript client.
fn javascript() -> anyhow::Result<PathBuf> {
    ensure!(
        output(&mut command("npm", &["--version"])).is_some(),
        "install Node 18 or newer with npm first (Debian: nodejs, npm)"
    );
    let dir = target_dir().join(format!("tools/client-javascript-{JAVASCRIPT_CLIENT}"));
    let package = dir.join("node_modules/android-sms-gateway");
    if !package.join("dist/index.js").exists() {
        let prefix = dir.to_string_lossy();
        let name = format!("android-sms-gateway@{JAVASCRIPT_CLIENT}");
        let mut install = command("npm", &["install", "--prefix", &prefix, &name]);
        // Its peer, the TypeScript compiler, is not needed to run it.
        install.args(["--no-audit", "--no-fund", "--ignore-scripts"]);
        run(install.args(["--legacy-peer-deps", "--silent"]))
            .context("the JavaScript client could not be installed")?;
    }
    Ok(package)
}

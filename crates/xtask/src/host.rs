//! The host program as a child process.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context;

use crate::shell::{cargo, run, target_dir};

pub const USER: &str = "sms";
pub const PASSWORD: &str = "xtask-password";

/// The running program; killed (SIGKILL) when dropped.
pub struct Host {
    child: Child,
    address: String,
}

impl Host {
    /// Builds the program and says where it is.
    pub fn build() -> anyhow::Result<PathBuf> {
        run(&mut cargo(&["build", "--quiet", "-p", "simrelay"]))?;
        Ok(target_dir().join("debug/simrelay"))
    }

    /// Starts it on any free port and waits until it is ready.
    pub fn start(program: &Path, data_dir: &Path) -> anyhow::Result<Self> {
        Self::start_with(program, data_dir, &[])
    }

    /// The same with more arguments.
    pub fn start_with(program: &Path, data_dir: &Path, more: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .args(["--json", "--listen", "127.0.0.1:0", "--log", "error"])
            .args(["--password", PASSWORD, "--data-dir"])
            .arg(data_dir)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the host program could not be started")?;
        let stdout = child.stdout.take().context("the host has no output")?;
        // From here on an early return kills the child.
        let mut host = Self {
            child,
            address: String::new(),
        };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let ready: serde_json::Value =
            serde_json::from_str(&line).context("the host did not say that it is ready")?;
        let url = ready["listening"].as_str().unwrap_or_default();
        host.address = url.trim_start_matches("http://").to_owned();
        Ok(host)
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// SIGKILL, as a phone kills a process.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

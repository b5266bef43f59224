//! The tools of package registries that tests need. They are installed into the build directory, at
//! fixed versions.

use std::path::PathBuf;

use anyhow::Context;

use crate::shell::{cargo, command, output, run, target_dir};

const CARGO_DENY: &str = "0.20.2";
const CARGO_FUZZ: &str = "0.13.2";
const CARGO_MACHETE: &str = "0.9.2";
const SCHEMATHESIS: &str = "4.32.5";

fn tools_dir() -> PathBuf {
    target_dir().join("tools")
}

/// cargo-deny, built if it is not there yet.
pub fn cargo_deny() -> anyhow::Result<PathBuf> {
    installed("cargo-deny", CARGO_DENY)
}

/// cargo-fuzz, built if it is not there yet.
pub fn cargo_fuzz() -> anyhow::Result<PathBuf> {
    installed("cargo-fuzz", CARGO_FUZZ)
}

/// cargo-machete, built if it is not there yet.
pub fn cargo_machete() -> anyhow::Result<PathBuf> {
    installed("cargo-machete", CARGO_MACHETE)
}

fn installed(name: &str, version: &str) -> anyhow::Result<PathBuf> {
    let root = tools_dir().join(format!("{name}-{version}"));
    let program = root.join("bin").join(name);
    if !program.exists() {
        let words = ["install", "--quiet", "--locked", "--debug", "--version"];
        let mut install = cargo(&words);
        install.arg(version).arg("--root").arg(root).arg(name);
        run(&mut install).with_context(|| format!("{name} could not be installed"))?;
    }
    Ok(program)
}

/// schemathesis in a Python environment of its own, made if it is not there yet.
pub fn schemathesis() -> anyhow::Result<PathBuf> {
    let dir = tools_dir().join(format!("schemathesis-{SCHEMATHESIS}"));
    let program = dir.join("bin/schemathesis");
    let installed = || output(command(&program, &["--version"]).env("NO_COLOR", "1"));
    if installed().is_none() {
        run(&mut command(
            "python3",
            &["-m", "venv", &dir.to_string_lossy()],
        ))
        .context("Python 3 with its venv module is missing (Debian: python3-venv)")?;
        let package = format!("schemathesis=={SCHEMATHESIS}");
        run(&mut command(
            dir.join("bin/pip"),
            &["install", "--quiet", &package],
        ))
        .context("schemathesis could not be installed")?;
    }
    Ok(program)
}

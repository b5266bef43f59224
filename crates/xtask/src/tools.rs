//! The tools that tests need beside the toolchain; those of package registries are installed into
//! the build directory, at fixed versions.

use std::path::PathBuf;

use anyhow::{Context, ensure};

use crate::shell::{cargo, command, output, run, target_dir};

const CARGO_DENY: &str = "0.20.2";
const CARGO_FUZZ: &str = "0.13.2";
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

/// Fails with the name of what must be installed, or given, by hand.
pub fn require_system_tools() -> anyhow::Result<()> {
    let wanted = [
        (&["cc", "--version"][..], "a C compiler (Debian: gcc)"),
        (&["openssl", "version"], "openssl (Debian: openssl)"),
        (&["curl", "--version"], "curl (Debian: curl)"),
        (
            &["python3", "--version"],
            "Python 3.10 or newer (Debian: python3, python3-venv)",
        ),
        (
            &["cargo", "fmt", "--version"],
            "rustfmt (rustup component add rustfmt)",
        ),
        (
            &["cargo", "clippy", "--version"],
            "clippy (rustup component add clippy)",
        ),
        (&["rustup", "--version"], "rustup, for the Android targets"),
        (
            &["javac", "-version"],
            "a JDK 17 (Debian: openjdk-17-jdk-headless)",
        ),
        (&["mvn", "--version"], "Maven 3.8 or newer (Debian: maven)"),
        (&["nm", "--version"], "nm (Debian: binutils)"),
        (&["apksigner", "version"], "apksigner (Debian: apksigner)"),
        (&["aapt", "version"], "aapt (Debian: aapt)"),
        (&["which", "zipalign"], "zipalign (Debian: zipalign)"),
        (&["which", "chromium"], "Chromium (Debian: chromium)"),
        (
            &["chromedriver", "--version"],
            "chromedriver (Debian: chromium-driver)",
        ),
        (&["npm", "--version"], "npm (Debian: npm)"),
        (
            &["sh", "-c", "test \"$(id -u)\" = 0"],
            "root, because two tests mount a small file system to fill it",
        ),
    ];
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(words, _)| output(&mut command(words[0], &words[1..])).is_none())
        .map(|(_, name)| *name)
        .collect();
    ensure!(missing.is_empty(), "the tests need {}", missing.join("; "));
    Ok(())
}

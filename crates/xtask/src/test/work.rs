//! What the stages of `cargo xtask test` do that is no command of its own.

use std::process::Command;

use anyhow::Context;

use crate::host::{Host, PASSWORD, USER};
use crate::shell::{cargo, command, output, run, target_dir};
use crate::{apk, tools};

pub fn lints() -> anyhow::Result<()> {
    let words = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    run(&mut cargo(&words))
}

pub fn docs() -> anyhow::Result<()> {
    let words = [
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ];
    run(cargo(&words).env("RUSTDOCFLAGS", "-D warnings"))
}

pub fn dependencies() -> anyhow::Result<()> {
    // It looks for names in the sources; metadata tell it of those that differ from their crate's.
    let words = ["--skip-target-dir", "--with-metadata"];
    run(&mut command(tools::cargo_machete()?, &words))?;
    let deny = tools::cargo_deny()?;
    let check = |what: &[&str]| {
        let mut words = vec!["--config", ".deny.toml", "check"];
        words.extend(what);
        command(&deny, &words)
    };
    run(&mut check(&["bans", "licenses", "sources"]))?;
    // The advisories are kept in a git repository that not every network reaches.
    let database = "https://github.com/RustSec/advisory-db";
    let mut probe = command("git", &["ls-remote", "--quiet", database, "HEAD"]);
    let reached = probe
        .env("GIT_TERMINAL_PROMPT", "0")
        .output()
        .is_ok_and(|out| out.status.success());
    if !reached {
        println!("The advisory database cannot be reached from here: advisories are NOT checked.");
        return Ok(());
    }
    run(&mut check(&["advisories"]))
}

/// The Kotlin shell with the real library on a JVM, and the APK as far as it goes without an NDK.
pub fn android_shell() -> anyhow::Result<()> {
    run(&mut cargo(&["build", "--quiet", "-p", "simrelay-jni"]))?;
    apk::maven::verify(&target_dir().join("debug/libsimrelay.so"))?;
    let apk = apk::without_native_twice()?;
    let size = std::fs::metadata(&apk)?.len();
    println!(
        "Two builds gave the same bytes; without native libraries the APK has {} kB.",
        size.div_ceil(1000)
    );
    Ok(())
}

/// No answer that the OpenAPI description does not tell of.
pub fn schemathesis() -> anyhow::Result<()> {
    let program = tools::schemathesis()?;
    let dir = target_dir().join("schemathesis-data");
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    let host = Host::start(&Host::build()?, &dir)?;
    let description = format!("http://{}/docs/openapi.json", host.address());
    let auth = format!("{USER}:{PASSWORD}");
    let common = [
        "run",
        &description,
        "--auth",
        &auth,
        "--max-examples",
        "50",
        "--seed",
        "1",
        "--warnings",
        "off",
        "--continue-on-failure",
        // A schema cannot tell what only this device knows (its id, its SIMs), and the contract
        // has unknown parameters ignored.
        "--exclude-checks",
        "positive_data_acceptance,negative_data_rejection",
    ];
    // An empty battery is a failing health, as documented, so it is set in a run of its own.
    let battery = "/simulator/battery";
    // It leaves a cache where it runs.
    let run_with = |choice| {
        run(command(&program, &common)
            .args([choice, battery])
            .current_dir(target_dir()))
    };
    run_with("--exclude-path")?;
    run_with("--include-path")
}

/// A check by the toolchain that `rust-version` names. If it is the one that runs this, every stage is
/// that check.
pub fn msrv() -> anyhow::Result<()> {
    let promised = env!("CARGO_PKG_RUST_VERSION");
    let version = |command: &mut Command| output(command.arg("--version"));
    let is_promised = |line: &str| line.starts_with(&format!("rustc {promised}."));
    if version(&mut command("rustc", &[])).is_some_and(|line| is_promised(&line)) {
        println!("The toolchain in use is {promised} itself, so the other stages check it.");
        return Ok(());
    }
    let rustup = |words: &[&str]| command("rustup", words);
    if version(&mut rustup(&["run", promised, "rustc"])).is_none() {
        run(&mut rustup(&[
            "toolchain",
            "install",
            promised,
            "--profile",
            "minimal",
        ]))
        .with_context(|| format!("Rust {promised} could not be installed"))?;
    }
    let words = [
        "run",
        promised,
        "cargo",
        "check",
        "--workspace",
        "--all-targets",
    ];
    run(rustup(&words)
        .env("CARGO_TARGET_DIR", target_dir().join("msrv"))
        .env_remove("CARGO"))
}

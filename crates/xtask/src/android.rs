//! `cargo xtask check-android`: the core as a phone's compiler would see it.

use std::process::Command;

use crate::shell::{cargo, command, output, run, target_dir};

const TARGET: &str = "aarch64-linux-android";

/// Type-checks the core for 64-bit ARM Android. Nothing is linked: without an NDK the C parts
/// (SQLite, ring) are skipped by a compiler that does nothing.
pub fn check() -> anyhow::Result<()> {
    add_target()?;
    // A directory of its own, so that no object of the empty compiler meets a real build.
    let target_dir = target_dir().join("android-check");
    let mut check = cargo(&["check", "--target", TARGET, "-p", "simrelay-core"]);
    check.env("CARGO_TARGET_DIR", target_dir);
    if std::env::var_os("ANDROID_NDK_HOME").is_none() {
        stub_c(&mut check);
    }
    run(&mut check)
}

fn stub_c(check: &mut Command) {
    check
        .env("CC_aarch64_linux_android", "true")
        .env("AR_aarch64_linux_android", "true");
}

fn add_target() -> anyhow::Result<()> {
    let installed = output(&mut command("rustup", &["target", "list", "--installed"]));
    if installed.is_some_and(|list| list.lines().any(|line| line == TARGET)) {
        return Ok(());
    }
    run(&mut command("rustup", &["target", "add", TARGET]))
}

//! `cargo xtask check-android`: the core and the native library as a phone's compiler sees them.

use std::process::Command;

use crate::shell::{cargo, command, output, run, target_dir};

/// The processors that an APK is made for.
const TARGETS: [&str; 3] = [
    "aarch64-linux-android",
    "armv7-linux-androideabi",
    "x86_64-linux-android",
];

/// Type-checks and lints for every target. Nothing is linked: without an NDK the C parts (SQLite,
/// ring) are skipped by a compiler that does nothing.
pub fn check() -> anyhow::Result<()> {
    add_targets()?;
    TARGETS.into_iter().try_for_each(check_target)
}

fn check_target(target: &str) -> anyhow::Result<()> {
    let mut check = cargo(&["clippy", "--quiet", "--target", target]);
    check.args([
        "-p",
        "simrelay-core",
        "-p",
        "simrelay-jni",
        "--",
        "-D",
        "warnings",
    ]);
    // A directory of its own, so that no object of the empty compiler meets a real build.
    check.env("CARGO_TARGET_DIR", target_dir().join("android-check"));
    if std::env::var_os("ANDROID_NDK_HOME").is_none() {
        stub_c(&mut check, target);
    }
    run(&mut check)
}

fn stub_c(check: &mut Command, target: &str) {
    let suffix = target.replace('-', "_");
    for tool in ["CC", "AR"] {
        check.env(format!("{tool}_{suffix}"), "true");
    }
}

fn add_targets() -> anyhow::Result<()> {
    let installed = output(&mut command("rustup", &["target", "list", "--installed"]));
    let installed = installed.unwrap_or_default();
    let is_missing = |target: &&str| !installed.lines().any(|line| line == *target);
    let missing: Vec<&str> = TARGETS.into_iter().filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(());
    }
    run(command("rustup", &["target", "add"]).args(missing))
}

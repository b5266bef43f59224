//! `cargo xtask check-android` and `cargo xtask size`: the core and the native library as a phone's compiler sees them.

use crate::shell::{cargo, command, output, run, target_dir};

/// The processors that an APK is made for.
const TARGETS: [&str; 3] = [
    "aarch64-linux-android",
    "armv7-linux-androideabi",
    "x86_64-linux-android",
];

/// C without tables for unwinding: no panic crosses SQLite, because rusqlite catches those of its callbacks,
/// and ring's C calls nobody.
pub const C_FLAGS: &str = "-fno-asynchronous-unwind-tables -fno-unwind-tables";

/// Type-checks and lints for every target. Nothing is linked, and the C parts (SQLite, ring) are skipped
/// by a compiler that does nothing, with an NDK as without.
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
    let suffix = target.replace('-', "_");
    for tool in ["CC", "AR"] {
        check.env(format!("{tool}_{suffix}"), "true");
    }
    run(&mut check)
}

/// Builds the library for this machine as for a phone, and prints its size without symbols. In a directory
/// of its own, so that other builds keep their C parts.
pub fn size() -> anyhow::Result<()> {
    let dir = target_dir().join("size");
    let mut build = cargo(&["build", "--release", "-p", "simrelay-jni"]);
    run(build
        .env("CARGO_TARGET_DIR", &dir)
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        .env("CFLAGS", C_FLAGS))?;
    let size = std::fs::metadata(dir.join("release/libsimrelay.so"))?.len();
    println!("libsimrelay.so: {size} bytes");
    Ok(())
}

fn add_targets() -> anyhow::Result<()> {
    TARGETS.into_iter().try_for_each(add_target)
}

/// Asks rustup for a target that is not there yet.
pub fn add_target(target: &str) -> anyhow::Result<()> {
    let installed = output(&mut command("rustup", &["target", "list", "--installed"]));
    if installed.is_some_and(|list| list.lines().any(|line| line == target)) {
        return Ok(());
    }
    run(&mut command("rustup", &["target", "add", target]))
}

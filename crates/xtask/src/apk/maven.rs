//! Maven, which makes what is bytecode or resource; see `android/pom.xml`.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::shell::{command, output, root, run, target_dir};

/// Resources, Kotlin, ProGuard and dx into that directory, without tests: `resources.apk` and
/// `classes.dex`.
pub fn package(build: &Path) -> anyhow::Result<()> {
    run(maven(build, "package").arg("-Dmaven.test.skip=true"))
        .context("the Kotlin part was not built")
}

/// Everything including the tests, with the host's build of the library.
pub fn verify(library: &Path) -> anyhow::Result<()> {
    let build = target_dir().join("android");
    // Maven never deletes the class of a source that is gone.
    for stale in ["classes", "test-classes"] {
        let stale = build.join(stale);
        if stale.exists() {
            std::fs::remove_dir_all(stale)?;
        }
    }
    run(maven(&build, "verify").arg(define("library", &library.to_string_lossy())))
        .context("see target/android/surefire-reports for what failed")
}

/// Builds the shell and what measures it; the class path of both.
pub fn bench_classes() -> anyhow::Result<String> {
    let build = target_dir().join("android");
    run(maven(&build, "package").arg(define("contractOnly", "true")))?;
    let [shell, bench] = ["shrunk.jar", "test-classes"].map(|name| build.join(name));
    Ok(format!("{}:{}", shell.display(), bench.display()))
}

fn maven(build: &Path, goal: &str) -> Command {
    let pom = root().join("android/pom.xml");
    let mut maven = may_mount("mvn");
    maven
        .args(["--batch-mode", "--quiet", "--file"])
        .arg(pom)
        .arg(define("build", &build.to_string_lossy()))
        .arg(define("version", env!("CARGO_PKG_VERSION")))
        .arg(define("versionCode", &version_code().to_string()))
        .arg(goal);
    maven
}

/// The program, if need be in a namespace in which it may mount: tests fill a small disk.
fn may_mount(program: &str) -> Command {
    let own_namespace = ["--user", "--map-root-user", "--mount"];
    let can = |words: &[&str]| output(command("unshare", words).arg("true")).is_some();
    if can(&["--mount"]) {
        return command(program, &[]);
    }
    if can(&own_namespace) {
        let mut unshare = command("unshare", &own_namespace);
        unshare.arg(program);
        return unshare;
    }
    println!("Only root may mount a small disk here: the app's tests of a full disk are SKIPPED.");
    command(program, &[])
}

fn define(name: &str, value: &str) -> String {
    format!("-Dsimrelay.{name}={value}")
}

/// 1.2.3 is 10203: a phone takes an update only if this is greater.
fn version_code() -> u32 {
    env!("CARGO_PKG_VERSION")
        .split('.')
        .filter_map(|part| part.parse::<u32>().ok())
        .fold(0, |code, part| code * 100 + part)
}

#[cfg(test)]
mod tests {
    use super::version_code;

    #[test]
    fn the_version_code_grows_with_the_version() {
        let code = version_code();
        let [major, minor, patch] = [code / 10_000, code / 100 % 100, code % 100];
        assert_eq!(
            format!("{major}.{minor}.{patch}"),
            env!("CARGO_PKG_VERSION")
        );
    }
}

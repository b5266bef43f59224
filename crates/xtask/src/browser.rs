//! `cargo xtask browser` and `cargo xtask screenshots`: the page in a real Chromium.

use std::path::PathBuf;

use anyhow::{Context, ensure};

use crate::host::Host;
use crate::shell::{cargo, command, output, run, target_dir};

const AXE: &str = "4.10.3";

/// The browser tests; with `pictures` every screen is kept as a picture too.
pub fn test(pictures: bool) -> anyhow::Result<()> {
    let driver = output(&mut command("chromedriver", &["--version"]));
    ensure!(
        driver.is_some(),
        "install first: chromium and chromedriver (Debian: chromium, chromium-driver)"
    );
    let program = Host::build()?;
    let mut tests = cargo(&["test", "-p", "simrelay-tests", "--test", "browser"]);
    tests
        .env("SIMRELAY_PROGRAM", program)
        .env("SIMRELAY_AXE", axe()?)
        .args(["--", "--test-threads=1"]);
    if pictures {
        let dir = target_dir().join("screenshots");
        std::fs::create_dir_all(&dir)?;
        println!("The pictures go to {}.", dir.display());
        tests.env("SIMRELAY_SCREENSHOTS", dir);
    }
    run(&mut tests)
}

/// axe-core at a fixed version, fetched if it is not there yet.
fn axe() -> anyhow::Result<PathBuf> {
    let dir = target_dir().join("tools").join(format!("axe-core-{AXE}"));
    let script = dir.join("package/axe.min.js");
    if !script.exists() {
        std::fs::create_dir_all(&dir)?;
        let package = format!("axe-core@{AXE}");
        run(command("npm", &["pack", "--silent", &package]).current_dir(&dir))
            .context("axe-core could not be fetched; npm is needed (Debian: npm)")?;
        let archive = format!("axe-core-{AXE}.tgz");
        let words = ["-xzf", &archive, "package/axe.min.js"];
        run(command("tar", &words).current_dir(&dir))?;
    }
    Ok(script)
}

//! Looks at the finished file with other eyes than those that made it.

use std::io::{Read, Seek};
use std::path::Path;

use anyhow::{Context, ensure};
use zip::{CompressionMethod, ZipArchive};

use super::ndk::PAGE;
use crate::shell::{command, output, run};

/// What `aapt` must read out of the manifest.
const BADGES: [&str; 4] = [
    "package: name='dev.simrelay'",
    "sdkVersion:'26'",
    "targetSdkVersion:'35'",
    "launchable-activity:",
];

/// The signature, the manifest, and the places of what is mapped.
pub fn verify(apk: &Path) -> anyhow::Result<()> {
    let path = apk.to_string_lossy();
    let signature = ["verify", "--min-sdk-version", "26", "--Werr", &path];
    run(&mut command("apksigner", &signature)).context("the signature is not right")?;
    run(&mut command("zipalign", &["-c", "-p", "4", &path])).context("zipalign complains")?;
    badging(&path)?;
    places(std::fs::File::open(apk)?)
}

fn badging(path: &str) -> anyhow::Result<()> {
    let badging = output(&mut command("aapt", &["dump", "badging", path]))
        .context("aapt cannot read the manifest")?;
    let version = format!("versionName='{}'", env!("CARGO_PKG_VERSION"));
    for wanted in BADGES.into_iter().chain([version.as_str()]) {
        ensure!(
            badging.contains(wanted),
            "the manifest does not say {wanted}; aapt read:\n{badging}"
        );
    }
    Ok(())
}

/// Signing may have moved them, and zipalign knows pages of 4 KiB only.
fn places(apk: impl Read + Seek) -> anyhow::Result<()> {
    let mut archive = ZipArchive::new(apk)?;
    for index in 0..archive.len() {
        let entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let alignment = match name.as_str() {
            name if name.starts_with("lib/") => PAGE,
            "resources.arsc" => 4,
            _ => continue,
        };
        let start = entry.data_start().context("the entry has no place")?;
        ensure!(
            entry.compression() == CompressionMethod::Stored && start % alignment == 0,
            "{name} must be stored at a multiple of {alignment}, but begins at {start}"
        );
    }
    Ok(())
}

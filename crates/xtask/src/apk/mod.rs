//! `cargo xtask apk`: the Android app as one signed file.
//!
//! Maven leaves the linked resources and the dex file, cargo the libraries; they are packed, signed
//! and looked at here. The same sources give the same bytes: entries are sorted, times are fixed, and
//! an RSA signature has no chance in it.

pub mod maven;
mod ndk;
mod pack;
mod sign;
mod verify;

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::shell::target_dir;
use ndk::{Abi, Ndk};
use sign::Key;

#[derive(clap::Args, Default)]
pub struct Options {
    /// Processors to pack for; without it arm64-v8a, armeabi-v7a and x86_64
    #[arg(long, value_enum, value_delimiter = ',')]
    abi: Vec<Abi>,
    /// Sign with the release key instead of the debug key
    #[arg(long)]
    release: bool,
    /// Pack no library: the shell for inspection, needs no NDK. It installs, but cannot run
    #[arg(long, conflicts_with_all = ["abi", "release"])]
    without_native: bool,
    /// The key store that holds the release key
    #[arg(long, env = "SIMRELAY_KEYSTORE", requires = "release")]
    keystore: Option<PathBuf>,
    /// The name of the release key in its store
    #[arg(long, env = "SIMRELAY_KEY_ALIAS")]
    key_alias: Option<String>,
}

/// Builds, packs, signs, verifies, and says what came of it.
pub fn run(options: &Options) -> anyhow::Result<()> {
    // First what can be missing, then what takes minutes.
    let key = key(options)?;
    let libraries = libraries(options)?;
    let apk = target_dir().join("apk").join(file_name(options));
    assemble(&target_dir().join("apk-build"), &libraries, &key, &apk)?;
    report(&apk, options)
}

/// Builds the shell without libraries in two empty directories; the bytes must be the same. Returns
/// the file.
pub fn without_native_twice() -> anyhow::Result<PathBuf> {
    let key = sign::debug_key()?;
    let options = Options {
        without_native: true,
        ..Options::default()
    };
    let apk = target_dir().join("apk").join(file_name(&options));
    let again = apk.with_extension("again.apk");
    assemble(&target_dir().join("apk-build"), &[], &key, &apk)?;
    assemble(&target_dir().join("apk-build-again"), &[], &key, &again)?;
    ensure!(
        std::fs::read(&apk)? == std::fs::read(&again)?,
        "two builds of the same sources differ: compare {} and {}",
        apk.display(),
        again.display()
    );
    std::fs::remove_file(&again)?;
    Ok(apk)
}

fn key(options: &Options) -> anyhow::Result<Key> {
    if options.release {
        sign::release_key(options.keystore.as_deref(), options.key_alias.as_deref())
    } else {
        sign::debug_key()
    }
}

fn libraries(options: &Options) -> anyhow::Result<Vec<(Abi, PathBuf)>> {
    if options.without_native {
        return Ok(Vec::new());
    }
    let ndk = Ndk::find()?;
    let abis = if options.abi.is_empty() {
        Abi::USUAL.to_vec()
    } else {
        options.abi.clone()
    };
    abis.into_iter()
        .map(|abi| Ok((abi, ndk.build(abi)?)))
        .collect()
}

/// From sources to a verified file.
fn assemble(
    build: &Path,
    libraries: &[(Abi, PathBuf)],
    key: &Key,
    apk: &Path,
) -> anyhow::Result<()> {
    // Maven never deletes the class of a source that is gone.
    if build.exists() {
        std::fs::remove_dir_all(build)?;
    }
    maven::package(build)?;
    std::fs::create_dir_all(apk.parent().context("the file has a directory")?)?;
    let unsigned = build.join("unsigned.apk");
    let mut entries = pack::read_resources(&build.join("resources.apk"))?;
    entries.push(pack::Entry::deflated(
        "classes.dex",
        std::fs::read(build.join("classes.dex"))?,
    ));
    for (abi, library) in libraries {
        let bytes = std::fs::read(library)?;
        entries.push(pack::Entry::library(abi.name(), bytes));
    }
    std::fs::write(&unsigned, pack::pack(entries)?)?;
    sign::sign(&unsigned, apk, key)?;
    verify::verify(apk)
}

/// A file without libraries says so in its name: it is not for anybody's phone.
fn file_name(options: &Options) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let abis: String = options
        .abi
        .iter()
        .map(|abi| format!("-{}", abi.name()))
        .collect();
    match (options.without_native, options.release) {
        (true, _) => format!("simrelay-{version}-WITHOUT-NATIVE.apk"),
        (false, true) => format!("simrelay-{version}{abis}.apk"),
        (false, false) => format!("simrelay-{version}{abis}-debug.apk"),
    }
}

fn report(apk: &Path, options: &Options) -> anyhow::Result<()> {
    let size = std::fs::metadata(apk)?.len();
    println!("{}  {} kB", apk.display(), size.div_ceil(1000));
    if options.without_native {
        println!(
            "It holds no native library: look at it, but do not install it, it ends at its start."
        );
        return Ok(());
    }
    println!(
        "Install it with adb, which asks the least:\n\
         \x20   adb install -r {}\n\
         From a file on the phone it works too, but then\n\
         \x20 * Play Protect may warn about an app that reads SMS: \"More details\", \"Install anyway\";\n\
         \x20 * from Android 15 on the system refuses the SMS permissions at first: Settings, Apps,\n\
         \x20   SimRelay, the menu with three dots, \"Allow restricted settings\";\n\
         \x20 * where Google demands verified developers, certified phones take apps of others by adb\n\
         \x20   alone.\n\
         docs/android.md has details.",
        apk.display()
    );
    Ok(())
}

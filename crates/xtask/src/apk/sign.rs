//! Keys, and the signature of the APK. Android takes an update only from the key that signed what is
//! installed, so a release key must be kept.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::shell::{command, run, target_dir};

/// Known to everybody: the debug key proves nothing.
const DEBUG_PASSWORD: &str = "android";
const STORE_PASSWORD: &str = "SIMRELAY_KEYSTORE_PASSWORD";
const KEY_PASSWORD: &str = "SIMRELAY_KEY_PASSWORD";

/// A key in a key store. Passwords go by the environment only: a command line is there for all to
/// see.
pub struct Key {
    store: PathBuf,
    alias: String,
    store_password: String,
    key_password: String,
}

/// In the build directory, made on first use.
pub fn debug_key() -> anyhow::Result<Key> {
    let store = target_dir().join("apk/debug.keystore");
    if !store.exists() {
        make_debug_key(&store)?;
    }
    Ok(Key {
        store,
        alias: "debug".to_owned(),
        store_password: DEBUG_PASSWORD.to_owned(),
        key_password: DEBUG_PASSWORD.to_owned(),
    })
}

/// The owner's key; nothing of it is ever made here.
pub fn release_key(store: Option<&Path>, alias: Option<&str>) -> anyhow::Result<Key> {
    let store = store.context(
        "a release needs a key: name its store by --keystore or SIMRELAY_KEYSTORE (keytool \
         -genkeypair makes one)",
    )?;
    ensure!(store.exists(), "there is no key store {}", store.display());
    let alias = alias.context("name the key in its store by --key-alias or SIMRELAY_KEY_ALIAS")?;
    let store_password = std::env::var(STORE_PASSWORD)
        .with_context(|| format!("set {STORE_PASSWORD} to the password of the key store"))?;
    let key_password = std::env::var(KEY_PASSWORD).unwrap_or_else(|_| store_password.clone());
    Ok(Key {
        store: store.to_owned(),
        alias: alias.to_owned(),
        store_password,
        key_password,
    })
}

/// Signs into another file. That the entries kept their places is
/// looked at afterwards.
pub fn sign(unsigned: &Path, signed: &Path, key: &Key) -> anyhow::Result<()> {
    let mut sign = command(
        "apksigner",
        &[
            "sign",
            "--v1-signing-enabled",
            "false",
            "--v4-signing-enabled",
            "false",
        ],
    );
    sign.arg("--ks")
        .arg(&key.store)
        .args(["--ks-key-alias", &key.alias])
        .args(["--ks-pass", &format!("env:{STORE_PASSWORD}")])
        .args(["--key-pass", &format!("env:{KEY_PASSWORD}")])
        .arg("--out")
        .arg(signed)
        .arg(unsigned);
    run(with_passwords(
        &mut sign,
        &key.store_password,
        &key.key_password,
    ))
    .context("the APK was not signed")
}

/// RSA, because its signatures have no chance in them and the same input gives the same file.
fn make_debug_key(store: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(store.parent().context("the key store has a directory")?)?;
    let words = [
        "-genkeypair",
        "-alias",
        "debug",
        "-keyalg",
        "RSA",
        "-keysize",
        "2048",
        "-validity",
        "10950",
        "-dname",
        "CN=SimRelay debug",
        "-storetype",
        "PKCS12",
    ];
    let mut make = command("keytool", &words);
    make.args(["-storepass:env", STORE_PASSWORD])
        .arg("-keystore")
        .arg(store);
    let made = with_passwords(&mut make, DEBUG_PASSWORD, DEBUG_PASSWORD).output();
    let made = made.context("keytool could not be started (Debian: openjdk-17-jdk-headless)")?;
    ensure!(
        made.status.success(),
        "the debug key was not made: {}",
        String::from_utf8_lossy(&made.stdout)
    );
    Ok(())
}

fn with_passwords<'command>(
    command: &'command mut Command,
    store: &str,
    key: &str,
) -> &'command mut Command {
    command.env(STORE_PASSWORD, store).env(KEY_PASSWORD, key)
}

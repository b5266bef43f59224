//! The documented table of natives is what the library exports, no more and no less.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::{Object, ObjectSymbol};

const PREFIX: &str = "Java_dev_simrelay_NativeBridge_";

/// What the variables begin with that the cargo which runs this test has set. Build scripts would take them
/// for a change, and SQLite and ring would be compiled anew.
const OUTER_CARGO: [&str; 4] = [
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "LIBSQLITE3_FLAGS",
    "OUT_DIR",
];

/// The library, built now: cargo does not build one of this kind for a test.
fn library() -> PathBuf {
    let build = ["build", "--quiet", "--package", "simrelay-jni"];
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(build);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if OUTER_CARGO.iter().any(|start| text.starts_with(start)) {
            cargo.env_remove(name);
        }
    }
    let built = cargo.status().unwrap();
    assert!(built.success());
    let test = std::env::current_exe().unwrap();
    let debug = test.parent().and_then(Path::parent).unwrap();
    debug.join("libsimrelay.so")
}

#[test]
fn the_exported_symbols_are_those_of_the_table() {
    let bytes = std::fs::read(library()).unwrap();
    let library = object::File::parse(&*bytes).unwrap();
    let exported: BTreeSet<String> = library
        .dynamic_symbols()
        .filter(|symbol| symbol.is_definition())
        .filter_map(|symbol| symbol.name().ok()?.strip_prefix(PREFIX).map(str::to_owned))
        .collect();
    let documented: BTreeSet<String> = include_str!("../src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .filter_map(|row| row.split('`').next().map(str::to_owned))
        .collect();
    assert!(documented.contains("smsReceived"));
    assert_eq!(exported, documented);
}

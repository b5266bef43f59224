//! The structure that docs/architecture.md promises, held against the source: rooms import only rooms
//! below them, files import in no circle, no file outgrows a reader, and comments cite files that are
//! there.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod imports;
mod source;

use std::collections::{BTreeMap, BTreeSet};

/// The rooms of the core, from the ground up. Rooms of one line do not know each other.
const LAYERS: [&[&str]; 8] = [
    &["model"],
    &["settings", "store", "http"],
    &["loops", "events", "net", "tokens"],
    &["sending", "receiving", "webhooks"],
    &["phone_inbox"],
    &["gateway"],
    &["api", "web"],
    &["server"],
];
/// `lib.rs` exports from everywhere, and `fuzz.rs` is in no program.
const OUTSIDE: [&str; 2] = ["crate", "crate::fuzz"];
/// The most lines of a file, without its tests.
const LONGEST_FILE: usize = 400;

fn room(module: &str) -> &str {
    module.split("::").nth(1).unwrap_or(module)
}

fn layer(room: &str) -> usize {
    let layer = LAYERS.iter().position(|rooms| rooms.contains(&room));
    layer.unwrap_or_else(|| panic!("{room} is in no layer: add it to LAYERS"))
}

fn all_imports() -> BTreeMap<String, BTreeSet<String>> {
    let mut imports = imports::imports(&source::modules());
    imports.retain(|module, _| !OUTSIDE.contains(&module.as_str()));
    assert!(imports.len() > 150, "the source was not read");
    imports
}

#[test]
fn rooms_import_only_rooms_below_them() {
    let mut up = Vec::new();
    for (module, targets) in all_imports() {
        for target in targets {
            let (from, to) = (room(&module), room(&target));
            if OUTSIDE.contains(&target.as_str()) || (from != to && layer(from) <= layer(to)) {
                up.push(format!("{module} imports {target}"));
            }
        }
    }
    assert!(up.is_empty(), "{up:#?}");
}

#[test]
fn files_import_in_no_circle() {
    let mut imports = all_imports();
    // Who imports nothing that is left, or is imported by nothing that is left, is in no circle.
    loop {
        let left: BTreeSet<String> = imports.keys().cloned().collect();
        let imported: BTreeSet<String> = imports.values().flatten().cloned().collect();
        imports.retain(|module, targets| {
            targets.retain(|target| left.contains(target));
            !targets.is_empty() && imported.contains(module)
        });
        if imports.len() == left.len() {
            break;
        }
    }
    assert!(imports.is_empty(), "circles: {imports:#?}");
}

#[test]
fn files_have_at_most_400_lines_without_their_tests() {
    let code = [source::files("crates"), source::files("android")].concat();
    let mut long = Vec::new();
    for file in code {
        let is_code = file
            .extension()
            .is_some_and(|end| end == "rs" || end == "kt");
        let is_test = file.iter().any(|name| name == "tests" || name == "test");
        if is_code && !is_test && !file.ends_with("tests.rs") {
            let lines = source::without_tests(&source::read(&file)).lines().count();
            if lines > LONGEST_FILE {
                long.push(format!("{}: {lines}", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn comments_cite_files_that_are_there() {
    let files = source::files("");
    let paths: Vec<String> = files
        .iter()
        .map(|file| format!("/{}", file.display()))
        .collect();
    let mut missing = Vec::new();
    for file in &files {
        if !file
            .extension()
            .is_some_and(|end| end == "rs" || end == "kt")
        {
            continue;
        }
        for (number, line) in (1..).zip(source::read(file).lines()) {
            let line = line.trim_start();
            let is_comment = ["//", "/*", "* "]
                .iter()
                .any(|start| line.starts_with(start));
            for word in line.split(|c: char| !(c.is_alphanumeric() || "_-./".contains(c))) {
                let word = word.trim_matches('.').trim_start_matches('/');
                let ends = [".rs", ".md", ".kt", ".sql", ".toml"];
                let cites = is_comment && ends.iter().any(|end| word.ends_with(end));
                if cites && !paths.iter().any(|path| path.ends_with(&format!("/{word}"))) {
                    missing.push(format!("{}:{number} cites {word}", file.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

//! The files of the repository, and the code in them apart from comments and tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// All files below a directory of the repository, by path from the root, without what builds leave.
pub fn files(directory: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(directory)];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            match path.is_dir() {
                true if name == "target" || name == "node_modules" || name == ".git" => {}
                true => open.push(path),
                false => found.push(path.strip_prefix(root()).unwrap().to_owned()),
            }
        }
    }
    found
}

pub fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(root().join(path)).unwrap()).into_owned()
}

/// A file's text before the tests that it ends with.
pub fn without_tests(text: &str) -> &str {
    let tests = text.find("\n#[cfg(test)]\nmod tests {");
    tests.map_or(text, |start| &text[..start])
}

/// The modules of the core by path (`crate::store::writer`), with their code.
pub fn modules() -> BTreeMap<String, String> {
    let source = Path::new("crates/core/src");
    let mut modules = BTreeMap::new();
    for file in files("crates/core/src") {
        let path = file.strip_prefix(source).unwrap().with_extension("");
        if file.extension().is_none_or(|ending| ending != "rs") || path.ends_with("tests") {
            continue;
        }
        let names = path.iter().map(|name| name.to_string_lossy());
        let names = names.filter(|name| name != "mod" && name != "lib");
        let module = names.fold("crate".to_owned(), |module, name| module + "::" + &name);
        let text = read(&file);
        let lines = without_tests(&text).lines();
        let code = lines.map(|line| line.split("//").next().unwrap_or_default());
        modules.insert(module, code.collect::<Vec<_>>().join("\n"));
    }
    modules
}

//! What the modules of the core import, by `use` and by paths within the code.

use std::collections::{BTreeMap, BTreeSet};

/// Where a path of a module leads, as its names from `crate` on; `None` if out of the core.
fn absolute(path: &str, module: &str, modules: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let path = path.split(" as ").next().unwrap_or_default();
    let mut names = path.split("::").map(str::to_owned).peekable();
    let mut from: Vec<String> = module.split("::").map(str::to_owned).collect();
    match names.peek()?.as_str() {
        "crate" => return Some(names.collect()),
        "self" => drop(names.next()),
        "super" => {
            while names.next_if(|name| name == "super").is_some() {
                from.pop();
            }
        }
        child if modules.contains_key(&format!("{module}::{child}")) => {}
        _ => return None,
    }
    from.extend(names.filter(|name| name != "self" && name != "*"));
    Some(from)
}

/// The paths of a tree of `use`: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn branches(tree: &str) -> Vec<String> {
    let Some((before, rest)) = tree.split_once('{') else {
        return vec![tree.trim().to_owned()];
    };
    let inner = &rest[..rest.rfind('}').unwrap_or(rest.len())];
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(branches)
        .map(|part| before.trim().to_owned() + &part)
        .collect()
}

/// Each path that a module names, and whether it is exported again.
fn paths(code: &str) -> Vec<(bool, String)> {
    let mut paths = Vec::new();
    let mut rest = String::new();
    for statement in code.split_inclusive(';') {
        let start = statement.rfind("\nuse ").or(statement.rfind(" use "));
        match start {
            Some(start) => {
                let tree = statement[start + 5..]
                    .trim_end_matches(';')
                    .replace('\n', " ");
                let exported = statement[..=start].trim_end().ends_with(['b', ')']);
                paths.extend(branches(&tree).into_iter().map(|path| (exported, path)));
            }
            None => rest.push_str(statement),
        }
    }
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = rest.split(|c| !is_path(c));
    let inner = words.filter(|word| word.starts_with("crate::") || word.starts_with("super::"));
    paths.extend(inner.map(|word| (false, word.trim_end_matches(':').to_owned())));
    paths
}

/// The modules that each module imports, not counting those below itself. A name that a module only
/// exports again counts as that of the module it comes from.
pub fn imports(modules: &BTreeMap<String, String>) -> BTreeMap<String, BTreeSet<String>> {
    let mut exports = BTreeMap::new();
    let mut named = Vec::new();
    for (module, code) in modules {
        for (exported, path) in paths(code) {
            let Some(target) = absolute(&path, module, modules) else {
                continue;
            };
            if exported {
                let name = path.rsplit([':', ' ']).next().unwrap_or_default();
                exports.insert(format!("{module}::{name}"), target.clone());
            }
            named.push((module, target));
        }
    }
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, target) in named {
        let Some(owner) = owner(target, modules, &exports) else {
            continue;
        };
        if owner != *module && !owner.starts_with(&format!("{module}::")) {
            imports.entry(module.clone()).or_default().insert(owner);
        }
    }
    imports
}

fn owner(
    mut target: Vec<String>,
    modules: &BTreeMap<String, String>,
    exports: &BTreeMap<String, Vec<String>>,
) -> Option<String> {
    for _ in 0..8 {
        let length = (1..=target.len())
            .rev()
            .find(|length| modules.contains_key(&target[..*length].join("::")))?;
        let module = target[..length].join("::");
        let exported = target.get(length).and_then(|name| {
            let found = exports.get(&format!("{module}::{name}"))?;
            Some([found, &target[length + 1..]].concat())
        });
        match exported {
            Some(next) => target = next,
            None => return Some(module),
        }
    }
    None
}

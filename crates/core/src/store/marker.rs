//! A file that says that a check found damage, so that the next opening that may recover does so.

use std::fs;
use std::path::Path;

use super::directory::{beside, private_file};

const TAIL: &str = ".damaged";

/// Makes or removes it; a disk that does not take it only makes the next opening check again.
pub(super) fn set(database: &Path, damaged: bool) {
    let path = beside(database, TAIL);
    if damaged {
        drop(private_file(&path));
    } else if path.exists() {
        drop(fs::remove_file(path));
    }
}

pub(super) fn is_set(database: &Path) -> bool {
    beside(database, TAIL).exists()
}

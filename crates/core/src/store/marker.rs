//! A marker file that records that a check found damage. The next opening that may recover then
//! does so.

use std::fs;
use std::path::Path;

use super::directory::{beside, private_file};

const TAIL: &str = ".damaged";

/// Creates or removes the marker. If the disk refuses, the next opening only checks again.
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

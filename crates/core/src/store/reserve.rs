//! Disk space reserved for opening on a full disk: SQLite needs its shared memory, and may need to
//! checkpoint its log.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::directory::private_file;

const FILE: &str = "simrelay.reserve";
const SIZE: usize = 256 * 1024;

/// Reserves the space if the disk has enough; otherwise goes on without it.
pub(super) fn keep(dir: &Path) {
    let path = dir.join(FILE);
    if fs::metadata(&path).is_ok_and(|file| file.len() == SIZE as u64) {
        return;
    }
    let written = private_file(&path).and_then(|mut file| {
        // No file system can compress these bytes.
        let mut bytes = vec![0; SIZE];
        let mut state = 0x2545_F491_u32;
        for byte in &mut bytes {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = state.to_be_bytes()[0];
        }
        file.write_all(&bytes)
    });
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
}

/// Frees the reserved space. Returns whether there was any.
pub(super) fn free(dir: &Path) -> bool {
    fs::remove_file(dir.join(FILE)).is_ok()
}

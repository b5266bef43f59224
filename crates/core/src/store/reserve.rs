//! Room that is kept for opening on a disk that has filled up: SQLite needs its shared memory, and may
//! need to bring its log home.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::directory::private_file;

const FILE: &str = "simrelay.reserve";
const SIZE: usize = 256 * 1024;

/// Takes the room if there is enough; where there is not, that is no failure.
pub(super) fn keep(dir: &Path) {
    let path = dir.join(FILE);
    if fs::metadata(&path).is_ok_and(|file| file.len() == SIZE as u64) {
        return;
    }
    let written = private_file(&path).and_then(|mut file| {
        // Bytes that no file system makes smaller.
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

/// Gives the room back; whether there was any.
pub(super) fn free(dir: &Path) -> bool {
    fs::remove_file(dir.join(FILE)).is_ok()
}

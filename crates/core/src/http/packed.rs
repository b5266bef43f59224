//! Long texts that the library carries packed, because it is loaded into memory whole on a phone and
//! most of them are asked for rarely.

use std::io::Read;

use flate2::read::GzDecoder;

/// The text that `build.rs` packed under this name.
macro_rules! packed {
    ($name:literal) => {
        $crate::http::packed::unpack(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")))
    };
}
pub(crate) use packed;

/// Costs about a millisecond for 100 kB.
pub(crate) fn unpack(packed: &[u8]) -> String {
    let mut text = String::new();
    let read = GzDecoder::new(packed).read_to_string(&mut text);
    read.expect("the build packed a text");
    text
}

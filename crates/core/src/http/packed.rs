//! Long texts are compressed in the library, because a phone loads it into memory completely and
//! most of these texts are rarely requested.

use std::io::Read;

use flate2::read::GzDecoder;

/// The text that `build.rs` compressed under this name.
macro_rules! packed {
    ($name:literal) => {
        $crate::http::packed::unpack(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")))
    };
}
pub(crate) use packed;

/// Decompresses a text. Costs about a millisecond for 100 kB.
pub(crate) fn unpack(packed: &[u8]) -> String {
    let mut text = String::new();
    let read = GzDecoder::new(packed).read_to_string(&mut text);
    read.expect("the build packed a text");
    text
}

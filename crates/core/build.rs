//! Packs the long texts that the library carries; `src/http/packed.rs` unpacks them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;

const TEXTS: [&str; 5] = [
    "src/api/docs/openapi.json",
    "src/web/words/ar.ftl",
    "src/web/words/en.ftl",
    "src/web/words/ru.ftl",
    "src/web/words/zh.ftl",
];

fn main() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for text in TEXTS.map(Path::new) {
        println!("cargo::rerun-if-changed={}", text.display());
        let name = text.file_name().unwrap_or_default();
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&fs::read(text)?)?;
        fs::write(out.join(name).with_added_extension("gz"), packed.finish()?)?;
    }
    Ok(())
}

//! Entries into a zip file, in the order and at the places that Android wants.

use std::io::{Cursor, Read, Write};
use std::path::Path;

use anyhow::Context;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

/// Libraries are mapped where they lie in the file, on phones with pages of 16 KiB too.
const LIBRARY_ALIGNMENT: u16 = 16_384;
/// The resource table is mapped too; Android 11 refuses it elsewhere.
const STORED_ALIGNMENT: u16 = 4;

/// One file in the APK.
pub struct Entry {
    name: String,
    bytes: Vec<u8>,
    /// Not compressed, and beginning at a multiple of this.
    stored_at: Option<u16>,
}

impl Entry {
    pub fn deflated(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            bytes,
            stored_at: None,
        }
    }

    pub fn library(abi: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: format!("lib/{abi}/libsimrelay.so"),
            bytes,
            stored_at: Some(LIBRARY_ALIGNMENT),
        }
    }
}

/// What aapt2 linked. What it stored stays stored.
pub fn read_resources(linked: &Path) -> anyhow::Result<Vec<Entry>> {
    let file = std::fs::File::open(linked)
        .with_context(|| format!("{} cannot be read", linked.display()))?;
    let mut archive = ZipArchive::new(file)?;
    (0..archive.len())
        .map(|index| {
            let mut from = archive.by_index(index)?;
            let name = from.name()?.into_owned();
            let stored =
                from.compression() == CompressionMethod::Stored || name == "resources.arsc";
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes)?;
            Ok(Entry {
                name,
                bytes,
                stored_at: stored.then_some(STORED_ALIGNMENT),
            })
        })
        .collect()
}

/// The file's bytes: sorted by name, all of the same time, as if made on Unix.
pub fn pack(mut entries: Vec<Entry>) -> anyhow::Result<Vec<u8>> {
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let plain = SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .system(System::Unix);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        let options = match entry.stored_at {
            Some(alignment) => plain
                .compression_method(CompressionMethod::Stored)
                .with_android_alignment(alignment),
            None => plain
                .compression_method(CompressionMethod::Deflated)
                .compression_level(Some(9)),
        };
        writer.start_file(entry.name, options)?;
        writer.write_all(&entry.bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        vec![
            Entry::library("x86_64", vec![7; 40_001]),
            Entry::deflated("classes.dex", vec![1; 999]),
            Entry {
                name: "resources.arsc".to_owned(),
                bytes: vec![2; 333],
                stored_at: Some(STORED_ALIGNMENT),
            },
            Entry::library("arm64-v8a", vec![9; 20_003]),
        ]
    }

    #[test]
    fn stored_entries_lie_where_they_can_be_mapped() {
        let mut archive = ZipArchive::new(Cursor::new(pack(entries()).unwrap())).unwrap();
        let names: Vec<String> = (0..archive.len())
            .map(|index| {
                archive
                    .by_index(index)
                    .unwrap()
                    .name()
                    .unwrap()
                    .into_owned()
            })
            .collect();
        assert_eq!(
            names,
            [
                "classes.dex",
                "lib/arm64-v8a/libsimrelay.so",
                "lib/x86_64/libsimrelay.so",
                "resources.arsc"
            ]
        );
        let rows = [(1, 16_384), (2, 16_384), (3, 4)];
        for (index, alignment) in rows {
            let entry = archive.by_index(index).unwrap();
            assert_eq!(entry.compression(), CompressionMethod::Stored);
            assert_eq!(entry.data_start().unwrap() % alignment, 0);
        }
    }

    #[test]
    fn the_order_of_entries_does_not_change_the_bytes() {
        let mut other = entries();
        other.reverse();
        assert_eq!(pack(entries()).unwrap(), pack(other).unwrap());
    }
}

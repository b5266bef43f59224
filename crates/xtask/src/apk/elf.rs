//! The little of the ELF format that tells whether a library loads on a phone.

use anyhow::{Context, ensure};

/// `PT_LOAD`: a part that is mapped into memory.
const LOAD: u64 = 1;

/// Where a file of 32 or 64 bits keeps what is asked for; ELF specification, "ELF Header" and
/// "Program Header".
struct Layout {
    word: usize,
    table_at: usize,
    entry_size_at: usize,
    count_at: usize,
    alignment_at: usize,
}

const BITS_32: Layout = Layout {
    word: 4,
    table_at: 28,
    entry_size_at: 42,
    count_at: 44,
    alignment_at: 28,
};
const BITS_64: Layout = Layout {
    word: 8,
    table_at: 32,
    entry_size_at: 54,
    count_at: 56,
    alignment_at: 48,
};

/// The alignment of each part that is loaded. Little-endian files only, as all of Android's are.
pub fn load_alignments(file: &[u8]) -> anyhow::Result<Vec<u64>> {
    ensure!(file.starts_with(b"\x7fELF"), "not an ELF file");
    let layout = if file.get(4) == Some(&1) {
        BITS_32
    } else {
        BITS_64
    };
    let table = number(file, layout.table_at, layout.word)?;
    let entry_size = number(file, layout.entry_size_at, 2)?;
    let count = number(file, layout.count_at, 2)?;
    let mut alignments = Vec::new();
    for index in 0..count {
        let entry = usize::try_from(table + index * entry_size)?;
        if number(file, entry, 4)? == LOAD {
            alignments.push(number(file, entry + layout.alignment_at, layout.word)?);
        }
    }
    ensure!(!alignments.is_empty(), "nothing in it is loaded");
    Ok(alignments)
}

fn number(file: &[u8], at: usize, size: usize) -> anyhow::Result<u64> {
    let bytes = file.get(at..at + size).context("the file is cut off")?;
    Ok(bytes
        .iter()
        .rev()
        .fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::load_alignments;

    #[test]
    fn reads_the_alignments_of_a_real_file() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let alignments = load_alignments(&file).unwrap();
        assert!(alignments.len() > 1, "{alignments:?}");
        assert!(
            alignments
                .iter()
                .all(|value| *value == 4096 || *value == 65_536),
            "{alignments:?}"
        );
    }

    #[test]
    fn refuses_what_is_no_library() {
        assert!(load_alignments(b"PK\x03\x04").is_err());
        assert!(load_alignments(b"\x7fELF\x02").is_err());
    }
}

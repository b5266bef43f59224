//! Reads the write-ahead log before SQLite does (its file format, section 4).
//!
//! SQLite reads a log up to the first frame with a wrong checksum and drops the rest. That is right
//! after a crash, because the rest was never committed. But a crash cannot leave a valid frame with
//! the same salts *behind* a broken one. The checksum of a frame starts from the stored checksum of
//! the frame before it, so the frames behind a broken one can still be validated, and they are
//! kept.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const MAGIC: u32 = 0x377f_0682;
/// The most broken frames that are searched for a single wrong bit; each takes some ten
/// milliseconds.
const MOST_MENDED: usize = 4;

type Sum = (u32, u32);

/// A page as a committed transaction left it.
pub(super) struct Frame {
    pub page: u32,
    /// The size of the database in pages, if this frame ends a transaction; otherwise 0.
    pub commit: u32,
    pub data: Vec<u8>,
}

/// The content of a log.
pub(super) struct Log {
    /// All committed frames, oldest first.
    pub frames: Vec<Frame>,
    /// A frame is broken, and a crash does not explain it.
    pub damaged: bool,
    /// A frame is lost, and no later frame replaces its page.
    pub lost: bool,
    header: [u8; HEADER],
}

/// Reads the log; returns `None` if it is missing or empty. `page_size` is that of the database, in
/// case the header of the log is broken.
pub(super) fn read(path: &Path, page_size: Option<usize>) -> io::Result<Option<Log>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Reading::new(&bytes, page_size).and_then(|reading| reading.log()))
}

impl Log {
    /// Replaces the file with a log of the remaining frames, which SQLite accepts completely.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut bytes = self.header.to_vec();
        let big = is_big(&self.header);
        let mut sum = (word(&self.header, 24), word(&self.header, 28));
        for frame in &self.frames {
            let mut header = Vec::with_capacity(FRAME_HEADER);
            header.extend(frame.page.to_be_bytes());
            header.extend(frame.commit.to_be_bytes());
            sum = checksum(checksum(sum, &header, big), &frame.data, big);
            header.extend(self.header.get(16..24).unwrap_or_default());
            header.extend(sum.0.to_be_bytes());
            header.extend(sum.1.to_be_bytes());
            bytes.extend(header);
            bytes.extend(&frame.data);
        }
        let new = path.with_extension("db-wal.new");
        let mut file = super::directory::private_file(&new)?;
        file.set_len(0)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(new, path)?;
        path.parent()
            .map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    }
}

/// A log while it is read.
struct Reading<'a> {
    header: [u8; HEADER],
    header_broken: bool,
    frames: Vec<&'a [u8]>,
}

/// One frame and its state.
struct Seen {
    bytes: Vec<u8>,
    valid: bool,
    /// The frame is kept although no checksum proves it.
    spared: bool,
}

impl<'a> Reading<'a> {
    fn new(bytes: &'a [u8], page_size: Option<usize>) -> Option<Self> {
        let mut header: [u8; HEADER] = bytes.get(..HEADER)?.try_into().ok()?;
        let sum = checksum((0, 0), &header[..24], is_big(&header));
        let magic = word(&header, 0) & !1;
        let sound = magic == MAGIC && sum == (word(&header, 24), word(&header, 28));
        let size = if sound {
            usize::try_from(word(&header, 8)).ok()?
        } else {
            page_size?
        };
        if !(512..=65_536).contains(&size) || !size.is_power_of_two() {
            return None;
        }
        let frames: Vec<_> = bytes[HEADER..].chunks_exact(FRAME_HEADER + size).collect();
        if !sound {
            // The header is derived from the frames.
            header[..4]
                .copy_from_slice(&(MAGIC | u32::from(cfg!(target_endian = "big"))).to_be_bytes());
            header[4..8].copy_from_slice(&3_007_000u32.to_be_bytes());
            header[8..12].copy_from_slice(&u32::try_from(size).ok()?.to_be_bytes());
            header[16..24].copy_from_slice(frames.first()?.get(8..16)?);
        }
        Some(Self {
            header,
            header_broken: !sound,
            frames,
        })
    }

    fn log(mut self) -> Option<Log> {
        let seen = self.look();
        let last_valid = seen.iter().rposition(|frame| frame.valid)?;
        let kept: Vec<&Seen> = seen.iter().take(last_valid + 1).collect();
        let damaged = self.header_broken || kept.iter().any(|frame| !frame.valid || frame.spared);
        let good = |frame: &Seen| frame.valid || frame.spared;
        let committed = kept
            .iter()
            .rposition(|frame| good(frame) && word(&frame.bytes, 4) > 0)?;
        let (mut frames, mut lost) = (Vec::new(), false);
        for (place, frame) in kept.iter().enumerate().take(committed + 1) {
            let page = word(&frame.bytes, 0);
            if good(frame) {
                frames.push(Frame {
                    page,
                    commit: word(&frame.bytes, 4),
                    data: frame.bytes[FRAME_HEADER..].to_vec(),
                });
                continue;
            }
            let later = kept.iter().take(committed + 1).skip(place + 1);
            lost |= !later
                .into_iter()
                .any(|later| good(later) && word(&later.bytes, 0) == page);
        }
        self.seal_header();
        Some(Log {
            frames,
            damaged,
            lost,
            header: self.header,
        })
    }

    /// Checks each frame against the checksum of the frame before it.
    fn look(&self) -> Vec<Seen> {
        let big = is_big(&self.header);
        let salts = &self.header[16..24];
        let computed = checksum((0, 0), &self.header[..24], big);
        let mut before = vec![(word(&self.header, 24), word(&self.header, 28)), computed];
        let mut seen: Vec<Seen> = Vec::with_capacity(self.frames.len());
        let mut mended = 0;
        for (place, bytes) in self.frames.iter().enumerate() {
            let ours = bytes.get(8..16) == Some(salts);
            let sums: Vec<Sum> = before.iter().map(|sum| sum_of(*sum, bytes, big)).collect();
            let stored = stored(bytes);
            let mut frame = Seen {
                bytes: bytes.to_vec(),
                valid: ours && word(bytes, 0) > 0 && sums.contains(&stored),
                spared: false,
            };
            let known = seen.last().is_none_or(|frame| frame.valid) && !self.header_broken;
            if !frame.valid
                && mended < MOST_MENDED
                && known
                && place_is_ours(&self.frames, place, salts)
            {
                mended += 1;
                if let Some(whole) = before
                    .iter()
                    .find_map(|sum| mend_bit(bytes, *sum, salts, big))
                {
                    (frame.bytes, frame.valid, frame.spared) = (whole, true, true);
                }
            }
            if !frame.valid && ours && !known {
                // The frame before it is broken, so only the frame after it can confirm it.
                let next = self.frames.get(place + 1);
                let follows = next.is_some_and(|next| {
                    next.get(8..16) == Some(salts)
                        && sum_of(stored, next, big) == self::stored(next)
                });
                (frame.valid, frame.spared) = (follows, follows);
            }
            before = if frame.valid {
                vec![self::stored(&frame.bytes)]
            } else {
                [vec![stored], sums].concat()
            };
            seen.push(frame);
        }
        seen
    }

    fn seal_header(&mut self) {
        let sum = checksum((0, 0), &self.header[..24], is_big(&self.header));
        self.header[24..28].copy_from_slice(&sum.0.to_be_bytes());
        self.header[28..].copy_from_slice(&sum.1.to_be_bytes());
    }
}

/// Returns whether a frame belongs to this log, not to an earlier use of the file: by its own salts
/// or, if those may be damaged, by the next frame. Salts that differ in one bit still count as
/// ours, because half of the salts is random for each log.
fn place_is_ours(frames: &[&[u8]], place: usize, salts: &[u8]) -> bool {
    let found = |place: usize| frames.get(place).and_then(|frame| frame.get(8..16));
    let wrong_bits = |found: &[u8]| -> u32 {
        let pairs = found.iter().zip(salts);
        pairs.map(|(found, ours)| (found ^ ours).count_ones()).sum()
    };
    found(place).is_some_and(|found| wrong_bits(found) <= 1) || found(place + 1) == Some(salts)
}

/// Returns the frame with one bit flipped, if that makes its checksum right.
fn mend_bit(bytes: &[u8], before: Sum, salts: &[u8], big: bool) -> Option<Vec<u8>> {
    let mut frame = bytes.to_vec();
    for bit in 0..frame.len() * 8 {
        frame[bit / 8] ^= 1 << (bit % 8);
        let whole = frame.get(8..16) == Some(salts)
            && word(&frame, 0) > 0
            && sum_of(before, &frame, big) == stored(&frame);
        if whole {
            return Some(frame);
        }
        frame[bit / 8] ^= 1 << (bit % 8);
    }
    None
}

fn sum_of(before: Sum, frame: &[u8], big: bool) -> Sum {
    let (header, data) = frame.split_at(FRAME_HEADER);
    checksum(checksum(before, &header[..8], big), data, big)
}

fn stored(frame: &[u8]) -> Sum {
    (word(frame, 16), word(frame, 20))
}

fn is_big(header: &[u8]) -> bool {
    word(header, 0) & 1 == 1
}

/// Computes SQLite's checksum (section 4.2 of its file format).
fn checksum(mut sum: Sum, bytes: &[u8], big: bool) -> Sum {
    for pair in bytes.as_chunks::<8>().0 {
        let [a, b, c, d, e, f, g, h] = *pair;
        let (first, second) = if big {
            (
                u32::from_be_bytes([a, b, c, d]),
                u32::from_be_bytes([e, f, g, h]),
            )
        } else {
            (
                u32::from_le_bytes([a, b, c, d]),
                u32::from_le_bytes([e, f, g, h]),
            )
        };
        sum.0 = sum.0.wrapping_add(first).wrapping_add(sum.1);
        sum.1 = sum.1.wrapping_add(second).wrapping_add(sum.0);
    }
    sum
}

fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
    word.map_or(0, u32::from_be_bytes)
}

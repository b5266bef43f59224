//! The pages of a database file with its log applied, read without SQLite.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::super::log_file;

/// The page size of new databases.
const PAGE_SIZE: usize = 4096;

/// A database file with its log.
pub(super) struct Image {
    file: Option<File>,
    logged: HashMap<u32, Vec<u8>>,
    page_size: usize,
    pages: u32,
}

impl Image {
    pub fn open(database: &Path, log: &Path) -> io::Result<Self> {
        let mut file = match File::open(database) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let mut header = [0; 100];
        let whole = file
            .as_mut()
            .is_some_and(|file| file.read_exact(&mut header).is_ok());
        let length = file
            .as_ref()
            .map_or(Ok(0), |file| file.metadata().map(|file| file.len()))?;
        let page_size = page_size(&header).filter(|_| whole).unwrap_or(PAGE_SIZE);
        let log = log_file::read(log, Some(page_size))?;
        let frames = log.map(|log| log.frames).unwrap_or_default();
        let in_file = u32::try_from(length / page_size as u64).unwrap_or(u32::MAX);
        let in_log = frames
            .iter()
            .map(|frame| frame.page.max(frame.commit))
            .max();
        let logged = frames.into_iter().map(|frame| (frame.page, frame.data));
        Ok(Self {
            file,
            page_size,
            pages: in_file.max(in_log.unwrap_or(0)),
            logged: logged.filter(|(_, data)| data.len() == page_size).collect(),
        })
    }

    pub fn page_size(&self) -> usize {
        self.page_size
    }

    /// Returns the number of its last page.
    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// Returns a page by its number, from 1, or `None` if it cannot be read.
    pub fn page(&mut self, number: u32) -> Option<Vec<u8>> {
        if number == 0 || number > self.pages {
            return None;
        }
        if let Some(page) = self.logged.get(&number) {
            return Some(page.clone());
        }
        let file = self.file.as_mut()?;
        let mut page = vec![0; self.page_size];
        let at = u64::from(number - 1) * self.page_size as u64;
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut page).ok()?;
        Some(page)
    }

    /// Returns the free pages, and whether their list is intact.
    pub fn free(&mut self) -> (HashSet<u32>, bool) {
        let mut free = HashSet::new();
        let Some(first) = self
            .page(1)
            .filter(|page| page.starts_with(b"SQLite format 3\0"))
        else {
            return (free, false);
        };
        let wanted = word(&first, 36);
        let mut trunk = word(&first, 32);
        while trunk != 0 && free.insert(trunk) {
            let Some(page) = self.page(trunk) else {
                return (free, false);
            };
            let leaves = word(&page, 4) as usize;
            if leaves > self.page_size / 4 {
                return (free, false);
            }
            free.extend((0..leaves).map(|place| word(&page, 8 + 4 * place)));
            trunk = word(&page, 0);
        }
        let whole = free.len() as u64 == u64::from(wanted);
        (free, whole)
    }
}

/// Returns the page size from a database's header (SQLite's file format, section 1.3).
pub(in crate::store) fn page_size(header: &[u8]) -> Option<usize> {
    let size = match usize::from(u16::from_be_bytes([*header.get(16)?, *header.get(17)?])) {
        1 => 65_536,
        size => size,
    };
    ((512..=65_536).contains(&size) && size.is_power_of_two()).then_some(size)
}

pub(super) fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
    word.map_or(0, u32::from_be_bytes)
}

//! Reads the rows of a table or index from its pages (SQLite's file format, sections 1.6 and 2.1).
//!
//! A page that cannot be read loses only its own content: the pages below it are found among those
//! that no tree reaches.

use std::collections::HashSet;

use rusqlite::types::Value;

use super::image::{Image, word};

const TABLE_LEAF: u8 = 0x0D;
const TABLE_BRANCH: u8 = 0x05;
const INDEX_LEAF: u8 = 0x0A;
const INDEX_BRANCH: u8 = 0x02;

/// A row of a table; or an entry of an index or of a table without row numbers, with `rowid` 0.
pub(super) struct Row {
    pub rowid: i64,
    pub columns: Vec<Value>,
}

/// The progress of a walk over trees.
#[derive(Default)]
pub(super) struct Walk {
    /// The pages read so far, of this tree and earlier ones.
    pub visited: HashSet<u32>,
    /// The number of pages and cells that could not be read.
    pub broken: u64,
}

impl Walk {
    /// Passes on every readable row of the tree with that root.
    pub fn tree(
        &mut self,
        image: &mut Image,
        root: u32,
        is_index: bool,
        each: &mut dyn FnMut(Row),
    ) {
        let mut waiting = vec![root];
        while let Some(number) = waiting.pop() {
            if !self.visited.insert(number) {
                self.broken += 1;
                continue;
            }
            let children = self.page(image, number, Some(is_index), each);
            // The walk takes pages from the end, so this keeps the rows in order.
            waiting.extend(children.into_iter().rev());
        }
    }

    /// Passes on the rows of one page and returns the pages below it.
    pub fn page(
        &mut self,
        image: &mut Image,
        number: u32,
        is_index: Option<bool>,
        each: &mut dyn FnMut(Row),
    ) -> Vec<u32> {
        let start = if number == 1 { 100 } else { 0 };
        let page = image.page(number);
        let kind = page
            .as_ref()
            .and_then(|page| page.get(start).copied())
            .unwrap_or(0);
        let index = [INDEX_LEAF, INDEX_BRANCH].contains(&kind);
        let known = index || [TABLE_LEAF, TABLE_BRANCH].contains(&kind);
        let Some(page) = page.filter(|_| known && is_index.is_none_or(|wanted| wanted == index))
        else {
            self.broken += 1;
            return Vec::new();
        };
        let branch = [TABLE_BRANCH, INDEX_BRANCH].contains(&kind);
        let cells = usize::from(short(&page, start + 3));
        let first = start + if branch { 12 } else { 8 };
        let mut children = Vec::new();
        for cell in 0..cells {
            let at = usize::from(short(&page, first + 2 * cell));
            if at < first || at >= page.len() || first + 2 * cell + 2 > page.len() {
                self.broken += 1;
                continue;
            }
            if branch {
                children.push(word(&page, at));
            }
            if kind == TABLE_BRANCH {
                continue;
            }
            let at = if branch { at + 4 } else { at };
            match self.row(image, &page, at, index) {
                Some(row) => each(row),
                None => self.broken += 1,
            }
        }
        if branch {
            children.push(word(&page, start + 8));
        }
        children
    }

    fn row(&mut self, image: &mut Image, page: &[u8], at: usize, index: bool) -> Option<Row> {
        let (length, mut at) = varint(page, at)?;
        let mut rowid = 0;
        if !index {
            (rowid, at) = varint(page, at)?;
        }
        let length = usize::try_from(length).ok()?;
        let payload = self.payload(image, page, at, length, index)?;
        let columns = columns(&payload)?;
        Some(Row { rowid, columns })
    }

    /// Returns the whole payload; a long one continues on overflow pages (section 1.6).
    fn payload(
        &mut self,
        image: &mut Image,
        page: &[u8],
        at: usize,
        length: usize,
        index: bool,
    ) -> Option<Vec<u8>> {
        let usable = image.page_size();
        let most = if index {
            (usable - 12) * 64 / 255 - 23
        } else {
            usable - 35
        };
        if length <= most {
            return page.get(at..at + length).map(<[u8]>::to_vec);
        }
        if length > usable * image.pages() as usize {
            return None;
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let split = least + (length - least) % (usable - 4);
        let here = if split <= most { split } else { least };
        let mut payload = page.get(at..at + here)?.to_vec();
        let mut next = word(page, at + here);
        while payload.len() < length {
            self.visited.insert(next);
            let more = image.page(next)?;
            let take = (length - payload.len()).min(usable - 4);
            payload.extend(more.get(4..4 + take)?);
            next = word(&more, 0);
        }
        Some(payload)
    }
}

/// Returns the values of a record (section 2.1), or `None` if it is not a record.
fn columns(payload: &[u8]) -> Option<Vec<Value>> {
    let (header, mut at) = varint(payload, 0)?;
    let header = usize::try_from(header)
        .ok()
        .filter(|header| *header <= payload.len())?;
    let mut body = header;
    let mut columns = Vec::new();
    while at < header {
        let kind;
        (kind, at) = varint(payload, at)?;
        let size = usize::try_from(match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            12.. => (kind - 12) / 2,
            _ => return None,
        })
        .ok()?;
        let bytes = payload.get(body..body.checked_add(size)?)?;
        body += size;
        columns.push(match kind {
            0 => Value::Null,
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            1..=6 => Value::Integer(integer(bytes)),
            7 => Value::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
            _ if kind % 2 == 0 => Value::Blob(bytes.to_vec()),
            _ => Value::Text(String::from_utf8(bytes.to_vec()).ok()?),
        });
    }
    (at == header && body == payload.len()).then_some(columns)
}

fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|first| *first >= 0x80);
    let start = if negative { -1 } else { 0 };
    bytes
        .iter()
        .fold(start, |value, byte| value << 8 | i64::from(*byte))
}

/// Reads a number of one to nine bytes and returns it with the index after it.
fn varint(bytes: &[u8], at: usize) -> Option<(i64, usize)> {
    let mut value: u64 = 0;
    for place in 0..9 {
        let byte = *bytes.get(at + place)?;
        if place == 8 {
            return Some(((value << 8 | u64::from(byte)).cast_signed(), at + 9));
        }
        value = value << 7 | u64::from(byte & 0x7F);
        if byte < 0x80 {
            return Some((value.cast_signed(), at + place + 1));
        }
    }
    None
}

fn short(bytes: &[u8], at: usize) -> u16 {
    let short = bytes
        .get(at..at + 2)
        .and_then(|short| short.try_into().ok());
    short.map_or(0, u16::from_be_bytes)
}

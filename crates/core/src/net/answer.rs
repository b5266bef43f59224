//! Parses an HTTP response as a tolerant client does: the status line decides the outcome, and the
//! rest only decides whether the connection can be reused. Pure: the bytes are arguments.

/// How much of a response's body is read.
const ANSWER_LIMIT: usize = 16 * 1024;
/// How much of the body is kept.
const KEPT: usize = 512;
/// The longest line that is kept whole. The rest of a longer line is read but not parsed.
const LONGEST_LINE: usize = 8 * 1024;
/// How much of the head after the final status is read.
const HEAD_LIMIT: usize = 64 * 1024;
/// How much of a response that is not HTTP is shown.
const SHOWN: usize = 64;

/// A response as far as it was read.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    place: Place,
    /// The current line, which has not ended yet.
    line: Vec<u8>,
    /// The first bytes of the response.
    first: Vec<u8>,
    status: Option<u16>,
    /// The first line is complete and is no status line.
    garbled: bool,
    framing: Framing,
    body: Vec<u8>,
    head_length: usize,
    body_length: usize,
}

/// The place in the response of the next byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Status,
    /// The fields of an interim response.
    Interim,
    Fields,
    Body {
        left: u64,
    },
    ChunkSize,
    Chunk {
        left: u64,
    },
    ChunkEnd,
    Trailer,
    /// The body ends with the connection.
    ToEnd,
    Done,
}

/// The fields that determine where the body ends and whether another response may follow.
#[derive(Debug, Default)]
struct Framing {
    length: Option<u64>,
    chunked: bool,
    /// Without "chunked", a transfer coding ends with the connection.
    coded: bool,
    keeps: bool,
    closes: bool,
    /// The framing violates RFC 9112, so that two parsers may see different ends.
    unclear: bool,
}

impl Answer {
    /// Parses the next bytes.
    pub fn take(&mut self, mut bytes: &[u8]) {
        let room = SHOWN - self.first.len();
        self.first.extend(bytes.iter().take(room));
        while !bytes.is_empty() {
            let used = match self.place {
                Place::Body { left } => self.take_counted(bytes, left),
                Place::Chunk { left } => self.take_counted(bytes, left),
                Place::ToEnd => self.keep(bytes),
                Place::Done => {
                    self.framing.unclear = true;
                    return;
                }
                _ => self.take_line(bytes),
            };
            bytes = bytes.get(used..).unwrap_or_default();
        }
    }

    /// Returns the final status once its line is complete.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns whether the bytes cannot become a status line any more.
    pub fn is_no_http(&self) -> bool {
        if self.status.is_some() || self.place != Place::Status {
            return false;
        }
        let begun = self.line.trim_ascii_start();
        let same = begun.iter().zip(PROTOCOL);
        self.garbled || !same.into_iter().all(|(a, b)| a.eq_ignore_ascii_case(b))
    }

    /// Returns whether the first line is no status line and enough bytes came to show.
    pub fn is_garbled(&self) -> bool {
        self.garbled || self.first.len() == SHOWN
    }

    /// Returns whether any byte came.
    pub fn has_begun(&self) -> bool {
        !self.first.is_empty()
    }

    /// Returns the first bytes in printable form.
    pub fn first_bytes(&self) -> String {
        self.first.trim_ascii().escape_ascii().to_string()
    }

    /// Returns whether the first bytes are a TLS record.
    pub fn is_tls(&self) -> bool {
        matches!(self.first.as_slice(), [0x14..=0x17, 0x03, 0x00..=0x04, ..])
    }

    /// Returns whether nothing more needs to be read.
    pub fn is_enough(&self) -> bool {
        self.place == Place::Done
            || self.body_length >= ANSWER_LIMIT
            || self.head_length >= HEAD_LIMIT
    }

    /// Returns whether the response was read completely and its end is unambiguous.
    pub fn leaves_a_usable_connection(&self) -> bool {
        let Framing {
            keeps,
            closes,
            unclear,
            ..
        } = self.framing;
        self.place == Place::Done && keeps && !closes && !unclear
    }

    /// Returns the beginning of the body.
    pub fn body_head(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns how many of `bytes` belong to the current line.
    fn take_line(&mut self, bytes: &[u8]) -> usize {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(bytes.len(), |end| end + 1);
        let room = LONGEST_LINE.saturating_sub(self.line.len());
        self.line.extend(bytes.iter().take(used).take(room));
        self.framing.unclear |= used > room;
        if matches!(self.place, Place::Fields | Place::Trailer) {
            self.head_length += used;
        }
        if end.is_some() || (self.place == Place::Status && self.line.len() >= LONGEST_LINE) {
            let line = std::mem::take(&mut self.line);
            self.line_ended(&line, end.is_some());
        }
        used
    }

    fn line_ended(&mut self, line: &[u8], whole: bool) {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        let line = bare.strip_suffix(b"\r").unwrap_or(bare);
        // Some parsers accept a line feed alone as a line end, and others do not.
        self.framing.unclear |= line.len() == bare.len();
        match self.place {
            Place::Status => self.status_line(line, whole),
            Place::Interim if line.is_empty() => self.place = Place::Status,
            Place::Fields if line.is_empty() => self.place = self.body_place(),
            Place::Fields => self.framing.field(line),
            Place::ChunkSize => self.place = self.chunk_size(line),
            Place::ChunkEnd => {
                self.framing.unclear |= !line.is_empty();
                self.place = Place::ChunkSize;
            }
            Place::Trailer if line.is_empty() => self.place = Place::Done,
            _ => {}
        }
    }

    fn status_line(&mut self, line: &[u8], whole: bool) {
        if line.trim_ascii().is_empty() {
            return;
        }
        match status_of(line) {
            // 101 is final, because the request did not ask for another protocol.
            Some((_, 100 | 102..=199)) if whole => self.place = Place::Interim,
            Some((keeps, status)) => {
                self.status = Some(status);
                self.framing.keeps = keeps;
                // The rest of an overlong status line is read as a field.
                self.place = Place::Fields;
            }
            None => self.garbled = true,
        }
    }

    fn body_place(&self) -> Place {
        match (self.status, &self.framing) {
            (Some(204 | 304), _)
            | (
                _,
                Framing {
                    length: Some(0), ..
                },
            ) if !self.framing.chunked => Place::Done,
            (_, Framing { chunked: true, .. }) => Place::ChunkSize,
            (_, Framing { coded: true, .. }) => Place::ToEnd,
            (_, Framing { length, .. }) => length.map_or(Place::ToEnd, |left| Place::Body { left }),
        }
    }

    fn chunk_size(&mut self, line: &[u8]) -> Place {
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let digits = std::str::from_utf8(digits.trim_ascii()).unwrap_or_default();
        match u64::from_str_radix(digits, 16) {
            Ok(0) => Place::Trailer,
            Ok(left) => Place::Chunk { left },
            Err(_) => {
                self.framing.unclear = true;
                Place::ToEnd
            }
        }
    }

    /// Reads the bytes that belong to the body or chunk.
    fn take_counted(&mut self, bytes: &[u8], left: u64) -> usize {
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        let used = self.keep(bytes.get(..most).unwrap_or(bytes));
        let left = left - used as u64;
        self.place = match self.place {
            Place::Chunk { .. } if left == 0 => Place::ChunkEnd,
            Place::Chunk { .. } => Place::Chunk { left },
            _ if left == 0 => Place::Done,
            _ => Place::Body { left },
        };
        used
    }

    fn keep(&mut self, bytes: &[u8]) -> usize {
        let room = KEPT - self.body.len();
        self.body.extend(bytes.iter().take(room));
        self.body_length += bytes.len();
        bytes.len()
    }
}

const PROTOCOL: &[u8] = b"HTTP/";

/// Returns the status of a status line, and whether its HTTP version keeps connections open.
fn status_of(line: &[u8]) -> Option<(bool, u16)> {
    let line = line.trim_ascii_start();
    let (protocol, rest) = line.split_at_checked(PROTOCOL.len())?;
    if !protocol.eq_ignore_ascii_case(PROTOCOL) {
        return None;
    }
    let blank = rest.iter().position(|byte| matches!(byte, b' ' | b'\t'))?;
    let (version, rest) = rest.split_at(blank);
    let fits = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    if version.is_empty() || !version.iter().all(fits) {
        return None;
    }
    let (digits, rest) = rest.trim_ascii_start().split_at_checked(3)?;
    if rest.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let status = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (status >= 100).then_some((version == b"1.1", status))
}

impl Framing {
    fn field(&mut self, line: &[u8]) {
        let colon = line.iter().position(|byte| *byte == b':');
        let folded = line.starts_with(b" ") || line.starts_with(b"\t");
        let Some(colon) = colon.filter(|_| !folded) else {
            self.unclear = true;
            return;
        };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        self.unclear |= name.trim_ascii() != name || name.is_empty() || line.contains(&0);
        match name.trim_ascii().to_ascii_lowercase().as_slice() {
            b"content-length" => self.content_length(value),
            b"transfer-encoding" => {
                let last = tokens(value).last().unwrap_or_default();
                self.chunked |= last.eq_ignore_ascii_case(b"chunked");
                self.coded |= !self.chunked;
                self.unclear |= self.coded || self.length.is_some();
            }
            b"connection" => {
                self.closes |= tokens(value).any(|token| token.eq_ignore_ascii_case(b"close"));
                self.keeps |= tokens(value).any(|token| token.eq_ignore_ascii_case(b"keep-alive"));
            }
            _ => {}
        }
    }

    fn content_length(&mut self, value: &[u8]) {
        let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let text = std::str::from_utf8(value).ok().filter(|_| digits);
        let length = text.and_then(|text| text.parse().ok());
        let same = self.length.is_none() || self.length == length;
        self.unclear |= length.is_none() || !same || self.chunked;
        self.length = self.length.or(length);
    }
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests;

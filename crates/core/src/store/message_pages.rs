//! Messages of both directions by cursor, for the web page. Every list page costs the same, however
//! deep it lies and however many messages there are.
//!
//! Cost of a page: one index seek in each table and a walk of as many rows as are shown; with a
//! filter for a state, a walk of at most [`SCAN_LIMIT`] rows.

use rusqlite::{OptionalExtension, Row, params};

use super::inbox::read_message;
use super::messages::read_state;
use super::{InboxRecord, SCAN_LIMIT, Snapshot, StoreError};
use crate::model::clock::UnixMillis;
use crate::model::recipient_state::State;

/// The most characters of a text that a list shows.
pub(crate) const PREVIEW_CHARS: usize = 300;

/// Selects the messages of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Messages of both directions.
    All,
    /// Incoming messages.
    In,
    /// Outgoing messages, all of them or those in one state.
    Out(Option<State>),
}

/// A place in the list. Messages are ordered by time; at the same time, outgoing messages come
/// after incoming ones, and each kind is ordered by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor {
    time: i64,
    out: bool,
    seq: i64,
}

impl Cursor {
    /// The place after the newest message.
    pub const NEWEST: Self = Self {
        time: i64::MAX,
        out: true,
        seq: i64::MAX,
    };

    /// Parses the text that [`std::fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (time, rest) = text.split_once('.')?;
        let (out, seq) = match rest.split_at_checked(1)? {
            ("i", seq) => (false, seq),
            ("o", seq) => (true, seq),
            _ => return None,
        };
        Some(Self {
            time: time.parse().ok()?,
            out,
            seq: seq.parse().ok()?,
        })
    }

    /// Returns the same place within the messages of one direction.
    fn among(self, out: bool) -> (i64, i64) {
        let seq = match (self.out, out) {
            (true, false) => i64::MAX,
            (false, true) => i64::MIN,
            _ => self.seq,
        };
        (self.time, seq)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let direction = if self.out { 'o' } else { 'i' };
        write!(formatter, "{}.{direction}{}", self.time, self.seq)
    }
}

/// An outgoing message, as a list shows it.
pub(crate) struct OutgoingHead {
    seq: i64,
    pub id: String,
    pub state: State,
    pub created_at: UnixMillis,
    pub is_data: bool,
    pub is_encrypted: bool,
    /// The beginning of the text, or of the data in base64.
    pub content: String,
    /// The first recipient's number, as the client gave it.
    pub recipient: String,
    /// The number of recipients after the first.
    pub more_recipients: u32,
}

/// A message of either direction, with the beginning of its text.
pub(crate) enum Listed {
    In(InboxRecord),
    Out(OutgoingHead),
}

impl Listed {
    fn place(&self) -> Cursor {
        match self {
            Self::In(message) => Cursor {
                time: message.received_at.0,
                out: false,
                seq: message.seq,
            },
            Self::Out(message) => Cursor {
                time: message.created_at.0,
                out: true,
                seq: message.seq,
            },
        }
    }
}

/// A page of messages, newest first.
pub(crate) struct MessagePage {
    pub messages: Vec<Listed>,
    /// Where the next page begins; `None` after the last page. With a filter for a rare state a
    /// page may be short and still have a next one.
    pub next: Option<Cursor>,
}

const INBOX: &str = "SELECT seq, id, kind, sender, recipient, sim_number, text,
    coalesce(substr(data, 1, 64), x''), received_at, created_at FROM inbox WHERE id = ?";
const INBOX_PAGE: &str = "SELECT seq, id, kind, sender, recipient, sim_number, substr(text, 1, ?4),
    coalesce(substr(data, 1, 64), x''), received_at, created_at FROM inbox
    WHERE (received_at, seq) < (?1, ?2) ORDER BY received_at DESC, seq DESC LIMIT ?3";
const OUT_PAGE: &str = "SELECT seq, id, state, created_at, kind, is_encrypted,
    substr(content, 1, ?4) FROM messages WHERE (created_at, seq) < (?1, ?2)
    ORDER BY created_at DESC, seq DESC LIMIT ?3";
const FIRST_RECIPIENT: &str =
    "SELECT phone_number FROM recipients WHERE message_seq = ? AND number = 0";
const LAST_RECIPIENT: &str =
    "SELECT number FROM recipients WHERE message_seq = ? ORDER BY number DESC LIMIT 1";
impl Snapshot<'_> {
    /// Returns the messages before a place, newest first, at most `limit`.
    pub fn message_page(
        &self,
        which: Direction,
        before: Cursor,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        let mut messages = Vec::new();
        // Where a walk stopped that reached its limit before it found enough messages of a rare
        // state.
        let mut looked_until = None;
        if matches!(which, Direction::All | Direction::In) {
            let came_in = self.inbox_before(before.among(false), limit + 1)?;
            messages.extend(came_in.into_iter().map(Listed::In));
        }
        if let Direction::All | Direction::Out(_) = which {
            let state = match which {
                Direction::Out(state) => state,
                _ => None,
            };
            let (found, until) = self.outgoing_before(before.among(true), state, limit + 1)?;
            messages.extend(found.into_iter().map(Listed::Out));
            looked_until = until;
        }
        messages.sort_by_key(|message| std::cmp::Reverse(message.place()));
        let more = messages.len() > limit;
        messages.truncate(limit);
        let last = messages.last().map(Listed::place);
        for message in &mut messages {
            if let Listed::Out(message) = message {
                self.name_recipients(message)?;
            }
        }
        Ok(MessagePage {
            next: if more { last } else { looked_until },
            messages,
        })
    }

    /// Returns the newest incoming messages, at most `limit`, with the beginnings of their texts.
    pub fn newest_inbox(&self, limit: usize) -> Result<Vec<InboxRecord>, StoreError> {
        self.inbox_before(Cursor::NEWEST.among(false), limit)
    }

    /// Returns the incoming message of that id, with its attachments.
    pub fn inbox_message(&self, id: &str) -> Result<Option<InboxRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(INBOX)?;
        let found = statement.query_row([id], read_message).optional()?;
        let Some(mut message) = found else {
            return Ok(None);
        };
        message.attachments = self.attachments(message.seq)?;
        Ok(Some(message))
    }

    fn inbox_before(
        &self,
        (time, seq): (i64, i64),
        limit: usize,
    ) -> Result<Vec<InboxRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(INBOX_PAGE)?;
        let parameters = params![time, seq, number(limit), number(PREVIEW_CHARS)];
        let rows = statement.query_map(parameters, read_message)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns at most `limit` messages, and where the walk stopped if it reached its limit.
    fn outgoing_before(
        &self,
        (time, seq): (i64, i64),
        state: Option<State>,
        limit: usize,
    ) -> Result<(Vec<OutgoingHead>, Option<Cursor>), StoreError> {
        let most = if state.is_none() { limit } else { SCAN_LIMIT };
        let mut statement = self.connection.prepare_cached(OUT_PAGE)?;
        let parameters = params![time, seq, number(most), number(PREVIEW_CHARS)];
        let mut rows = statement.query(parameters)?;
        let (mut found, mut looked_at, mut last) = (Vec::new(), 0, None);
        while found.len() < limit {
            let Some(row) = rows.next()? else { break };
            let message = read_head(row)?;
            looked_at += 1;
            last = Some((message.created_at.0, message.seq));
            if state.is_none_or(|state| state == message.state) {
                found.push(message);
            }
        }
        let exhausted = state.is_some() && looked_at == SCAN_LIMIT && found.len() < limit;
        let until = last.filter(|_| exhausted).map(|(time, seq)| Cursor {
            time,
            out: true,
            seq,
        });
        Ok((found, until))
    }

    fn name_recipients(&self, message: &mut OutgoingHead) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(FIRST_RECIPIENT)?;
        let first = statement.query_row([message.seq], |row| row.get(0));
        message.recipient = first.optional()?.unwrap_or_default();
        let mut statement = self.connection.prepare_cached(LAST_RECIPIENT)?;
        let last = statement.query_row([message.seq], |row| row.get(0));
        message.more_recipients = last.optional()?.unwrap_or(0);
        Ok(())
    }
}

fn number(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<OutgoingHead> {
    Ok(OutgoingHead {
        seq: row.get(0)?,
        id: row.get(1)?,
        state: read_state(row, 2)?,
        created_at: UnixMillis(row.get(3)?),
        is_data: row.get::<_, String>(4)? == "data",
        is_encrypted: row.get(5)?,
        content: row.get(6)?,
        recipient: String::new(),
        more_recipients: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::super::messages::{COLUMNS, RECIPIENTS};
    use super::*;

    /// No list reads or sorts more rows than it shows, so a million rows cost the same as one.
    #[test]
    fn lists_of_messages_seek_and_never_sort() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let check = |sql: &str, expected: &str| {
            let plan = store.read(|snapshot| snapshot.plan(sql)).unwrap();
            assert_eq!(plan, expected, "{sql}");
        };
        check(
            INBOX_PAGE,
            "SEARCH inbox USING INDEX inbox_by_time (received_at<?)",
        );
        check(
            INBOX,
            "SEARCH inbox USING INDEX sqlite_autoindex_inbox_1 (id=?)",
        );
        check(
            OUT_PAGE,
            "SEARCH messages USING INDEX messages_by_time (created_at<?)",
        );
        check(
            &format!("SELECT {COLUMNS} FROM messages WHERE id = ?"),
            "SEARCH messages USING INDEX sqlite_autoindex_messages_1 (id=?)",
        );
        for sql in [FIRST_RECIPIENT, LAST_RECIPIENT, RECIPIENTS] {
            let plan = store.read(|snapshot| snapshot.plan(sql)).unwrap();
            let seek = "SEARCH recipients USING PRIMARY KEY (message_seq=?";
            assert!(plan.starts_with(seek) && !plan.contains(';'), "{plan}");
        }
    }

    #[test]
    fn cursor_is_parsed_as_it_was_written() {
        for place in [
            Cursor::NEWEST,
            Cursor {
                time: -1,
                out: false,
                seq: 7,
            },
        ] {
            assert_eq!(Cursor::parse(&place.to_string()), Some(place));
        }
        for text in ["", "1", "1.", "a.i1", "1.x2", "1.i2.3", "1.é2", "1.i"] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn cursor_divides_both_directions_alike() {
        let place = |time, out, seq| Cursor { time, out, seq };
        let check = |before: Cursor, other: Cursor, expected: bool| {
            let (time, seq) = before.among(other.out);
            assert_eq!((other.time, other.seq) < (time, seq), expected);
            assert_eq!(other < before, expected);
        };
        for before in [place(5, true, 3), place(5, false, 3)] {
            check(before, place(4, true, 9), true);
            check(before, place(4, false, 9), true);
            check(before, place(5, false, 2), true);
            check(before, place(6, false, 1), false);
            check(before, place(6, true, 1), false);
        }
        check(place(5, true, 3), place(5, false, 9), true);
        check(place(5, true, 3), place(5, true, 2), true);
        check(place(5, true, 3), place(5, true, 3), false);
        check(place(5, false, 3), place(5, true, 1), false);
    }
}

//! Pages of the inbox by key, for the web page: every page costs the same, however deep it lies.

use rusqlite::{OptionalExtension, params};

use super::inbox::read_message;
use super::{InboxRecord, Snapshot, StoreError};

/// A place in the inbox: the time and number of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboxCursor(i64, i64);

impl InboxCursor {
    /// Before the newest message.
    pub const NEWEST: Self = Self(i64::MAX, i64::MAX);

    /// The place that [`std::fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (time, seq) = text.split_once('.')?;
        Some(Self(time.parse().ok()?, seq.parse().ok()?))
    }
}

impl std::fmt::Display for InboxCursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.0, self.1)
    }
}

/// A page of messages, newest first.
pub struct InboxPage {
    /// The messages.
    pub messages: Vec<InboxRecord>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<InboxCursor>,
}

const COLUMNS: &str = "seq, id, kind, sender, recipient, sim_number, text,
    coalesce(substr(data, 1, 64), x''), received_at, created_at FROM inbox";
const PAGE: &str = "WHERE (received_at, seq) < (?1, ?2)
    ORDER BY received_at DESC, seq DESC LIMIT ?3";

impl Snapshot<'_> {
    /// The messages before a place, newest first, at most `limit`.
    pub fn inbox_page(&self, before: InboxCursor, limit: usize) -> Result<InboxPage, StoreError> {
        let sql = format!("SELECT {COLUMNS} {PAGE}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![before.0, before.1, most], read_message)?;
        let mut messages = rows.collect::<Result<Vec<_>, _>>()?;
        let more = messages.len() > limit;
        messages.truncate(limit);
        let last = messages.last();
        let next = last.map(|message| InboxCursor(message.received_at.0, message.seq));
        Ok(InboxPage {
            next: next.filter(|_| more),
            messages,
        })
    }

    /// The message of that id, with its attachments.
    pub fn inbox_message(&self, id: &str) -> Result<Option<InboxRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} WHERE id = ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_row([id], read_message).optional()?;
        let Some(mut message) = found else {
            return Ok(None);
        };
        message.attachments = self.attachments(message.seq)?;
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    #[test]
    fn a_page_of_the_inbox_seeks_and_never_sorts() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true).unwrap();
        let sql = format!("SELECT {COLUMNS} {PAGE}");
        let plan = store.read(|snapshot| snapshot.plan(&sql)).unwrap();
        let seek = "SEARCH inbox USING INDEX inbox_by_time (received_at<?)";
        assert_eq!(plan, seek);
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = InboxCursor(1_719_045_971_000, 7);
        assert_eq!(InboxCursor::parse(&place.to_string()), Some(place));
        for text in ["", "1", "1.", "a.1", "1.2.3"] {
            assert_eq!(InboxCursor::parse(text), None, "{text}");
        }
    }
}

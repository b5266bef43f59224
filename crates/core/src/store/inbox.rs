//! Incoming messages.

use rusqlite::{OptionalExtension, Row, params};

use super::counted::{INBOX, Part};
use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// The kinds of incoming messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboxKind {
    /// A text message.
    Sms,
    /// A data message (sent to a port, or with 8-bit coding).
    DataSms,
    /// The notification of an MMS.
    Mms,
    /// The content of an MMS.
    MmsDownloaded,
}

impl InboxKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Sms, Self::DataSms, Self::Mms, Self::MmsDownloaded];

    /// Returns the kind of that name in any letter case, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(text))
    }

    /// Returns the name that the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::DataSms => "DATA_SMS",
            Self::Mms => "MMS",
            Self::MmsDownloaded => "MMS_DOWNLOADED",
        }
    }
}

/// An incoming message to be stored.
#[derive(Clone)]
pub(crate) struct NewMessage {
    pub id: String,
    pub kind: InboxKind,
    /// The idempotency key: if a fact is reported twice, both reports carry the same key.
    pub delivery_key: Option<String>,
    pub sender: String,
    pub recipient: String,
    /// The SIM slot, from 1; 0 if unknown.
    pub sim_number: u32,
    pub text: String,
    pub data: Vec<u8>,
    /// The fields that only an MMS has, as a JSON object; `""` if there are none.
    pub details: String,
    pub received_at: UnixMillis,
    pub created_at: UnixMillis,
    /// The content hash, equal for messages of equal sender and text; 0 unless it is a text
    /// message.
    pub content_hash: i64,
    pub attachments: Vec<AttachmentRecord>,
}

impl NewMessage {
    /// Returns the approximate size of its event in bytes.
    pub fn size(&self) -> usize {
        let attachments = self.attachments.iter().map(|part| part.data.len());
        self.text.len() + self.data.len() + attachments.sum::<usize>()
    }
}

/// An attachment of a downloaded MMS.
#[derive(Clone)]
pub struct AttachmentRecord {
    /// Its number within the message.
    pub part_id: i64,
    /// Its MIME type, `""` if unknown.
    pub content_type: String,
    /// Its file name, `""` if unknown.
    pub name: String,
    /// Its length in bytes.
    pub size: i64,
    /// Its bytes; empty in lists.
    pub data: Vec<u8>,
}

/// A stored incoming message.
#[derive(Clone)]
pub struct InboxRecord {
    pub(super) seq: i64,
    /// Its id.
    pub id: String,
    /// `SMS`, `DATA_SMS`, `MMS` or `MMS_DOWNLOADED`.
    pub kind: String,
    /// The phone number of the sender.
    pub sender: String,
    /// Our own number, `""` if unknown.
    pub recipient: String,
    /// The SIM slot, from 1; 0 if unknown.
    pub sim_number: u32,
    /// The text; for an MMS its subject or body.
    pub text: String,
    /// The first 64 bytes of a data message.
    pub data_head: Vec<u8>,
    /// When the network accepted it, or otherwise when it arrived.
    pub received_at: UnixMillis,
    /// When it was stored, by our clock.
    pub created_at: UnixMillis,
    /// Filled only on request.
    pub attachments: Vec<AttachmentRecord>,
}

/// Selects the messages of a list.
#[derive(Clone, Debug)]
pub struct InboxFilter {
    /// Only messages of this kind.
    pub kind: Option<InboxKind>,
    /// Only messages received at this time or later.
    pub from: UnixMillis,
    /// Only messages received at this time or earlier.
    pub to: UnixMillis,
    /// The size of a page.
    pub limit: u32,
    /// The number of messages to skip.
    pub offset: u64,
    /// Whether to fill the attachments.
    pub attachments: bool,
}

impl Transaction<'_> {
    /// Returns the id of the message that was reported with this key before, if there is one.
    pub fn message_of_key(&self, delivery_key: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT id FROM inbox WHERE delivery_key = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row([delivery_key], |row| row.get(0))
            .optional()?)
    }

    /// Stores a message and returns its row number.
    pub fn insert_message(&self, message: &NewMessage) -> Result<i64, StoreError> {
        let sql = "INSERT INTO inbox (id, kind, delivery_key, sender, recipient, sim_number, text,
                       data, details, received_at, created_at, twin)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.connection.prepare_cached(sql)?.execute(params![
            message.id,
            message.kind.as_str(),
            message.delivery_key,
            message.sender,
            message.recipient,
            message.sim_number,
            message.text,
            message.data,
            message.details,
            message.received_at.0,
            message.created_at.0,
            message.content_hash,
        ])?;
        let seq = self.connection.last_insert_rowid();
        self.has_grown(&INBOX, seq)?;
        for attachment in &message.attachments {
            let sql = "INSERT INTO inbox_attachments (inbox_seq, part_id, content_type, name, data)
                       VALUES (?, ?, ?, ?, ?)";
            self.connection.prepare_cached(sql)?.execute(params![
                seq,
                attachment.part_id,
                attachment.content_type,
                attachment.name,
                attachment.data,
            ])?;
        }
        Ok(seq)
    }

    /// Returns a message with all of its content, or `None` if it was removed.
    pub fn whole_message(&self, seq: i64) -> Result<Option<NewMessage>, StoreError> {
        let sql = "SELECT seq, id, kind, sender, recipient, sim_number, text, data, details,
                       received_at, created_at, twin FROM inbox WHERE seq = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([seq])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let kind = InboxKind::parse(&row.get::<_, String>(2)?).unwrap_or(InboxKind::Sms);
        self.read_whole(seq, kind, row).map(Some)
    }

    /// Reads columns 1 to 11 as [`Transaction::whole_message`] does, and the attachments.
    pub(super) fn read_whole(
        &self,
        seq: i64,
        kind: InboxKind,
        row: &Row<'_>,
    ) -> Result<NewMessage, StoreError> {
        let attachments = match kind {
            InboxKind::MmsDownloaded => self.attachments_with_data(seq)?,
            _ => Vec::new(),
        };
        Ok(NewMessage {
            id: row.get(1)?,
            kind,
            delivery_key: None,
            sender: row.get(3)?,
            recipient: row.get(4)?,
            sim_number: row.get(5)?,
            text: row.get(6)?,
            data: row.get(7)?,
            details: row.get(8)?,
            received_at: UnixMillis(row.get(9)?),
            created_at: UnixMillis(row.get(10)?),
            content_hash: row.get(11)?,
            attachments,
        })
    }

    fn attachments_with_data(&self, inbox_seq: i64) -> Result<Vec<AttachmentRecord>, StoreError> {
        let sql = "SELECT part_id, content_type, name, length(data), data FROM inbox_attachments
                   WHERE inbox_seq = ? ORDER BY part_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([inbox_seq], |row| {
            Ok(AttachmentRecord {
                data: row.get(4)?,
                ..read_attachment(row)?
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that a broadcast reported a message that a reading of the phone inbox had found
    /// before. The message gets the broadcast's key, and its SIM if the phone inbox did not know
    /// it.
    pub fn message_was_broadcast(
        &self,
        seq: i64,
        broadcast: &NewMessage,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE inbox SET delivery_key = ?2,
                       recipient = iif(sim_number = 0, ?3, recipient),
                       sim_number = iif(sim_number = 0, ?4, sim_number) WHERE seq = ?1";
        self.connection.prepare_cached(sql)?.execute(params![
            seq,
            broadcast.delivery_key,
            broadcast.recipient,
            broadcast.sim_number,
        ])?;
        Ok(())
    }
}

impl Snapshot<'_> {
    /// Returns the messages of the filter, newest first, and their total without limit and offset.
    pub fn inbox(&self, filter: &InboxFilter) -> Result<(Vec<InboxRecord>, i64), StoreError> {
        let (numbers, total) = self.part(
            &INBOX,
            Part {
                class: filter.kind.map(InboxKind::as_str),
                from: filter.from,
                to: filter.to,
                offset: filter.offset,
                limit: filter.limit,
                oldest_first: false,
            },
        )?;
        let sql = "SELECT seq, id, kind, sender, recipient, sim_number, text,
                       coalesce(substr(data, 1, 64), x''), received_at, created_at FROM inbox
                   WHERE seq = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut messages = Vec::with_capacity(numbers.len());
        for number in numbers {
            messages.push(statement.query_row([number], read_message)?);
        }
        if filter.attachments {
            for message in &mut messages {
                message.attachments = self.attachments(message.seq)?;
            }
        }
        Ok((messages, total))
    }

    /// Returns when the newest message came in.
    pub fn last_received(&self) -> Result<Option<UnixMillis>, StoreError> {
        let sql = "SELECT created_at FROM inbox ORDER BY seq DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let at = statement.query_row([], |row| row.get(0)).optional()?;
        Ok(at.map(UnixMillis))
    }

    pub(super) fn attachments(&self, inbox_seq: i64) -> Result<Vec<AttachmentRecord>, StoreError> {
        let sql = "SELECT part_id, content_type, name, length(data) FROM inbox_attachments
                   WHERE inbox_seq = ? ORDER BY part_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([inbox_seq], read_attachment)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns an attachment with its bytes. The outer `Option` is `None` if there is no such
    /// message, the inner one if the message has no such part.
    pub fn attachment(
        &self,
        id: &str,
        part_id: i64,
    ) -> Result<Option<Option<AttachmentRecord>>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT seq FROM inbox WHERE id = ?")?;
        let message = statement.query_row([id], |row| row.get::<_, i64>(0));
        let Some(seq) = message.optional()? else {
            return Ok(None);
        };
        let sql = "SELECT part_id, content_type, name, length(data), data FROM inbox_attachments
                   WHERE inbox_seq = ? AND part_id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([seq, part_id], |row| {
            Ok(AttachmentRecord {
                data: row.get(4)?,
                ..read_attachment(row)?
            })
        });
        Ok(Some(found.optional()?))
    }
}

fn read_attachment(row: &Row<'_>) -> rusqlite::Result<AttachmentRecord> {
    Ok(AttachmentRecord {
        part_id: row.get(0)?,
        content_type: row.get(1)?,
        name: row.get(2)?,
        size: row.get(3)?,
        data: Vec::new(),
    })
}

pub(super) fn read_message(row: &Row<'_>) -> rusqlite::Result<InboxRecord> {
    Ok(InboxRecord {
        seq: row.get(0)?,
        id: row.get(1)?,
        kind: row.get(2)?,
        sender: row.get(3)?,
        recipient: row.get(4)?,
        sim_number: row.get(5)?,
        text: row.get(6)?,
        data_head: row.get(7)?,
        received_at: UnixMillis(row.get(8)?),
        created_at: UnixMillis(row.get(9)?),
        attachments: Vec::new(),
    })
}

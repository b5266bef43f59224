//! Messages that came in.

use rusqlite::{OptionalExtension, Row, params};

use super::{Snapshot, StoreError, Transaction};
use crate::clock::UnixMillis;

/// The kinds of messages that come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboxKind {
    /// A text message.
    Sms,
    /// A data message (to a port, or 8-bit).
    DataSms,
    /// The notification of an MMS.
    Mms,
    /// The content of an MMS.
    MmsDownloaded,
}

impl InboxKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sms, Self::DataSms, Self::Mms, Self::MmsDownloaded];

    /// As it stands in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::DataSms => "DATA_SMS",
            Self::Mms => "MMS",
            Self::MmsDownloaded => "MMS_DOWNLOADED",
        }
    }
}

/// A message to be kept.
#[derive(Clone)]
pub(crate) struct NewMessage {
    pub id: String,
    pub kind: InboxKind,
    /// The same fact told again carries the same key.
    pub delivery_key: Option<String>,
    pub sender: String,
    pub recipient: String,
    /// 1-based; 0 when unknown.
    pub sim_number: u32,
    pub text: String,
    pub data: Vec<u8>,
    pub received_at: UnixMillis,
    pub created_at: UnixMillis,
    pub attachments: Vec<AttachmentRecord>,
}

/// An attachment of a downloaded MMS.
#[derive(Clone)]
pub struct AttachmentRecord {
    /// Its number within the message.
    pub part_id: i64,
    /// MIME type, `""` when unknown.
    pub content_type: String,
    /// File name, `""` when unknown.
    pub name: String,
    /// Its length in bytes.
    pub size: i64,
    /// Its bytes; empty in lists.
    pub data: Vec<u8>,
}

/// A message as it was kept.
#[derive(Clone)]
pub struct InboxRecord {
    pub(super) seq: i64,
    /// Its id.
    pub id: String,
    /// `SMS`, `DATA_SMS`, `MMS` or `MMS_DOWNLOADED`.
    pub kind: String,
    /// Who sent it.
    pub sender: String,
    /// Our own number, `""` when unknown.
    pub recipient: String,
    /// 1-based; 0 when unknown.
    pub sim_number: u32,
    /// The text; for an MMS its subject or body.
    pub text: String,
    /// The first 64 bytes of a data message.
    pub data_head: Vec<u8>,
    /// When the network took it, or when it came.
    pub received_at: UnixMillis,
    /// When it was kept, by our clock.
    pub created_at: UnixMillis,
    /// Filled only if asked for.
    pub attachments: Vec<AttachmentRecord>,
}

/// Which messages a list is about.
#[derive(Clone, Debug)]
pub struct InboxFilter {
    /// Only this kind.
    pub kind: Option<InboxKind>,
    /// Not before.
    pub from: UnixMillis,
    /// Not after.
    pub to: UnixMillis,
    /// At most so many.
    pub limit: u32,
    /// Skip so many.
    pub offset: u64,
    /// Fill the attachments.
    pub attachments: bool,
}

impl Transaction<'_> {
    /// The id of the message that was told with this key before, if there is one.
    pub fn message_of_key(&self, delivery_key: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT id FROM inbox WHERE delivery_key = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row([delivery_key], |row| row.get(0))
            .optional()?)
    }

    pub fn insert_message(&self, message: &NewMessage) -> Result<(), StoreError> {
        let sql = "INSERT INTO inbox (id, kind, delivery_key, sender, recipient, sim_number, text,
                       data, received_at, created_at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.connection.prepare_cached(sql)?.execute(params![
            message.id,
            message.kind.as_str(),
            message.delivery_key,
            message.sender,
            message.recipient,
            message.sim_number,
            message.text,
            message.data,
            message.received_at.0,
            message.created_at.0,
        ])?;
        let seq = self.connection.last_insert_rowid();
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
        Ok(())
    }
}

impl Snapshot<'_> {
    /// The messages of the filter, newest first, and how many there are without limit and offset.
    pub fn inbox(&self, filter: &InboxFilter) -> Result<(Vec<InboxRecord>, i64), StoreError> {
        let kind = filter.kind.map_or("", InboxKind::as_str);
        let offset = i64::try_from(filter.offset).unwrap_or(i64::MAX);
        let total = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM inbox
                 WHERE received_at >= ?1 AND received_at <= ?2 AND (?3 = '' OR kind = ?3)",
            )?
            .query_row(params![filter.from.0, filter.to.0, kind], |row| row.get(0))?;
        let sql = "SELECT seq, id, kind, sender, recipient, sim_number, text,
                       coalesce(substr(data, 1, 64), x''), received_at, created_at FROM inbox
                   WHERE received_at >= ?1 AND received_at <= ?2 AND (?3 = '' OR kind = ?3)
                   ORDER BY received_at DESC, seq DESC LIMIT ?4 OFFSET ?5";
        let mut statement = self.connection.prepare_cached(sql)?;
        let parameters = params![filter.from.0, filter.to.0, kind, filter.limit, offset];
        let rows = statement.query_map(parameters, read_message)?;
        let mut messages = rows.collect::<Result<Vec<_>, _>>()?;
        if filter.attachments {
            for message in &mut messages {
                message.attachments = self.attachments(message.seq)?;
            }
        }
        Ok((messages, total))
    }

    /// When the newest message came in.
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
        let rows = statement.query_map([inbox_seq], |row| {
            Ok(AttachmentRecord {
                part_id: row.get(0)?,
                content_type: row.get(1)?,
                name: row.get(2)?,
                size: row.get(3)?,
                data: Vec::new(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
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

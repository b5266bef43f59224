//! Pending inbox jobs (refresh, export). The row is the job.

use rusqlite::{OptionalExtension, Row, params};

use super::acknowledged::{self, WebhookDelivery};
use super::{InboxKind, NewMessage, Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// The most messages that one write looks at, so that it does not block the writer for long.
const PASSED_AT_ONCE: usize = 1_000;

/// A new refresh or export.
#[derive(Clone, Debug)]
pub(crate) struct NewInboxJob {
    /// The earliest time of receipt.
    pub since: UnixMillis,
    /// The latest time of receipt.
    pub until: UnixMillis,
    pub kinds: Vec<InboxKind>,
    pub delivery: WebhookDelivery,
    /// Emit events also for messages that had one, as an export does.
    pub again: bool,
    /// Emit events also for messages that a receiver has acknowledged.
    pub repeats: bool,
    pub now: UnixMillis,
}

/// A refresh or an export, with its progress.
#[derive(Clone, Debug)]
pub(crate) struct InboxJob {
    pub seq: i64,
    pub since: UnixMillis,
    pub until: UnixMillis,
    pub kinds: Vec<InboxKind>,
    pub delivery: WebhookDelivery,
    pub again: bool,
    pub repeats: bool,
    /// The row number of the first message outside the job; 0 until the phone inbox was read.
    pub last_seq: i64,
    /// The number of messages that only the phone inbox had.
    pub found: i64,
    /// The number of messages with an emitted event.
    pub told: i64,
    told_until: i64,
    told_seq: i64,
}

impl InboxJob {
    /// Returns whether the job reads the phone inbox.
    pub fn reads_phone(&self) -> bool {
        self.kinds.contains(&InboxKind::Sms)
    }

    /// Returns whether the job emits an event for such a message. A refresh emits events for
    /// messages that had none; an export for messages that no receiver of its event has
    /// acknowledged, or for all if `repeat` was requested.
    fn wants(&self, kind: InboxKind, silent: bool, acknowledged: i64) -> bool {
        let is_new = match self.again {
            true => self.repeats || acknowledged & acknowledged::bit(self.delivery) == 0,
            false => silent,
        };
        self.kinds.contains(&kind) && is_new
    }
}

/// A message whose event is to be emitted (again).
pub(crate) struct KeptMessage {
    pub message: NewMessage,
    /// The phone inbox row that it was made from, if it has had no event yet.
    pub silent_row: Option<i64>,
}

impl Transaction<'_> {
    /// Stores a job and returns its number.
    pub fn insert_inbox_job(&self, job: &NewInboxJob) -> Result<i64, StoreError> {
        let sql =
            "INSERT INTO inbox_jobs (since, until, kinds, delivery, again, repeats, created_at)
                   VALUES (?, ?, ?, ?, ?, ?, ?)";
        let kinds: Vec<_> = job.kinds.iter().map(|kind| kind.as_str()).collect();
        self.connection.prepare_cached(sql)?.execute(params![
            job.since.0,
            job.until.0,
            kinds.join(","),
            job.delivery.as_str(),
            job.again,
            job.repeats,
            job.now.0,
        ])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Notes that the phone inbox was read for this job. Messages that come in later emit their own
    /// events and are not part of it.
    pub fn inbox_job_has_read(&self, seq: i64, found: i64) -> Result<(), StoreError> {
        let sql = "UPDATE inbox_jobs SET found = ?2,
                       last_seq = (SELECT coalesce(max(seq), 0) + 1 FROM inbox) WHERE seq = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![seq, found])?;
        Ok(())
    }

    /// Returns the next messages of the job, oldest first: at most `limit`, and no more once their
    /// content reaches `bytes`. Advances the job past them. The second value is false at the end of
    /// the job.
    pub fn next_of_inbox_job(
        &self,
        job: &InboxJob,
        limit: usize,
        bytes: usize,
    ) -> Result<(Vec<KeptMessage>, bool), StoreError> {
        let sql = "SELECT inbox.seq, id, kind, sender, recipient, sim_number, text, data, details,
                       inbox.received_at, created_at, inbox.twin, phone_rows.seq, phone_rows.state,
                       acknowledged
                   FROM inbox LEFT JOIN phone_rows ON inbox_seq = inbox.seq
                   WHERE inbox.received_at >= ?1 AND inbox.received_at <= ?2
                       AND (inbox.received_at, inbox.seq) > (?3, ?4) AND inbox.seq < ?5
                   ORDER BY inbox.received_at, inbox.seq";
        let mut statement = self.connection.prepare_cached(sql)?;
        let from = job.since.0.max(job.told_until);
        let parameters = params![
            from,
            job.until.0,
            job.told_until,
            job.told_seq,
            job.last_seq
        ];
        let mut rows = statement.query(parameters)?;
        let (mut messages, mut size, mut last, mut more) = (Vec::new(), 0, None, true);
        for _ in 0..PASSED_AT_ONCE {
            if messages.len() >= limit || size >= bytes {
                break;
            }
            let Some(row) = rows.next()? else {
                more = false;
                break;
            };
            let (seq, received_at): (i64, i64) = (row.get(0)?, row.get(9)?);
            last = Some((received_at, seq));
            let silent = row.get::<_, Option<String>>(13)?.as_deref() == Some("silent");
            let kind = InboxKind::parse(&row.get::<_, String>(2)?).unwrap_or(InboxKind::Sms);
            if !job.wants(kind, silent, row.get(14)?) {
                continue;
            }
            let message = self.read_whole(seq, kind, row)?;
            size += message.size();
            messages.push(KeptMessage {
                message,
                silent_row: row.get::<_, Option<i64>>(12)?.filter(|_| silent),
            });
        }
        if let Some((received_at, seq)) = last {
            let sql = "UPDATE inbox_jobs SET told_until = ?2, told_seq = ?3 WHERE seq = ?1";
            self.connection
                .prepare_cached(sql)?
                .execute([job.seq, received_at, seq])?;
        }
        Ok((messages, more))
    }

    /// Notes how many events were emitted so far.
    pub fn inbox_job_has_told(&self, seq: i64, told: i64) -> Result<(), StoreError> {
        let sql = "UPDATE inbox_jobs SET told = ?2 WHERE seq = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![seq, told])?;
        Ok(())
    }

    /// Deletes a finished job.
    pub fn delete_inbox_job(&self, seq: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM inbox_jobs WHERE seq = ?";
        self.connection.prepare_cached(sql)?.execute([seq])?;
        Ok(())
    }
}

/// The columns that [`read_job`] expects.
const JOB: &str = "SELECT seq, since, until, kinds, delivery, again, last_seq, found, told,
                       told_until, told_seq, repeats FROM inbox_jobs";

impl Snapshot<'_> {
    /// Returns the oldest job.
    pub fn next_inbox_job(&self) -> Result<Option<InboxJob>, StoreError> {
        let sql = format!("{JOB} ORDER BY seq LIMIT 1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([], read_job).optional()?)
    }

    /// Returns the current state of that job, or `None` if it is finished.
    pub fn inbox_job(&self, seq: i64) -> Result<Option<InboxJob>, StoreError> {
        let sql = format!("{JOB} WHERE seq = ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([seq], read_job).optional()?)
    }
}

fn read_job(row: &Row<'_>) -> rusqlite::Result<InboxJob> {
    let kinds: String = row.get(3)?;
    let delivery: String = row.get(4)?;
    let of_name = |delivery: &WebhookDelivery| delivery.as_str();
    let found = WebhookDelivery::ALL
        .into_iter()
        .find(|known| of_name(known) == delivery);
    Ok(InboxJob {
        seq: row.get(0)?,
        since: UnixMillis(row.get(1)?),
        until: UnixMillis(row.get(2)?),
        kinds: kinds.split(',').filter_map(InboxKind::parse).collect(),
        delivery: found.unwrap_or(WebhookDelivery::Disabled),
        again: row.get(5)?,
        last_seq: row.get(6)?,
        found: row.get(7)?,
        told: row.get(8)?,
        told_until: row.get(9)?,
        told_seq: row.get(10)?,
        repeats: row.get(11)?,
    })
}

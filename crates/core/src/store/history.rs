//! Looking back at deliveries: pages by key, one by its id, what a message led to, and how a webhook
//! does.
//!
//! Cost: a page is one seek in an index and a walk of at most [`LOOKED_AT`] rows, however many there
//! are.

use rusqlite::{OptionalExtension, params};

use super::deliveries::read_delivery;
use super::{DeliveryRecord, LOOKED_AT, Snapshot, Source, StoreError};
use crate::clock::UnixMillis;
use crate::gateway::COUNTED;
use crate::id;

/// What a delivery can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Waits for an attempt.
    Pending,
    /// A 2xx came.
    Delivered,
    /// Retries ran out.
    Dead,
    /// Its webhook was deleted.
    Cancelled,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Delivered, Self::Dead, Self::Cancelled];

    /// As it stands in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Which deliveries of a webhook a page is about.
#[derive(Clone, Debug)]
pub struct DeliveryFilter {
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// Only older than the delivery of this id.
    pub before: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// A page of deliveries, newest first.
#[derive(Clone)]
pub struct DeliveryPage {
    /// Without their attempts.
    pub deliveries: Vec<DeliveryRecord>,
    /// Where the next page begins, as [`DeliveryFilter::before`]; `None` after the last one. A page
    /// of a rare state may hold fewer than asked for and still have a next one.
    pub next: Option<String>,
}

/// How the latest attempt for a webhook ended.
#[derive(Clone, Debug)]
pub struct LastAttempt {
    /// When it began.
    pub at: UnixMillis,
    /// `Success` or the class of the failure.
    pub class: String,
    /// The HTTP status; 0 for none.
    pub status: u16,
    /// One sentence; empty on success.
    pub reason: String,
    /// The same as a word and what it is about, as in an attempt's record.
    pub cause: String,
    /// See `cause`.
    pub about: String,
}

/// How a webhook does.
#[derive(Clone, Debug)]
pub struct WebhookHealth {
    /// What waits for a first attempt; at most [`COUNTED`].
    pub waiting: u32,
    /// What failed and waits for a retry; at most [`COUNTED`].
    pub retrying: u32,
    /// What was given up; at most [`COUNTED`].
    pub dead: u32,
    /// The latest attempt, if one of the last deliveries had any.
    pub last: Option<LastAttempt>,
}

const COLUMNS: &str = "seq, id, webhook_id, event, state, attempts, due_at, created_at, settled_at";
/// What was made in a time, by the times in their ids, and whether the body names something.
const MADE_IN: &str = ", instr(body, ?3) > 0 FROM deliveries INDEXED BY deliveries_by_id
    WHERE id >= ?1 AND id < ?2 AND webhook_source = 'local' ORDER BY id LIMIT ?4";
/// Deliveries that one message is shown with at most.
const MADE_MOST: usize = 300;
const PAGE: &str =
    "FROM deliveries INDEXED BY deliveries_by_webhook WHERE webhook_key = ?1 AND seq < ?2
    ORDER BY seq DESC LIMIT ?3";
const PAGE_OF_DEAD: &str =
    "FROM deliveries INDEXED BY deliveries_dead WHERE webhook_key = ?1 AND seq < ?2 AND state = 'dead'
    ORDER BY seq DESC LIMIT ?3";

const ONE: &str = "FROM deliveries WHERE id = ?1 AND webhook_source = ?2";
/// The delivery that waits for its first attempt the longest: those before it had theirs.
const FIRST_WAITING: &str = "SELECT seq FROM deliveries INDEXED BY deliveries_first
    WHERE webhook_key = ? AND state = 'pending' AND attempts = 0 ORDER BY seq LIMIT 1";
const NEWEST_TRIED: &str = "SELECT seq FROM deliveries INDEXED BY deliveries_by_webhook
    WHERE webhook_key = ? AND seq < ? ORDER BY seq DESC LIMIT 50";
const LATEST_RETRIES: &str = "SELECT seq FROM deliveries INDEXED BY deliveries_retry
    WHERE webhook_key = ? AND state = 'pending' AND attempts > 0 ORDER BY due_at DESC LIMIT 10";
const LAST_ATTEMPT: &str = "SELECT started_at, class, status, reason, cause, about FROM attempts
    WHERE delivery_seq = ? ORDER BY number DESC LIMIT 1";

const WAITING: &str = "SELECT 1 FROM deliveries INDEXED BY deliveries_first
    WHERE webhook_key = ?1 AND state = 'pending' AND attempts = 0 LIMIT ?2";
const RETRYING: &str = "SELECT 1 FROM deliveries INDEXED BY deliveries_retry
    WHERE webhook_key = ?1 AND state = 'pending' AND attempts > 0 LIMIT ?2";
const DEAD: &str = "SELECT 1 FROM deliveries INDEXED BY deliveries_dead
    WHERE webhook_key = ?1 AND state = 'dead' LIMIT ?2";

impl Snapshot<'_> {
    /// A page of a webhook's deliveries; `None` if there is no such webhook.
    pub fn delivery_page(
        &self,
        source: Source,
        webhook_id: &str,
        filter: &DeliveryFilter,
    ) -> Result<Option<DeliveryPage>, StoreError> {
        let Some(key) = self.webhook_key(source, webhook_id)? else {
            return Ok(None);
        };
        let before = match &filter.before {
            None => i64::MAX,
            // An id that is not known any more has nothing before it.
            Some(id) => self.delivery_seq(id)?.unwrap_or(0),
        };
        let only_dead = filter.state == Some(DeliveryState::Dead);
        let rows = if only_dead { PAGE_OF_DEAD } else { PAGE };
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {COLUMNS} {rows}"))?;
        // One more than is shown tells whether there is a next page.
        let most = if filter.state.is_none() || only_dead {
            filter.limit + 1
        } else {
            LOOKED_AT
        };
        let most_rows = i64::try_from(most).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![key, before, most_rows])?;
        let (mut deliveries, mut looked_at, mut last) = (Vec::new(), 0, None);
        while let Some(row) = rows.next()? {
            let delivery = read_delivery(row)?;
            looked_at += 1;
            if deliveries.len() == filter.limit {
                let next = last.take();
                return Ok(Some(DeliveryPage { deliveries, next }));
            }
            last = Some(delivery.id.clone());
            let wanted = |state: DeliveryState| state.as_str() == delivery.state;
            if filter.state.is_none_or(wanted) {
                deliveries.push(delivery);
            }
        }
        let next = last.filter(|_| looked_at == most);
        Ok(Some(DeliveryPage { deliveries, next }))
    }

    /// A delivery with its attempts and the webhook it is for.
    pub fn delivery(&self, source: Source, id: &str) -> Result<Option<DeliveryRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} {ONE}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement
            .query_row([id, source.as_str()], read_delivery)
            .optional()?;
        let Some(mut delivery) = found else {
            return Ok(None);
        };
        delivery.history = self.attempts(delivery.seq)?;
        Ok(Some(delivery))
    }

    /// What a message led to, oldest first, with attempts: deliveries made in one of these moments
    /// whose body names the message. `within` looks at all that was made in that time too, as far as
    /// a page may look.
    pub fn deliveries_for_message(
        &self,
        message_id: &str,
        moments: &[UnixMillis],
        within: Option<(UnixMillis, UnixMillis)>,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        let named = format!("\"messageId\":\"{message_id}\"");
        let mut deliveries: Vec<DeliveryRecord> = Vec::new();
        let spans = moments.iter().map(|at| (*at, *at)).chain(within);
        for (from, to) in spans {
            let (from, to) = (id::first_of(from), id::first_of(UnixMillis(to.0 + 1)));
            let sql = format!("SELECT {COLUMNS} {MADE_IN}");
            let mut statement = self.connection.prepare_cached(&sql)?;
            let most = i64::try_from(LOOKED_AT).unwrap_or(i64::MAX);
            let parameters = params![from, to, named.as_bytes(), most];
            let mut rows = statement.query(parameters)?;
            while let Some(row) = rows.next()? {
                let names_it: bool = row.get(9)?;
                if names_it && deliveries.len() < MADE_MOST {
                    deliveries.push(read_delivery(row)?);
                }
            }
        }
        deliveries.sort_by(|one, other| one.id.cmp(&other.id));
        deliveries.dedup_by(|one, other| one.id == other.id);
        for delivery in &mut deliveries {
            delivery.history = self.attempts(delivery.seq)?;
        }
        Ok(deliveries)
    }

    /// How a webhook does; `None` if there is no such webhook.
    pub fn webhook_health(
        &self,
        source: Source,
        webhook_id: &str,
    ) -> Result<Option<WebhookHealth>, StoreError> {
        let Some(key) = self.webhook_key(source, webhook_id)? else {
            return Ok(None);
        };
        Ok(Some(WebhookHealth {
            waiting: self.count(WAITING, key)?,
            retrying: self.count(RETRYING, key)?,
            dead: self.count(DEAD, key)?,
            last: self.last_attempt(key)?,
        }))
    }

    pub(super) fn webhook_key(&self, source: Source, id: &str) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT key FROM webhooks WHERE source = ? AND id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row([source.as_str(), id], |row| row.get(0))
            .optional()?)
    }

    fn delivery_seq(&self, id: &str) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT seq FROM deliveries WHERE id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    fn count(&self, rows: &str, key: i64) -> Result<u32, StoreError> {
        let sql = format!("SELECT count(*) FROM ({rows})");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(params![key, COUNTED], |row| row.get(0))?)
    }

    /// How the latest attempt for a webhook ended, as far as the newest deliveries and retries tell;
    /// `None` if there was none, or no such webhook.
    pub fn webhook_last(
        &self,
        source: Source,
        webhook_id: &str,
    ) -> Result<Option<LastAttempt>, StoreError> {
        match self.webhook_key(source, webhook_id)? {
            Some(key) => self.last_attempt(key),
            None => Ok(None),
        }
    }

    /// Looks at the newest that had an attempt and at the latest retries: at most 60 seeks.
    fn last_attempt(&self, key: i64) -> Result<Option<LastAttempt>, StoreError> {
        let mut first = self.connection.prepare_cached(FIRST_WAITING)?;
        let first: Option<i64> = first.query_row([key], |row| row.get(0)).optional()?;
        let mut tried = self.connection.prepare_cached(NEWEST_TRIED)?;
        let mut retries = self.connection.prepare_cached(LATEST_RETRIES)?;
        let before = first.unwrap_or(i64::MAX);
        let tried = tried.query_map([key, before], |row| row.get::<_, i64>(0))?;
        let retries = retries.query_map([key], |row| row.get::<_, i64>(0))?;
        let mut statement = self.connection.prepare_cached(LAST_ATTEMPT)?;
        let mut last: Option<LastAttempt> = None;
        for seq in tried.chain(retries) {
            let found = statement.query_row([seq?], |row| {
                Ok(LastAttempt {
                    at: UnixMillis(row.get(0)?),
                    class: row.get(1)?,
                    status: row.get(2)?,
                    reason: row.get(3)?,
                    cause: row.get(4)?,
                    about: row.get(5)?,
                })
            });
            if let Some(found) = found.optional()?
                && last.as_ref().is_none_or(|last| last.at < found.at)
            {
                last = Some(found);
            }
        }
        Ok(last)
    }

    /// How SQLite would go about a query.
    #[cfg(test)]
    pub fn plan(&self, sql: &str) -> Result<String, StoreError> {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let mut statement = self.connection.prepare(&explain)?;
        let rows = statement
            .raw_query()
            .mapped(|row| row.get::<_, String>("detail"));
        Ok(rows.collect::<Result<Vec<_>, _>>()?.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::super::deliveries::{ATTEMPTS, COUNT_DEAD, COUNT_PENDING, LAST_DELIVERED};
    use super::*;

    /// Every list begins with a seek and sorts nothing: a million rows cost what one costs.
    #[test]
    fn lists_seek_and_never_sort() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true).unwrap();
        let plan = |sql: &str| store.read(|snapshot| snapshot.plan(sql)).unwrap();
        let columns = |rows: &str| format!("SELECT {COLUMNS} {rows}");
        let made_in = format!("SELECT {COLUMNS} {MADE_IN}");
        for (sql, index) in [
            (
                columns(PAGE),
                "INDEX deliveries_by_webhook (webhook_key=? AND seq<?)",
            ),
            (
                columns(PAGE_OF_DEAD),
                "INDEX deliveries_dead (webhook_key=? AND seq<?)",
            ),
            (columns(ONE), "INDEX deliveries_by_id (id=?)"),
            (made_in, "INDEX deliveries_by_id (id>? AND id<?)"),
            (
                WAITING.into(),
                "COVERING INDEX deliveries_first (webhook_key=?)",
            ),
            (
                RETRYING.into(),
                "COVERING INDEX deliveries_retry (webhook_key=?)",
            ),
            (
                DEAD.into(),
                "COVERING INDEX deliveries_dead (webhook_key=?)",
            ),
            (
                "SELECT seq FROM deliveries WHERE id = 'x'".into(),
                "COVERING INDEX deliveries_by_id (id=?)",
            ),
            (
                FIRST_WAITING.into(),
                "COVERING INDEX deliveries_first (webhook_key=?)",
            ),
            (
                NEWEST_TRIED.into(),
                "COVERING INDEX deliveries_by_webhook (webhook_key=? AND seq<?)",
            ),
            (
                LATEST_RETRIES.into(),
                "COVERING INDEX deliveries_retry (webhook_key=?)",
            ),
            (
                COUNT_DEAD.into(),
                "COVERING INDEX deliveries_settled (state=? AND settled_at>?)",
            ),
            (
                LAST_DELIVERED.into(),
                "COVERING INDEX deliveries_settled (state=? AND settled_at>?)",
            ),
        ] {
            let plan = plan(&sql);
            // The count stands around a list that is made row by row.
            let plan = plan.rsplit("; ").next().unwrap_or_default();
            let seek = format!("SEARCH deliveries USING {index}");
            if sql.starts_with("SELECT count") {
                assert!(plan.starts_with("SCAN") || plan == seek, "{sql}: {plan}");
            } else {
                assert_eq!(plan, seek, "{sql}");
            }
        }
        for sql in [ATTEMPTS, LAST_ATTEMPT] {
            let seek = "SEARCH attempts USING PRIMARY KEY (delivery_seq=?)";
            assert_eq!(plan(sql), seek, "{sql}");
        }
        for sql in [COUNT_PENDING, COUNT_DEAD] {
            let plan = plan(sql);
            assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
            // What is walked are entries of partial indexes, up to the limit.
            let scans = plan
                .split("; ")
                .filter(|step| step.starts_with("SCAN deliveries"));
            for scan in scans {
                assert!(scan.contains("USING COVERING INDEX"), "{sql}: {plan}");
            }
        }
    }
}

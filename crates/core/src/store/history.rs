//! The delivery history: list pages, a single delivery by its id, and the deliveries of a message.
//!
//! Cost: a page is one index seek and a walk of at most [`SCAN_LIMIT`] rows, however many there
//! are.

use rusqlite::{OptionalExtension, params};

use super::deliveries::read_delivery;
use super::{DeliveryRecord, SCAN_LIMIT, Snapshot, Source, StoreError};
use crate::model::clock::UnixMillis;
use crate::model::id;

/// The states of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Waits for an attempt.
    Pending,
    /// The receiver answered with a 2xx status.
    Delivered,
    /// The retries ran out.
    Dead,
    /// Its webhook was deleted, or the owner discarded it.
    Cancelled,
}

impl DeliveryState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Delivered, Self::Dead, Self::Cancelled];

    /// Returns the name that the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the state of that name, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Selects the deliveries of a webhook for one page.
#[derive(Clone, Debug)]
pub struct DeliveryFilter {
    /// Only deliveries in this state.
    pub state: Option<DeliveryState>,
    /// Only deliveries older than the one with this id.
    pub before: Option<String>,
    /// The size of a page.
    pub limit: usize,
}

/// A page of deliveries, newest first.
#[derive(Clone)]
pub struct DeliveryPage {
    /// The deliveries, without their attempts.
    pub deliveries: Vec<DeliveryRecord>,
    /// Where the next page begins, as [`DeliveryFilter::before`]; `None` after the last page. With
    /// a filter for a rare state a page may be short and still have a next one.
    pub next: Option<String>,
}

pub(super) const COLUMNS: &str =
    "seq, id, webhook_id, event, state, attempts, due_at, created_at, settled_at, forgiven";
/// Selects the deliveries created in a time range, by the times in their ids, and whether the body
/// contains a given text.
const MADE_IN: &str = ", instr(body, ?3) > 0 FROM deliveries INDEXED BY deliveries_by_id
    WHERE id >= ?1 AND id < ?2 AND webhook_source = 'local' ORDER BY id LIMIT ?4";
/// The most deliveries shown for one message.
pub(crate) const DELIVERIES_LIMIT: usize = 300;
const PAGE: &str =
    "FROM deliveries INDEXED BY deliveries_by_webhook WHERE webhook_key = ?1 AND seq < ?2
    ORDER BY seq DESC LIMIT ?3";
const PAGE_OF_DEAD: &str =
    "FROM deliveries INDEXED BY deliveries_dead WHERE webhook_key = ?1 AND seq < ?2 AND state = 'dead'
    ORDER BY seq DESC LIMIT ?3";

const ONE: &str = "FROM deliveries WHERE id = ?1 AND webhook_source = ?2";
const SEQ_OF: &str = "SELECT seq FROM deliveries WHERE id = ?";
const WEBHOOK_KEY: &str = "SELECT key FROM webhooks WHERE source = ? AND id = ?";

impl Snapshot<'_> {
    /// Returns a page of a webhook's deliveries, or `None` if there is no such webhook.
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
            // If the id is unknown by now, there is nothing before it.
            Some(id) => self.delivery_seq(id)?.unwrap_or(0),
        };
        let only_dead = filter.state == Some(DeliveryState::Dead);
        let rows = if only_dead { PAGE_OF_DEAD } else { PAGE };
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {COLUMNS} {rows}"))?;
        // One row more than a page holds shows whether there is a next page.
        let most = if filter.state.is_none() || only_dead {
            filter.limit + 1
        } else {
            SCAN_LIMIT
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

    /// Returns a delivery with its attempts and its webhook.
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

    /// Returns the deliveries about a message with their attempts, oldest first: those created at
    /// one of these moments whose body names the message. `within` adds all deliveries created in
    /// that range, up to the scan limit of a page.
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
            let sql = format!("SELECT {COLUMNS}{MADE_IN}");
            let mut statement = self.connection.prepare_cached(&sql)?;
            let most = i64::try_from(SCAN_LIMIT).unwrap_or(i64::MAX);
            let parameters = params![from, to, named.as_bytes(), most];
            let mut rows = statement.query(parameters)?;
            while let Some(row) = rows.next()? {
                let names_it: bool = row.get(10)?;
                if names_it && deliveries.len() < DELIVERIES_LIMIT {
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

    pub(super) fn webhook_key(&self, source: Source, id: &str) -> Result<Option<i64>, StoreError> {
        let mut statement = self.connection.prepare_cached(WEBHOOK_KEY)?;
        Ok(statement
            .query_row([source.as_str(), id], |row| row.get(0))
            .optional()?)
    }

    fn delivery_seq(&self, id: &str) -> Result<Option<i64>, StoreError> {
        let mut statement = self.connection.prepare_cached(SEQ_OF)?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    /// Returns SQLite's plan for a query.
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
    use super::super::deliveries::ATTEMPTS;
    use super::*;

    /// Every list begins with a seek and sorts nothing, so a million rows cost the same as one.
    #[test]
    fn lists_of_deliveries_seek_and_never_sort() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let check = |sql: &str, seek: &str| {
            let plan = store.read(|snapshot| snapshot.plan(sql)).unwrap();
            assert_eq!(plan, format!("SEARCH {seek}"), "{sql}");
        };
        let check_rows = |rows: &str, seek: &str| check(&format!("SELECT {COLUMNS} {rows}"), seek);
        check_rows(
            PAGE,
            "deliveries USING INDEX deliveries_by_webhook (webhook_key=? AND seq<?)",
        );
        check_rows(
            PAGE_OF_DEAD,
            "deliveries USING INDEX deliveries_dead (webhook_key=? AND seq<?)",
        );
        check_rows(ONE, "deliveries USING INDEX deliveries_by_id (id=?)");
        check(
            &format!("SELECT {COLUMNS}{MADE_IN}"),
            "deliveries USING INDEX deliveries_by_id (id>? AND id<?)",
        );
        check(
            SEQ_OF,
            "deliveries USING COVERING INDEX deliveries_by_id (id=?)",
        );
        check(
            WEBHOOK_KEY,
            "webhooks USING COVERING INDEX sqlite_autoindex_webhooks_1 (source=? AND id=?)",
        );
        check(ATTEMPTS, "attempts USING PRIMARY KEY (delivery_seq=?)");
    }
}

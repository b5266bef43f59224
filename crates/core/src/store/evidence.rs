//! The details of a delivery: its body and its latest attempt.
//!
//! Cost: one seek each, by the number of the delivery.

use rusqlite::OptionalExtension;

use super::deliveries::read_attempt;
use super::{AttemptRecord, DeliveryRecord, Snapshot, StoreError};

/// Longer bodies are not read for a row of a list.
const SHORT: usize = 64 * 1024;

const BODY: &str = "SELECT body FROM deliveries WHERE seq = ?";
const SHORT_BODY: &str =
    "SELECT CASE WHEN length(body) <= ?2 THEN body ELSE x'' END FROM deliveries WHERE seq = ?1";
const LATEST: &str = "SELECT number, started_at, duration, class, status, reason, cause, about, ''
    FROM attempts WHERE delivery_seq = ? ORDER BY number DESC LIMIT 1";

/// A delivery as a list shows it.
pub(crate) struct DeliveryRow {
    pub delivery: DeliveryRecord,
    /// The body; empty if it is too long for a list.
    pub body: Vec<u8>,
    /// The latest attempt, without the receiver's response.
    pub latest: Option<AttemptRecord>,
}

impl Snapshot<'_> {
    /// Returns the exact bytes that are posted.
    pub fn delivery_body(&self, delivery: &DeliveryRecord) -> Result<Vec<u8>, StoreError> {
        let mut statement = self.connection.prepare_cached(BODY)?;
        Ok(statement.query_row([delivery.seq], |row| row.get(0))?)
    }

    /// Returns the list rows of these deliveries.
    pub fn delivery_rows(
        &self,
        deliveries: Vec<DeliveryRecord>,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let mut body = self.connection.prepare_cached(SHORT_BODY)?;
        let mut latest = self.connection.prepare_cached(LATEST)?;
        let most = i64::try_from(SHORT).unwrap_or(i64::MAX);
        let rows = deliveries.into_iter().map(|delivery| {
            Ok(DeliveryRow {
                body: body.query_row([delivery.seq, most], |row| row.get(0))?,
                latest: latest.query_row([delivery.seq], read_attempt).optional()?,
                delivery,
            })
        });
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    #[test]
    fn delivery_rows_are_found_by_seeks() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        for (sql, expected) in [
            (BODY, "deliveries USING INTEGER PRIMARY KEY (rowid=?)"),
            (SHORT_BODY, "deliveries USING INTEGER PRIMARY KEY (rowid=?)"),
            (LATEST, "attempts USING PRIMARY KEY (delivery_seq=?)"),
        ] {
            let plan = store.read(|snapshot| snapshot.plan(sql)).unwrap();
            assert_eq!(plan, format!("SEARCH {expected}"), "{sql}");
        }
    }
}

//! Looks at the database behind the gateway's back.

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;
use simrelay_tests::Lab;

/// The database file.
#[allow(
    clippy::disallowed_methods,
    reason = "looks at the file behind the gateway's back"
)]
pub fn database(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

/// The bodies queued for a webhook, oldest first.
pub fn bodies(lab: &Lab, webhook_id: &str) -> Vec<Value> {
    let connection = database(&lab.database());
    let sql = "SELECT body FROM deliveries WHERE webhook_id = ? ORDER BY seq";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement
        .query_map([webhook_id], |row| row.get::<_, Vec<u8>>(0))
        .unwrap();
    rows.map(|body| serde_json::from_slice(&body.unwrap()).unwrap())
        .collect()
}

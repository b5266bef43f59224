//! The bare operations that the gateway is compared with.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Client;
use rusqlite::{Connection, params};

/// A connection with the gateway's settings to a database that the gateway made.
#[allow(
    clippy::disallowed_methods,
    reason = "the comparison goes past the store"
)]
pub fn connect(dir: &Path) -> anyhow::Result<Connection> {
    let connection = Connection::open(dir.join("simrelay.db"))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 256)?;
    Ok(connection)
}

/// The row of a message.
pub fn insert_message(connection: &Connection, number: usize) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO inbox (id, kind, sender, recipient, sim_number, text, received_at,
                 created_at)
             VALUES (?1, 'SMS', '6505551212', '', 0, ?2, ?3, ?3)",
        )?
        .execute(params![
            random_id(connection)?,
            number.to_string(),
            1_719_045_971_000_i64
        ])
        .map(|_| ())
}

/// All statements of a message for one webhook: its row, the webhooks, a delivery, a log entry.
pub fn insert_all(connection: &Connection, number: usize, body: &[u8]) -> rusqlite::Result<()> {
    insert_message(connection, number)?;
    let webhooks: Vec<(i64, String, String)> = connection
        .prepare_cached("SELECT key, source, id FROM webhooks WHERE event = ? ORDER BY key")?
        .query_map(["sms:received"], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<_, _>>()?;
    for (key, source, id) in webhooks {
        connection
            .prepare_cached(
                "INSERT INTO deliveries (id, webhook_key, webhook_source, webhook_id, event, body,
                     due_at, created_at)
                 VALUES (?1, ?2, ?3, ?4, 'sms:received', ?5, ?6, ?6)",
            )?
            .execute(params![
                random_id(connection)?,
                key,
                source,
                id,
                body,
                1_719_045_971_000_i64
            ])?;
    }
    connection
        .prepare_cached(
            "INSERT INTO logs (created_at, priority, module, message, context)
             VALUES (?1, 'INFO', 'receiving', 'Message received.', ?2)",
        )?
        .execute(params![
            1_719_045_971_000_i64,
            r#"{"messageId":"V1StGXR8_Z5jdHi6B-myT","type":"SMS","webhooks":1}"#
        ])?;
    Ok(())
}

/// Random, as the gateway's are: where an id falls in its index decides how much is written.
fn random_id(connection: &Connection) -> rusqlite::Result<String> {
    connection
        .prepare_cached("SELECT lower(hex(randomblob(10)))")?
        .query_row([], |row| row.get(0))
}

/// Runs the work in a transaction of its own.
pub fn commit(
    connection: &Connection,
    work: impl FnOnce() -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    work()?;
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

/// Posts `count` bodies in `concurrency` loops that share one client.
pub async fn post_all(
    url: &str,
    body: &str,
    count: usize,
    concurrency: usize,
) -> anyhow::Result<()> {
    let next = Arc::new(AtomicUsize::new(0));
    let client = client()?;
    let loops: Vec<_> = (0..concurrency)
        .map(|_| {
            let (next, client) = (Arc::clone(&next), client.clone());
            let (url, body) = (url.to_owned(), body.to_owned());
            tokio::spawn(async move {
                while next.fetch_add(1, Ordering::Relaxed) < count {
                    client
                        .post(&url)
                        .body(body.clone())
                        .send()
                        .await?
                        .error_for_status()?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for task in loops {
        task.await??;
    }
    Ok(())
}

#[allow(
    clippy::disallowed_methods,
    reason = "the comparison goes past webhooks/http.rs"
)]
fn client() -> anyhow::Result<Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()?)
}

//! The page with a million of everything, against one with a thousand and an empty one.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::Context;
use rusqlite::{Connection as Database, params};
use simrelay_core::server::Server;

use crate::api::Connection;
use crate::rig::Rig;
use crate::watch::{Table, Watch};

const ROUNDS: usize = 40;
/// The first place is the head of the list, the second lies in its middle.
const SCREENS: [&str; 8] = [
    "/",
    "/ui/messages",
    "/ui/messages?before={middle}",
    "/ui/messages?which=out&state=Failed",
    "/ui/message?out=out-1",
    "/ui/webhooks",
    "/ui/webhook?id=webhook-0",
    "/ui/logs",
];
/// When the first row was made; each later one is a second younger.
const START: i64 = 1_700_000_000_000;

/// How long every screen takes with 0, 1,000 and 1,000,000 of everything.
pub fn screens(table: &mut Table) -> anyhow::Result<()> {
    let empty = times(0)?;
    let few = times(1_000)?;
    let many = times(1_000_000)?;
    for (number, screen) in SCREENS.iter().enumerate() {
        let of = |times: &[Duration]| times[number].as_secs_f64() * 1e3;
        table.at_most(
            &format!("{screen} with 1,000,000 of everything, against 1,000"),
            of(&many) / of(&few),
            1.5,
            "×",
            &format!(
                "{:.2} ms, {:.2} ms; an empty one {:.2} ms",
                of(&many),
                of(&few),
                of(&empty)
            ),
        );
    }
    Ok(())
}

/// The shortest time of each screen, of a gateway with so many of everything.
fn times(count: i64) -> anyhow::Result<Vec<Duration>> {
    let rig = Rig::open(&vec!["https://receiver.invalid/".into(); 3])?;
    fill(&rig, count)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = Server::start(&rig.gateway, rig.runtime.handle(), vec![listener], None)?;
    let address = *server.addresses().first().context("the API listens")?;
    let cookie = sign_in(&rig, address)?;
    let middle = format!("{}.i{}", START + count * 500, count / 2);
    let time = |screen: &&str| {
        let path = screen.replace("{middle}", &middle);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: gateway\r\nAccept: text/html\r\nCookie: {cookie}\r\n\r\n"
        );
        let mut connection = Connection::with_request(address, request)?;
        let mut shortest = Duration::MAX;
        for _ in 0..ROUNDS {
            let watch = Watch::start();
            let (status, _) = connection.ask()?;
            shortest = shortest.min(watch.elapsed());
            anyhow::ensure!(status == 200 || count == 0, "{path} answered {status}");
        }
        Ok(shortest)
    };
    SCREENS.iter().map(time).collect()
}

fn sign_in(rig: &Rig, address: SocketAddr) -> anyhow::Result<String> {
    let client = simrelay_tests::Client::new(address, "", "").authorized(None);
    let path = rig.gateway.sign_in_path();
    let answer = rig.runtime.block_on(client.get(&path));
    let cookie = answer.header("set-cookie").split(';').next();
    Ok(cookie.context("a cookie")?.to_owned())
}

/// Rows as the gateway would have written them, by SQLite itself. A tenth of the deliveries waits
/// for its first attempt, a tenth for a retry, a tenth is dead.
fn fill(rig: &Rig, count: i64) -> anyhow::Result<()> {
    #[allow(
        clippy::disallowed_methods,
        reason = "a million rows by the gateway itself would take minutes"
    )]
    let database = Database::open(rig.dir().join("simrelay.db"))?;
    database.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;")?;
    for rows in [
        "INSERT INTO inbox (id, kind, sender, text, received_at, created_at)
         SELECT 'in-' || n, 'SMS', '+1202555' || n, 'Message number ' || n, at, at FROM numbers",
        "INSERT INTO messages (seq, id, kind, content, created_at, waits, state, failed_at, sent_at)
         SELECT n, 'out-' || n, 'text', 'Message number ' || n, at,
             CASE n % 10 WHEN 0 THEN 'ready' ELSE 'no' END,
             CASE n % 10 WHEN 0 THEN 'Pending' WHEN 1 THEN 'Failed' ELSE 'Sent' END,
             CASE n % 10 WHEN 1 THEN at ELSE 0 END,
             CASE WHEN n % 10 > 1 THEN at ELSE 0 END FROM numbers",
        "INSERT INTO recipients (message_seq, number, phone_number, state)
         SELECT n, 0, '+12025550143',
             CASE n % 10 WHEN 0 THEN 'Pending' WHEN 1 THEN 'Failed' ELSE 'Sent' END FROM numbers",
        "INSERT INTO deliveries (seq, id, webhook_key, webhook_source, webhook_id, event, body,
             state, attempts, due_at, created_at, settled_at)
         SELECT n, printf('%021d', n), n % 3 + 1, 'local', 'webhook-' || (n % 3), 'sms:received',
             x'7b7d',
             CASE n % 10 WHEN 0 THEN 'dead' WHEN 1 THEN 'pending' WHEN 2 THEN 'pending'
                 ELSE 'delivered' END,
             CASE n % 10 WHEN 1 THEN 0 ELSE 1 END, at, at,
             CASE n % 10 WHEN 1 THEN 0 WHEN 2 THEN 0 ELSE at END FROM numbers",
        "INSERT INTO attempts (delivery_seq, number, started_at, duration, class, status)
         SELECT n, 1, at, 12, 'Success', 200 FROM numbers WHERE n % 10 <> 1",
        "INSERT INTO logs (created_at, priority, module, message)
         SELECT at, 'INFO', 'webhooks', 'Webhook delivered.' FROM numbers",
    ] {
        let (table, columns) = rows.split_once("SELECT").context("an INSERT … SELECT")?;
        let sql = format!(
            "WITH RECURSIVE numbers (n, at) AS (
                 SELECT 1, ?1 + 1000 WHERE ?2 > 0
                 UNION ALL SELECT n + 1, at + 1000 FROM numbers WHERE n < ?2)
             {table} SELECT {columns}"
        );
        database.execute(&sql, params![START, count])?;
    }
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

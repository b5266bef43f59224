//! A database that is damaged: what is whole goes on, and the owner is told.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use simrelay_core::clock::{Clock, ManualClock};
use simrelay_tests::{Lab, Receiver, within};
use tempfile::TempDir;

use crate::database::database;

const PAGE: usize = 4096;
/// So many deliveries wait when the damage comes.
const WAITING: usize = 300;

/// The pages of a table or index, the root first and then those below it.
pub fn pages(file: &Path, name: &str) -> Vec<u32> {
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?";
    let root = database(file).query_row(sql, [name], |row| row.get(0));
    let bytes = fs::read(file).unwrap();
    let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    let short = |at: usize| usize::from(u16::from_be_bytes(bytes[at..at + 2].try_into().unwrap()));
    let mut pages = vec![root.unwrap()];
    let mut next = 0;
    while let Some(page) = pages.get(next) {
        let start = (*page as usize - 1) * PAGE;
        if [0x02, 0x05].contains(&bytes[start]) {
            let cells = 0..short(start + 3);
            let children = cells.map(|cell| word(start + short(start + 12 + 2 * cell)));
            pages.extend(children.collect::<Vec<_>>());
            pages.push(word(start + 8));
        }
        next += 1;
    }
    pages
}

/// How many rows or entries a page has.
fn cells(file: &Path, page: u32) -> usize {
    let start = (page as usize - 1) * PAGE;
    let bytes = fs::read(file).unwrap();
    usize::from(u16::from_be_bytes([bytes[start + 3], bytes[start + 4]]))
}

/// Overwrites a page.
pub fn garble(file: &Path, page: u32) {
    let mut opened = OpenOptions::new().write(true).open(file).unwrap();
    opened
        .seek(SeekFrom::Start(u64::from(page - 1) * PAGE as u64))
        .unwrap();
    opened.write_all(&[0x5A; PAGE]).unwrap();
}

/// A directory in which so many deliveries wait for one webhook, each attempted once so that every index
/// and table has rows; `large` is more than is checked before opening.
async fn waiting(receiver: &Receiver, large: bool) -> (Arc<TempDir>, Arc<ManualClock>) {
    let lab = Lab::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.online(false);
    for number in 0..WAITING {
        lab.receive(&format!("message {number}")).await;
    }
    let file = lab.database();
    let left = lab.crash().await;
    let connection = database(&file);
    connection
        .execute_batch(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             INSERT INTO deliveries (id, webhook_key, webhook_source, webhook_id, event, body, state,
                 attempts, due_at, created_at, settled_at)
             SELECT 'old' || i, 9, 'local', 'gone', 'sms:received', x'7B7D', 'delivered', 1, 0,
                 unixepoch() * 1000, unixepoch() * 1000 + 9000000000000 FROM n;
             INSERT INTO attempts (delivery_seq, number, started_at, duration, class)
             SELECT seq, 1, 0, 1, 'Success' FROM deliveries WHERE webhook_id = 'gone';",
        )
        .unwrap();
    if large {
        let sql = "INSERT INTO inbox (id, kind, sender, data, received_at, created_at)
                   VALUES ('large', 'DATA_SMS', '1', zeroblob(34000000), 1, 1)";
        connection.execute_batch(sql).unwrap();
    }
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(connection);
    left
}

/// Waits for so many different messages.
async fn arrive(receiver: &mut Receiver, count: usize) {
    let mut ids = std::collections::HashSet::new();
    while ids.len() < count {
        let arrival = receiver.next().await.json();
        ids.insert(arrival["payload"]["messageId"].as_str().unwrap().to_owned());
    }
}

/// Waits until the health check of damage is there, or gone.
async fn damaged(lab: &Lab, expected: bool) {
    let told = async {
        while (lab.client.get("/health").await.json()["checks"]["store:damaged"].is_object())
            != expected
        {
            tokio::task::yield_now().await;
        }
    };
    within("health tells", told).await;
}

async fn entries(lab: &Lab, text: &str) -> usize {
    lab.client.get("/logs").await.text().matches(text).count()
}

#[tokio::test]
async fn a_damaged_index_is_rebuilt_and_everything_is_delivered() {
    for (large, index) in [
        (true, "deliveries_first"),
        (true, "deliveries_settled"),
        (true, "deliveries_by_id"),
        (false, "deliveries_first"),
        (false, "sqlite_autoindex_inbox_1"),
        (false, "inbox_by_time"),
    ] {
        let mut receiver = Receiver::start().await;
        let left = waiting(&receiver, large).await;
        let file = left.0.path().join("simrelay.db");
        garble(&file, *pages(&file, index).last().unwrap());
        let lab = Lab::again(left).await;
        arrive(&mut receiver, WAITING).await;
        damaged(&lab, false).await;
        let told = async {
            while entries(&lab, "indexes were rebuilt").await == 0 {
                tokio::task::yield_now().await;
            }
        };
        within("it is told", told).await;
        lab.receive("afterwards").await;
        arrive(&mut receiver, 1).await;
        let verdict = "PRAGMA integrity_check('deliveries')";
        let verdict = database(&file).query_row(verdict, [], |row| row.get::<_, String>(0));
        assert_eq!(verdict.unwrap(), "ok", "{index}");
    }
}

#[tokio::test]
async fn damage_of_a_table_is_told_and_holds_nothing_else() {
    // What is damaged, and how many of those that wait are still delivered.
    for (table, leaf, least) in [
        ("attempts", 0, WAITING),
        ("attempts", usize::MAX, WAITING),
        ("deliveries", 3, WAITING - 20),
        ("logs", usize::MAX, WAITING),
        ("inbox", 2, WAITING),
        ("phone_rows", 0, WAITING),
        ("tokens", 0, WAITING),
    ] {
        let mut receiver = Receiver::start().await;
        let left = waiting(&receiver, true).await;
        let file = left.0.path().join("simrelay.db");
        let pages = pages(&file, table);
        println!(
            "{table}, page {} of {}",
            leaf.min(pages.len() - 1),
            pages.len()
        );
        garble(&file, pages[leaf.min(pages.len() - 1)]);
        let lab = Lab::again(left).await;
        arrive(&mut receiver, least).await;
        damaged(&lab, true).await;
        let health = lab.client.get("/health").await;
        assert_eq!(health.status, 503, "{table}");
        let page = lab.client.get("/ui/sign-in").await;
        assert_eq!(page.status, 200);

        lab.receive("new").await;
        if table != "logs" {
            let told = async {
                while entries(&lab, "The database is damaged.").await == 0 {
                    tokio::task::yield_now().await;
                }
            };
            within("it is told", told).await;
            assert_eq!(entries(&lab, "The database is damaged.").await, 1);
        }
    }
}

/// A directory in which so many messages wait to be sent.
async fn unsent() -> (Arc<TempDir>, Arc<ManualClock>) {
    let lab = Lab::start().await;
    let file = lab.database();
    let left = lab.crash().await;
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {WAITING})
         INSERT INTO messages (id, kind, content, created_at, waits)
         SELECT 'm' || i, 'text', 'a text of some length, so that there are pages ' || i,
             unixepoch() * 1000, 'ready' FROM n;
         INSERT INTO recipients (message_seq, number, phone_number)
         SELECT seq, 0, '+12025550123' FROM messages;
         INSERT INTO inbox (id, kind, sender, data, received_at, created_at)
         VALUES ('large', 'DATA_SMS', '1', zeroblob(34000000), 1, 1);
         PRAGMA wal_checkpoint(TRUNCATE)"
    );
    database(&file).execute_batch(&sql).unwrap();
    left
}

#[tokio::test]
async fn a_damaged_page_of_what_waits_to_be_sent_holds_none_of_the_others() {
    for (name, least) in [
        // A page has some thirty of them.
        ("messages", WAITING - 60),
        ("messages_ready", WAITING),
        ("recipients_overdue", WAITING),
    ] {
        let left = unsent().await;
        let file = left.0.path().join("simrelay.db");
        let pages = pages(&file, name);
        // Among the first that are to go.
        garble(&file, pages[1.min(pages.len() - 1)]);
        let lab = Lab::again(left).await;
        let given = lab.modem.given(least).await;
        assert!(given.len() >= least, "{name}");
        // An index may be rebuilt before anybody meets its damage.
        if name == "messages" {
            assert!(entries(&lab, "is set aside for a while").await > 0);
        }
    }
}

/// What stands beside a damaged page can be written as far as it does not grow: SQLite would have to
/// share its page out over the pages beside it.
#[tokio::test]
async fn a_damaged_page_of_recipients_holds_none_of_those_beside_it() {
    for leaf in 1..=3 {
        let lab = Lab::start().await;
        let hour = Duration::from_secs(3600);
        let until = jiff::Timestamp::from_millisecond(lab.clock.now().plus(hour).0).unwrap();
        for number in 0..WAITING {
            let message = json!({
                "textMessage": {"text": format!("message {number}")},
                "phoneNumbers": [format!("+1202555{:04}", 100 + number % 100)],
                "scheduleAt": until.to_string(),
            });
            assert_eq!(lab.client.post("/messages", &message).await.status, 202);
        }
        let file = lab.database();
        let left = lab.crash().await;
        let sql = "INSERT INTO inbox (id, kind, sender, data, received_at, created_at)
                   VALUES ('large', 'DATA_SMS', '1', zeroblob(34000000), 1, 1);
                   PRAGMA wal_checkpoint(TRUNCATE)";
        database(&file).execute_batch(sql).unwrap();
        let page = pages(&file, "recipients")[leaf];
        let lost = cells(&file, page);
        garble(&file, page);
        let lab = Lab::again(left).await;
        lab.advance(hour);
        // Where the recipients end of the ones before and after stands on the damaged page, too.
        let least = WAITING - lost - 2;
        let given = lab.modem.given(least).await;
        assert!(given.len() >= least);
        damaged(&lab, true).await;
    }
}

/// Webhooks are found in an index, so that of what waits only what is for those on the page is held.
#[tokio::test]
async fn a_damaged_page_of_webhooks_holds_only_what_waits_for_these() {
    const WEBHOOKS: usize = 150;
    let mut receiver = Receiver::start().await;
    let lab = Lab::start().await;
    for number in 0..WEBHOOKS {
        lab.register(&format!("w{number}"), &receiver.url(), "sms:received")
            .await;
    }
    lab.online(false);
    lab.receive("before").await;
    let file = lab.database();
    let left = lab.crash().await;
    let sql = "INSERT INTO inbox (id, kind, sender, data, received_at, created_at)
               VALUES ('large', 'DATA_SMS', '1', zeroblob(34000000), 1, 1);
               PRAGMA wal_checkpoint(TRUNCATE)";
    database(&file).execute_batch(sql).unwrap();
    let page = pages(&file, "webhooks")[2];
    let least = WEBHOOKS - cells(&file, page);
    garble(&file, page);
    let lab = Lab::again(left).await;
    for _ in 0..least {
        receiver.next().await;
    }
    damaged(&lab, true).await;
    // What comes in then is kept, and told to the others.
    lab.receive("after").await;
    for _ in 0..least {
        let arrival = receiver.next().await.json();
        assert_eq!(arrival["payload"]["message"], "after");
    }
}

//! What opening does with a damaged log, a database that is gone, and one that is to be recovered.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use simrelay_core::clock::{Clock, ManualClock};
use simrelay_core::{Deps, Gateway, OpenError, OpenOptions, recover};
use simrelay_tests::visitor::Browser;
use simrelay_tests::{Lab, Receiver, START, device};

use crate::damage::{garble, pages};
use crate::database::database;
use crate::store::rows;

const FRAME: u64 = 24 + 4096;

/// A copy of the files of a gateway that still runs, as a power cut would leave them.
fn copy_of(lab: &Lab) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["simrelay.db", "simrelay.db-wal", "simrelay.lock"] {
        fs::copy(lab.dir().join(name), copy.path().join(name)).unwrap();
    }
    copy
}

fn open(dir: &Path, recover_by_itself: bool) -> Result<Arc<Gateway>, OpenError> {
    let dir = dir.to_owned();
    let opening = std::thread::spawn(move || {
        let options = OpenOptions {
            recover_by_itself,
            ..OpenOptions::default()
        };
        let deps = Deps {
            clock: Arc::new(ManualClock::new(START)) as Arc<dyn Clock>,
            ..Deps::system(device())
        };
        Gateway::open(&dir, options, deps)
    });
    opening.join().unwrap()
}

fn flip(file: &Path, at: u64) {
    let opened = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(file)
        .unwrap();
    let mut byte = [0];
    opened.read_exact_at(&mut byte, at).unwrap();
    opened.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

fn overwrite(file: &Path, at: u64, length: usize) {
    let opened = fs::OpenOptions::new().write(true).open(file).unwrap();
    opened.write_all_at(&vec![0x5A; length], at).unwrap();
}

fn is_whole(dir: &Path) -> bool {
    let connection = database(&dir.join("simrelay.db"));
    let verdict = connection.query_row("PRAGMA quick_check('inbox')", [], |row| row.get(0));
    verdict == Ok("ok".to_owned())
}

/// Brings the log home.
fn brought_home(file: &Path) {
    database(file)
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
}

/// Thirty messages whose rows are in the log alone.
async fn thirty() -> Lab {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    brought_home(&lab.database());
    lab.online(false);
    for number in 0..30 {
        lab.receive(&format!("message {number} {}", "x".repeat(400)))
            .await;
    }
    lab
}

#[tokio::test]
async fn a_broken_frame_of_the_log_loses_no_message_without_a_word() {
    let lab = thirty().await;
    let log = "simrelay.db-wal";
    let bytes = fs::read(lab.dir().join(log)).unwrap();
    // Behind them stands what the log held before.
    let frames = bytes[32..].chunks_exact(24 + 4096);
    let frames = frames.take_while(|frame| frame[8..16] == bytes[16..24]);
    let frames = frames.count() as u64;
    let first = 32;
    let of = |frame: u64| 32 + frame * FRAME;
    let damages: Vec<(u64, usize)> = vec![
        // One bit: of the page, of its number, of the salt, of the checksum, of the log's own header.
        (first + 24 + 100, 0),
        (first + 3, 0),
        (first + 9, 0),
        (first + 17, 0),
        (17, 0),
        (25, 0),
        (0, 0),
        (of(frames / 2) + 2_000, 0),
        (of(frames - 1) + 2_000, 0),
        (of(frames - 1) + 9, 0),
        (of(frames - 1) + 14, 0),
        // A sector, a whole frame, the end of one and the beginning of the next.
        (first + 24 + 512, 512),
        (of(3), 4_120),
        (of(5) + 4_000, 512),
        (of(frames / 2), 8_240),
    ];
    for (at, length) in damages {
        let copy = copy_of(&lab);
        let file = copy.path().join(log);
        match length {
            0 => flip(&file, at),
            length => overwrite(&file, at, length),
        }
        let opened = open(copy.path(), true);
        let gateway = opened.unwrap_or_else(|error| panic!("{at}: {error}"));
        let told = gateway.recovered();
        drop(gateway);
        let kept = rows(&copy.path().join("simrelay.db"), "inbox");
        assert!(told.is_some(), "{at} {length}: nobody is told");
        assert!(is_whole(copy.path()), "{at} {length}");
        assert!(kept == 30, "{at} {length}: {kept} of 30");
        let names = fs::read_dir(copy.path()).unwrap();
        let aside = names
            .filter(|entry| {
                let name = entry.as_ref().unwrap().file_name();
                name.to_string_lossy().contains("damaged-")
            })
            .count();
        assert!(aside > 0, "{at} {length}: nothing is kept aside");
    }
}

#[tokio::test]
async fn a_log_that_a_crash_cut_off_is_taken_as_it_is() {
    let lab = thirty().await;
    let log = "simrelay.db-wal";
    let bytes = fs::read(lab.dir().join(log)).unwrap();
    let frames = bytes[32..].chunks_exact(24 + 4096);
    let frames = frames.take_while(|frame| frame[8..16] == bytes[16..24]);
    let length = 32 + frames.count() as u64 * FRAME;
    for cut in [1, 2_000, FRAME, FRAME + 10] {
        let copy = copy_of(&lab);
        let file = fs::OpenOptions::new()
            .write(true)
            .open(copy.path().join(log));
        file.unwrap().set_len(length - cut).unwrap();
        let gateway = open(copy.path(), true).unwrap();
        assert_eq!(gateway.recovered(), None, "{cut}");
    }
}

#[tokio::test]
async fn a_database_that_is_gone_is_no_first_start() {
    let lab = thirty().await;
    let left = lab.crash().await;
    let file = left.0.path().join("simrelay.db");
    brought_home(&file);
    let healthy = fs::read(&file).unwrap();
    for emptied in [true, false] {
        fs::remove_file(&file).unwrap();
        if emptied {
            fs::write(&file, b"").unwrap();
        }
        let refused = open(left.0.path(), false).err();
        let Some(OpenError::Missing { .. }) = refused else {
            panic!("{refused:?}");
        };
        let sentence = refused.unwrap().to_string();
        assert!(sentence.contains("restore a copy"), "{sentence}");
        assert_eq!(file.exists(), emptied);
        fs::write(&file, &healthy).unwrap();
    }
    // A directory of a program that wrote nothing into its lock.
    fs::write(left.0.path().join("simrelay.lock"), b"").unwrap();
    fs::remove_file(&file).unwrap();
    assert!(matches!(
        open(left.0.path(), false),
        Err(OpenError::Missing { .. })
    ));
    // A start that did not come to its database.
    let fresh = tempfile::tempdir().unwrap();
    fs::write(
        fresh.path().join("simrelay.lock"),
        "No database was made here yet.\n",
    )
    .unwrap();
    open(fresh.path(), false).unwrap();
}

#[tokio::test]
async fn recovering_keeps_everything_that_can_be_read() {
    let lab = thirty().await;
    lab.set(serde_json::json!({"webhooks": {"retry_count": 7}}))
        .await;
    let left = lab.crash().await;
    let dir = left.0.path();
    let file = dir.join("simrelay.db");
    brought_home(&file);
    let healthy = fs::read(&file).unwrap();
    // What is damaged, and how many messages and deliveries are left at least.
    for (name, leaf, inbox, deliveries) in [
        ("sqlite_schema", 0, 30, 30),
        ("inbox", 0, 30, 30),
        ("inbox", 1, 20, 30),
        ("deliveries", 0, 30, 30),
        ("deliveries", 1, 30, 20),
        ("webhooks", 0, 30, 30),
        ("logs", 0, 30, 30),
        ("deliveries_first", 0, 30, 30),
        ("sqlite_sequence", 0, 30, 30),
    ] {
        for tail in ["-wal", "-shm"] {
            drop(fs::remove_file(dir.join(format!("simrelay.db{tail}"))));
        }
        fs::write(&file, &healthy).unwrap();
        let page = match name {
            "sqlite_schema" => 1,
            name => {
                let pages = pages(&file, name);
                pages[leaf.min(pages.len() - 1)]
            }
        };
        garble(&file, page);
        let damaged = fs::read(&file).unwrap();
        let recovery = recover(dir, START).unwrap();
        let read = |table: &str| {
            let tables = recovery.tables.iter();
            tables
                .filter(|read| read.table == table)
                .map(|read| read.read)
                .sum::<u64>()
        };
        assert!(read("inbox") >= inbox, "{name} {leaf}: {recovery:?}");
        assert!(
            read("deliveries") >= deliveries,
            "{name} {leaf}: {recovery:?}"
        );
        assert_eq!(rows(&file, "inbox"), i64::try_from(read("inbox")).unwrap());
        assert_eq!(read("settings"), 2, "{name}: {recovery:?}");
        assert_eq!(fs::read(recovery.set_aside.unwrap()).unwrap(), damaged);
        let gateway = open(dir, false).unwrap();
        assert!(gateway.recovered().is_some());
        let webhooks = gateway.registry().local().len();
        assert_eq!(webhooks, usize::from(name != "webhooks"), "{name}");
    }
    let names = fs::read_dir(dir).unwrap();
    let aside = names.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().contains(".damaged-")
    });
    assert!(aside.count() <= 3, "the oldest give way");
}

#[tokio::test]
async fn a_gateway_that_recovers_by_itself_goes_on_and_tells_until_it_was_seen() {
    let mut receiver = Receiver::start().await;
    let lab = Lab::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.online(false);
    for number in 0..30 {
        lab.receive(&format!("message {number}")).await;
    }
    let device_id = lab.gateway.device_id().to_owned();
    let left = lab.crash().await;
    let file = left.0.path().join("simrelay.db");
    brought_home(&file);
    garble(&file, pages(&file, "inbox")[0]);
    let refused = open(left.0.path(), false).err();
    assert!(
        matches!(refused, Some(OpenError::Damaged { .. })),
        "{refused:?}"
    );
    let gateway = open(left.0.path(), true).unwrap();
    assert_eq!(gateway.device_id(), device_id);
    drop(gateway);
    let lab = Lab::again(left).await;
    for _ in 0..30 {
        receiver.next().await;
    }
    let health = lab.client.get("/health").await.json();
    assert_eq!(health["checks"]["store:recovered"]["status"], "warn");
    assert!(lab.gateway.status().unwrap().recovered.is_some());
    let browser = Browser::sign_in(&lab).await;
    let home = browser.screen("/").await;
    assert!(home.contains("Database recovered"), "{home}");
    let seen = browser.post("/ui/recovered", &[]).await;
    assert_eq!(seen.status, 303);
    let home = browser.screen("/").await;
    assert!(!home.contains("Database recovered"), "{home}");
    assert_eq!(lab.gateway.status().unwrap().recovered, None);
}

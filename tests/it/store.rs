//! The data directory: its schema, its guards, its ages.

use std::time::Duration;

use rusqlite::Connection;
use simrelay_core::device::{Battery, Cellular, Charging, DeviceState, Network, Transport};
use simrelay_core::{Deps, Gateway, OpenError, OpenOptions};
use simrelay_tests::{Lab, Receiver};

use crate::database::database;

/// How many rows a table of that file has.
pub fn rows(path: &std::path::Path, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    database(path)
        .query_row(&sql, [], |row| row.get(0))
        .unwrap()
}

/// The statements that make a schema, without comments and with single spaces.
fn statements(connection: &Connection) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    rows.map(|sql| {
        let sql = sql.unwrap();
        let bare: Vec<_> = sql
            .lines()
            .map(|line| line.split("--").next().unwrap())
            .collect();
        bare.join(" ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("( ", "(")
            .replace(" )", ")")
            // A column that was added later stands after a space.
            .replace(" ,", ",")
    })
    .collect()
}

#[tokio::test]
async fn the_documented_schema_is_the_real_one() {
    let lab = Lab::start().await;
    #[allow(clippy::disallowed_methods, reason = "a database of the test's own")]
    let documented = Connection::open_in_memory().unwrap();
    documented
        .execute_batch(include_str!("../../docs/schema.sql"))
        .unwrap();
    assert_eq!(
        statements(&database(&lab.database())),
        statements(&documented)
    );
}

fn reopen(dir: &std::path::Path) -> Result<(), OpenError> {
    let device = DeviceState {
        name: "x".into(),
        sims: Vec::new(),
        battery: Battery {
            level: 80,
            charging: Charging::No,
        },
        network: Network {
            online: true,
            transport: Transport::WiFi,
            cellular: Cellular::None,
        },
        zone: jiff::tz::TimeZone::UTC,
        locale: String::new(),
        warnings: Vec::new(),
    };
    let dir = dir.to_owned();
    std::thread::spawn(move || {
        Gateway::open(&dir, OpenOptions::default(), Deps::system(device)).map(drop)
    })
    .join()
    .unwrap()
}

#[tokio::test]
async fn one_process_a_directory_and_private_files() {
    use std::os::unix::fs::PermissionsExt;
    let lab = Lab::start().await;
    assert!(matches!(reopen(lab.dir()), Err(OpenError::InUse { .. })));
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(lab.dir()), 0o700);
    for entry in std::fs::read_dir(lab.dir()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_newer_or_damaged_database_is_refused_and_left_alone() {
    let lab = Lab::start().await;
    let file = lab.database();
    let (dir, _clock) = lab.crash().await;
    database(&file)
        .pragma_update(None, "user_version", 99)
        .unwrap();
    assert!(matches!(
        reopen(dir.path()),
        Err(OpenError::Newer { found: 99, .. })
    ));
    let healthy = std::fs::read(&file).unwrap();
    for damage in [&b"not a database at all"[..], &healthy[..5_000]] {
        std::fs::write(&file, damage).unwrap();
        let refused = reopen(dir.path());
        assert!(matches!(
            refused,
            Err(OpenError::Damaged { .. } | OpenError::Newer { .. })
        ));
        assert_eq!(std::fs::read(&file).unwrap(), damage);
    }
    let mut damaged = healthy;
    damaged[60..64].copy_from_slice(&1u32.to_be_bytes());
    damaged[4_096..12_000].fill(0x5A);
    std::fs::write(&file, &damaged).unwrap();
    let Err(OpenError::Damaged { file: named, .. }) = reopen(dir.path()) else {
        panic!("taken")
    };
    assert_eq!(named, file);
    assert_eq!(std::fs::read(&file).unwrap(), damaged);
}

#[tokio::test]
async fn webhooks_of_the_cloud_are_a_set_of_their_own() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    let file = lab.database();
    let left = lab.crash().await;
    let cloud = format!(
        "INSERT INTO webhooks (source, id, url, event, created_at, updated_at)
         VALUES ('cloud', 'same', '{}', 'sms:received', 0, 0)",
        receiver.url_on("127.0.0.1", "/cloud")
    );
    database(&file).execute_batch(&cloud).unwrap();
    let lab = Lab::again(left).await;
    assert_eq!(
        lab.client.get("/webhooks").await.json(),
        serde_json::json!([])
    );
    lab.register(
        "same",
        &receiver.url_on("127.0.0.1", "/local"),
        "sms:received",
    )
    .await;
    lab.receive("both").await;
    let mut paths =
        [receiver.next().await, receiver.next().await].map(|arrival| arrival.path().to_owned());
    paths.sort();
    assert_eq!(paths, ["/cloud", "/local"]);
    lab.client.send("DELETE", "/webhooks/same", "", "").await;
    lab.receive("cloud only").await;
    assert_eq!(receiver.next().await.path(), "/cloud");
}

#[tokio::test]
async fn age_removes_what_is_settled_and_never_what_is_pending() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    let file = lab.database();
    lab.online(false);
    for text in ["pending", "delivered", "dead", "dead but young"] {
        lab.receive(text).await;
    }
    let left = lab.crash().await;
    let connection = database(&file);
    let day = 86_400_000;
    for (seq, state, age) in [(2, "delivered", 8), (3, "dead", 31), (4, "dead", 29)] {
        let at = simrelay_tests::START.0 - age * day;
        connection
            .execute(
                "UPDATE deliveries SET state = ?, settled_at = ? WHERE seq = ?",
                (state, at, seq),
            )
            .unwrap();
    }
    drop(connection);
    left.1.advance(Duration::ZERO);
    let lab = Lab::again(left).await;
    lab.online(false);
    let removed = async {
        while lab.deliveries("w").len() > 2 {
            tokio::task::yield_now().await;
        }
    };
    simrelay_tests::within("old deliveries go", removed).await;
    let health = lab.client.get("/health").await.json();
    assert_eq!(health["checks"]["deliveries:removed"]["observedValue"], 1);
    assert!(
        lab.client
            .get("/logs")
            .await
            .text()
            .contains("removed after 30 days")
    );
}

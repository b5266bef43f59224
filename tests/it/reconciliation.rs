//! The phone's own message store: what no broadcast told of comes late, and nothing comes twice.

use std::sync::Arc;
use std::time::Duration;

use crate::database::{bodies, database};
use serde_json::{Value, json};
use simrelay_core::clock::UnixMillis;
use simrelay_core::phone_inbox::{PhoneInboxError, PhoneRow};
use simrelay_core::receiving::IncomingSms;
use simrelay_tests::{Lab, PhoneStore, START, row, sms};

const DAY: Duration = Duration::from_secs(86_400);

/// The broadcast of a row.
fn broadcast(row: &PhoneRow) -> IncomingSms {
    let mut told = sms(&row.text);
    told.origin.sender = row.sender.clone();
    told.origin.sent_at = row.sent_at;
    told.origin.sim_number = row.sim_number;
    told
}

async fn receive(lab: &Lab, told: IncomingSms) -> String {
    let receipt = lab.gateway.receive(told).unwrap();
    receipt.done().await.unwrap().remove(0).0
}

/// A gateway without internet, so that what is queued can be counted, and a webhook.
async fn lab(phone: &Arc<PhoneStore>) -> Lab {
    let lab = Lab::start_with_phone(phone).await;
    prepare(lab).await
}

async fn prepare(lab: Lab) -> Lab {
    lab.online(false);
    lab.register("w", "https://example.com/", "sms:received")
        .await;
    lab
}

/// The payloads of all events so far, oldest first.
fn payloads(lab: &Lab) -> Vec<Value> {
    bodies(lab, "w")
        .iter()
        .map(|body| body["payload"].clone())
        .collect()
}

async fn count(lab: &Lab) -> String {
    let answer = lab.client.get("/inbox?limit=500").await;
    answer.header("x-total-count").to_owned()
}

#[tokio::test]
async fn a_missed_broadcast_comes_late_once_and_carries_its_true_time() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    phone.add(row("missed", 30));
    lab.clock.advance(Duration::from_secs(89));
    lab.reconcile().await.unwrap();
    assert_eq!(payloads(&lab), Vec::<Value>::new(), "younger than a minute");
    lab.clock.advance(Duration::from_secs(3 * 3_600));
    // The hourly reading may have been first.
    lab.reconcile().await.unwrap();
    let told = payloads(&lab);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["message"], "missed");
    assert_eq!(told[0]["receivedAt"], "2024-06-22T15:46:41.000+07:00");
    assert_eq!(told[0]["simNumber"], 1);
    assert_eq!(told[0]["recipient"], "+12025550100");
    assert_eq!(lab.reconcile().await.unwrap().told, 0);
    let lab = Lab::again_with_phone(lab.crash().await, &phone).await;
    assert_eq!(lab.reconcile().await.unwrap().told, 0);
    assert_eq!(payloads(&lab), told);
}

#[tokio::test]
async fn the_gateway_looks_by_itself_at_start_hourly_and_after_a_change() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    phone.add(row("one", 10));
    lab.clock.advance(Duration::from_secs(120));
    lab.gateway.inbox_changed();
    lab.queued("w", 1).await;
    phone.add(row("two", 120));
    lab.gateway.inbox_changed();
    // It has not settled yet, so the reading that finds it is the one a minute later.
    lab.advance_until("w", 2, Duration::from_secs(61)).await;
    phone.add(row("three", 200));
    lab.advance_until("w", 3, Duration::from_secs(3_600)).await;
    phone.add(row("four", 7_000));
    let (dir, clock) = lab.crash().await;
    clock.advance(Duration::from_secs(7_200));
    let lab = Lab::again_with_phone((dir, clock), &phone).await;
    lab.queued("w", 4).await;
}

#[tokio::test]
async fn a_broadcast_absorbs_its_row_by_second_or_by_nearness_and_only_one() {
    // What the broadcast says, what the row says, whether they are one message.
    let sent = |seconds: i64| Some(UnixMillis(START.0 + seconds * 1000));
    for (case, told, sent_at, received, one) in [
        ("same second", sent(0), sent(0), 0, true),
        (
            "same second, received much later",
            sent(0),
            sent(0),
            7_200,
            true,
        ),
        (
            "the phone does not know the second",
            sent(0),
            None,
            500,
            true,
        ),
        ("the same, too far", sent(0), None, 1_900, false),
        ("the broadcast does not", None, sent(-40), 90, true),
        (
            "the phone's second is wrong",
            sent(0),
            sent(25_200),
            90,
            true,
        ),
        (
            "another second, too far",
            sent(0),
            sent(1_900),
            1_900,
            false,
        ),
        (
            "another second, told late",
            sent(-7_200),
            sent(-7_000),
            90,
            true,
        ),
    ] {
        let phone = PhoneStore::new();
        let lab = lab(&phone).await;
        lab.clock.advance(Duration::from_secs(100));
        let mut message = sms("equal");
        message.origin.sent_at = told;
        receive(&lab, message).await;
        let mut stored = row("equal", received);
        stored.sent_at = sent_at;
        phone.add(stored.clone());
        lab.clock.advance(Duration::from_secs(8_000));
        lab.reconcile().await.unwrap();
        assert_eq!(payloads(&lab).len(), if one { 1 } else { 2 }, "{case}");
        // A second row like it is a second message.
        phone.add(stored);
        lab.reconcile().await.unwrap();
        lab.reconcile().await.unwrap();
        assert_eq!(payloads(&lab).len(), if one { 2 } else { 3 }, "{case}");
    }
}

#[tokio::test]
async fn a_row_takes_no_message_that_belongs_to_another_row() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    // The broadcast of the first was missed; the second has not even settled.
    let (first, second) = (row("code", 10), row("code", 70));
    lab.clock.advance(Duration::from_secs(71));
    receive(&lab, broadcast(&second)).await;
    phone.add(first);
    phone.add(second);
    lab.reconcile().await.unwrap();
    lab.clock.advance(Duration::from_secs(200));
    lab.reconcile().await.unwrap();
    let times: Vec<_> = payloads(&lab)
        .iter()
        .map(|told| told["receivedAt"].clone())
        .collect();
    assert_eq!(
        times,
        [
            json!("2024-06-22T15:47:21.000+07:00"),
            json!("2024-06-22T15:46:21.000+07:00")
        ]
    );
}

#[tokio::test]
async fn a_broadcast_that_comes_after_its_row_is_the_same_message() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    let missed = row("late", 10);
    phone.add(missed.clone());
    lab.clock.advance(Duration::from_secs(3_600));
    lab.reconcile().await.unwrap();
    let mut told = broadcast(&missed);
    told.origin.delivery_key = Some("key".into());
    let id = receive(&lab, told.clone()).await;
    assert_eq!(payloads(&lab)[0]["messageId"], id);
    assert_eq!(receive(&lab, told).await, id, "the same broadcast again");
    assert_eq!(payloads(&lab).len(), 1);
    // The next one of that second is another message, and so is its row.
    assert_ne!(receive(&lab, broadcast(&missed)).await, id);
    phone.add(missed);
    lab.reconcile().await.unwrap();
    assert_eq!(payloads(&lab).len(), 2);
    assert_eq!(count(&lab).await, "2");
}

#[tokio::test]
async fn what_is_older_than_the_first_start_or_a_week_is_never_an_event() {
    let phone = PhoneStore::new();
    phone.add(row("a year ago", -365 * 86_400));
    phone.add(row("an hour ago", -3_600));
    phone.add(row("just before", -1));
    let lab = lab(&phone).await;
    lab.clock.advance(Duration::from_secs(3_600));
    lab.reconcile().await.unwrap();
    let lab = Lab::again_with_phone(lab.crash().await, &phone).await;
    lab.clock.advance(8 * DAY);
    phone.add(row("eight days ago", 600));
    lab.reconcile().await.unwrap();
    assert_eq!(payloads(&lab), Vec::<Value>::new());
}

#[tokio::test]
async fn what_came_before_the_permission_is_no_event() {
    let phone = PhoneStore::new();
    phone.fail(Some(PhoneInboxError::NotAllowed));
    let lab = lab(&phone).await;
    lab.reconcile().await.unwrap_err();
    phone.add(row("before the grant", 10));
    lab.clock.advance(DAY);
    lab.reconcile().await.unwrap_err();
    phone.fail(None);
    lab.reconcile().await.unwrap();
    phone.add(row("after the grant", 86_400 + 10));
    lab.clock.advance(DAY);
    lab.reconcile().await.unwrap();
    let told = payloads(&lab);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["message"], "after the grant");
}

#[tokio::test]
async fn a_clock_set_back_before_the_first_start_lets_new_rows_through_and_old_ones_not() {
    let phone = PhoneStore::new();
    phone.add(row("old", -2 * 86_400));
    let lab = lab(&phone).await;
    lab.clock.set(START.minus(3 * DAY));
    lab.reconcile().await.unwrap();
    phone.add(row("while set back", -3 * 86_400 + 100));
    lab.clock
        .set(START.minus(3 * DAY).plus(Duration::from_secs(400)));
    lab.reconcile().await.unwrap();
    lab.clock.set(START.plus(Duration::from_secs(600)));
    lab.reconcile().await.unwrap();
    let told = payloads(&lab);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["message"], "while set back");
}

#[tokio::test]
async fn a_message_that_was_removed_by_age_does_not_come_again() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    let read = row("read before", 10);
    receive(&lab, broadcast(&read)).await;
    phone.add(read);
    phone.add(row("missed", 20));
    lab.clock.advance(Duration::from_secs(300));
    lab.reconcile().await.unwrap();
    let never_read = row("never read", 400);
    receive(&lab, broadcast(&never_read)).await;
    lab.set(json!({"messages": {"log_lifetime_days": 1}})).await;
    let (dir, clock) = lab.crash().await;
    clock.advance(2 * DAY);
    let lab = Lab::again_with_phone((dir, clock), &phone).await;
    let gone = async {
        while count(&lab).await != "0" {
            tokio::task::yield_now().await;
        }
    };
    simrelay_tests::within("old messages go", gone).await;
    phone.add(never_read);
    lab.reconcile().await.unwrap();
    assert_eq!(payloads(&lab).len(), 3);
    assert_eq!(count(&lab).await, "0");
}

#[tokio::test]
async fn a_row_that_the_sms_app_deletes_hides_nothing() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    let first = row("code", 10);
    receive(&lab, broadcast(&first)).await;
    let id = phone.add(first);
    lab.clock.advance(Duration::from_secs(100));
    lab.reconcile().await.unwrap();
    phone.delete(id);
    phone.add(row("code", 200));
    lab.clock.advance(Duration::from_secs(300));
    lab.reconcile().await.unwrap();
    assert_eq!(payloads(&lab).len(), 2);
}

#[tokio::test]
async fn messages_of_an_older_version_are_known_too() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    let old = row("of version one", 10);
    receive(&lab, broadcast(&old)).await;
    let file = lab.database();
    let left = lab.crash().await;
    database(&file)
        .execute("UPDATE inbox SET twin = 0", [])
        .unwrap();
    phone.add(old);
    left.1.advance(Duration::from_secs(300));
    let lab = Lab::again_with_phone(left, &phone).await;
    lab.reconcile().await.unwrap();
    assert_eq!(payloads(&lab).len(), 1);
}

#[tokio::test]
async fn a_store_that_fails_is_read_again_and_pages_are_read_to_the_end() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    for number in 0..450 {
        // All in the same millisecond, over three pages, every text twice.
        phone.add(row(&format!("{}", number / 2), 10));
    }
    lab.clock.advance(Duration::from_secs(100));
    phone.fail(Some(PhoneInboxError::Failed("provider".into())));
    lab.reconcile().await.unwrap_err();
    phone.fail(None);
    assert_eq!(lab.reconcile().await.unwrap().told, 450);
    assert_eq!(lab.reconcile().await.unwrap().told, 0);
    assert_eq!(payloads(&lab).len(), 450);
}

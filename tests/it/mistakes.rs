//! Panics of our own: whatever breaks off is told and begun again, without a restart.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use simrelay_core::Shell;
use simrelay_core::clock::{Clock, ManualClock, Sleep, UnixMillis};
use simrelay_tests::{Lab, Receiver};

/// A clock that panics once in a task that never asked it before, when armed.
#[derive(Debug)]
struct TrippingClock {
    clock: Arc<ManualClock>,
    armed: Arc<AtomicBool>,
    seen: Mutex<HashSet<tokio::task::Id>>,
}

impl Clock for TrippingClock {
    fn now(&self) -> UnixMillis {
        let task = tokio::task::try_id();
        let is_new = task.is_some_and(|task| self.seen.lock().unwrap().insert(task));
        assert!(
            !(is_new && self.armed.swap(false, Ordering::SeqCst)),
            "tripped"
        );
        self.clock.now()
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.clock.sleep(duration)
    }
}

/// A shell that panics once in a task, when armed: what reports to it are the loops.
#[derive(Debug, Default)]
struct TrippingShell(AtomicBool);

impl Shell for TrippingShell {
    fn wakes(&self) -> bool {
        false
    }

    fn schedule_wake(&self, _: Option<UnixMillis>) {}

    fn deliveries_pending(&self, _: bool) {
        let trips = tokio::task::try_id().is_some() && self.0.swap(false, Ordering::SeqCst);
        assert!(!trips, "tripped");
    }
}

async fn is_told(lab: &Lab, task: &str) {
    let health = lab.client.get("/health").await.json();
    assert_eq!(health["checks"]["tasks:broken"]["status"], "warn");
    assert_eq!(health["checks"]["tasks:broken"]["observedValue"], 1);
    let logs = lab.client.get("/logs").await.json();
    let mut logs = logs.as_array().unwrap().iter();
    let told = logs.any(|entry| entry["context"]["task"] == task && entry["priority"] == "ERROR");
    assert!(told, "{task} is not in the log");
}

#[tokio::test]
async fn an_attempt_that_panics_frees_its_slot_and_is_made_again() {
    let armed = Arc::new(AtomicBool::new(false));
    let arms = Arc::clone(&armed);
    let lab = Lab::start_with_clock(|clock| {
        let seen = Mutex::default();
        let armed = arms;
        Arc::new(TrippingClock { clock, armed, seen })
    })
    .await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    armed.store(true, Ordering::SeqCst);
    lab.receive("one").await;
    let failed = lab.after_attempts("w", 1).await;
    assert!(!armed.load(Ordering::SeqCst), "nothing panicked");
    assert_eq!((failed.state.as_str(), receiver.waiting()), ("pending", 0));
    is_told(&lab, "attempt").await;
    lab.receive("two").await;
    assert_eq!(receiver.next().await.json()["payload"]["message"], "two");
    lab.advance(Duration::from_secs(11));
    assert_eq!(receiver.next().await.json()["payload"]["message"], "one");
}

#[tokio::test]
async fn a_loop_that_panics_is_begun_again() {
    let shell = Arc::new(TrippingShell::default());
    let lab = Lab::start_in(Arc::clone(&shell) as Arc<dyn Shell>).await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("before").await;
    receiver.next().await;
    lab.newest("w", |delivery| delivery.state == "delivered")
        .await;
    shell.0.store(true, Ordering::SeqCst);
    lab.receive("after").await;
    while shell.0.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    let goes_on = async {
        while receiver.waiting() == 0 {
            lab.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    simrelay_tests::within("the loop goes on", goes_on).await;
    assert_eq!(receiver.next().await.json()["payload"]["message"], "after");
    let health = lab.client.get("/health").await.json();
    assert_eq!(health["checks"]["tasks:broken"]["status"], "warn");
}

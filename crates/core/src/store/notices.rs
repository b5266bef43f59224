//! Limits the logging of anything that can happen a thousand times a second: it is logged at once
//! the first time, and then once a minute with the number of repetitions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::logs::Module;
use super::{LogEntry, Priority};
use crate::model::clock::Clock;

/// Equal notices are logged at most once in this time.
const PAUSE: Duration = Duration::from_secs(60);
/// The most different notices that are remembered; further ones are logged each time.
const REMEMBERED: usize = 500;

/// A log entry that may repeat.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub priority: Priority,
    pub module: Module,
    /// One sentence.
    pub message: String,
    /// Details of the first occurrence, an object or null.
    pub context: Value,
    /// Additional text for the program's own output. Notices with the same sentence and cause are
    /// equal.
    pub cause: String,
}

impl Notice {
    /// Makes a notice of a failure that is retried.
    pub fn warn(module: Module, message: &str, cause: impl ToString) -> Self {
        Self {
            priority: Priority::Warn,
            module,
            message: message.into(),
            context: Value::Null,
            cause: cause.to_string(),
        }
    }

    /// Makes a notice of a permanent failure.
    pub fn error(module: Module, message: &str, cause: impl ToString) -> Self {
        Self {
            priority: Priority::Error,
            ..Self::warn(module, message, cause)
        }
    }
}

struct Last {
    at: Duration,
    /// The number of repetitions since then.
    repeated: u64,
    notice: Notice,
}

/// The recent notices.
pub(super) struct Notices {
    clock: Arc<dyn Clock>,
    told: Mutex<HashMap<(String, String), Last>>,
    repeated: Notify,
}

impl Notices {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            told: Mutex::default(),
            repeated: Notify::new(),
        }
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Prints the notice to the program's own output and returns its log entry, unless an equal one
    /// was printed less than a minute ago.
    pub fn tell(&self, notice: Notice) -> Option<LogEntry> {
        let now = self.clock.monotonic();
        let key = (notice.message.clone(), notice.cause.clone());
        let mut told = self.told();
        let repeated = match told.get_mut(&key) {
            Some(before) if now < before.at + PAUSE => {
                before.repeated += 1;
                self.repeated.notify_one();
                return None;
            }
            // This notice also stands for the repetitions before it.
            Some(before) if before.repeated > 0 => before.repeated + 1,
            _ => 0,
        };
        if told.len() < REMEMBERED || told.contains_key(&key) {
            let before = Last {
                at: now,
                repeated: 0,
                notice: notice.clone(),
            };
            told.insert(key, before);
        }
        drop(told);
        Some(self.say(notice, repeated))
    }

    /// Waits for a repetition, and then a while longer to collect others.
    pub async fn repeated(&self) {
        let waits = |told: &HashMap<_, Last>| told.values().any(|told| told.repeated > 0);
        if !waits(&self.told()) {
            self.repeated.notified().await;
        }
        self.clock.sleep(PAUSE).await;
    }

    fn told(&self) -> MutexGuard<'_, HashMap<(String, String), Last>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns entries for the repetitions of notices that were logged a minute ago.
    pub fn leftovers(&self) -> Vec<LogEntry> {
        let now = self.clock.monotonic();
        let mut due = Vec::new();
        let mut told = self.told();
        told.retain(|_, told| {
            if now < told.at + PAUSE {
                return true;
            }
            if told.repeated == 0 {
                return false;
            }
            due.push((told.notice.clone(), told.repeated));
            (told.at, told.repeated) = (now, 0);
            true
        });
        drop(told);
        due.into_iter()
            .map(|(notice, repeated)| self.say(notice, repeated))
            .collect()
    }

    fn say(&self, notice: Notice, repeated: u64) -> LogEntry {
        let Notice {
            priority,
            module,
            message,
            mut context,
            cause,
        } = notice;
        match (priority, repeated) {
            (Priority::Error, 0) => tracing::error!(%cause, "{message}"),
            (Priority::Error, _) => tracing::error!(%cause, repeated, "{message}"),
            (_, 0) => tracing::warn!(%cause, "{message}"),
            (_, _) => tracing::warn!(%cause, repeated, "{message}"),
        }
        if repeated > 0 {
            match &mut context {
                Value::Object(details) => drop(details.insert("repeated".into(), repeated.into())),
                other => *other = json!({"repeated": repeated}),
            }
        }
        LogEntry {
            at: self.clock.now(),
            priority,
            module,
            message,
            context,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::{ManualClock, UnixMillis};

    fn notice(cause: &str) -> Notice {
        Notice::warn(Module::Gateway, "It broke.", cause)
    }

    #[test]
    fn notice_is_logged_once_a_minute_with_its_repetitions() {
        let clock = Arc::new(ManualClock::new(UnixMillis(0)));
        let notices = Notices::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let first = notices.tell(notice("disk")).unwrap();
        assert_eq!(first.context, Value::Null);
        for _ in 0..2_200 {
            assert!(notices.tell(notice("disk")).is_none());
        }
        assert!(notices.tell(notice("cable")).is_some());
        assert!(notices.leftovers().is_empty());
        clock.advance(PAUSE);
        let later = notices.leftovers();
        let contexts: Vec<_> = later.into_iter().map(|entry| entry.context).collect();
        assert_eq!(contexts, [json!({"repeated": 2_200})]);
        assert!(notices.tell(notice("disk")).is_none());
        clock.advance(PAUSE);
        let again = notices.tell(notice("disk")).unwrap();
        assert_eq!(again.context, json!({"repeated": 2}));
    }

    #[test]
    fn notice_is_new_again_after_a_minute_without_repetition() {
        let clock = Arc::new(ManualClock::new(UnixMillis(0)));
        let notices = Notices::new(Arc::clone(&clock) as Arc<dyn Clock>);
        assert!(notices.tell(notice("disk")).is_some());
        clock.advance(PAUSE);
        assert!(notices.leftovers().is_empty());
        let again = notices.tell(notice("disk")).unwrap();
        assert_eq!(again.context, Value::Null);
    }
}

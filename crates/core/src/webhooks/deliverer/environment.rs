//! Follows changes around the deliverer: of the clock, the network, and the settings and trust
//! roots of its connections.

use std::sync::Arc;

use super::{Deliverer, MadeUnder, Run};
use crate::net::client::Http;
use crate::store::{Module, Notice};

pub(super) fn make_http(deliverer: &Deliverer) -> Option<Arc<Http>> {
    let settings = deliverer.settings.borrow().clone();
    let roots = deliverer.roots.borrow().clone();
    match Http::new(&roots, &settings, Arc::clone(&deliverer.clock)) {
        Ok(http) => Some(Arc::new(http)),
        Err(error) => {
            tracing::error!(%error, "the HTTP client could not be set up; nothing is delivered");
            None
        }
    }
}

impl Run {
    /// Records whether the wall clock was set since the last look.
    pub(super) fn watch_clock(&mut self) {
        let jump = self.clock_watch.jump(&*self.deliverer.clock);
        if jump != 0 {
            self.pull_in = Some(self.pull_in.unwrap_or(0) + jump);
        }
    }

    /// Moves due times along with a clock that was set. A due time farther ahead than its own
    /// interval becomes now.
    pub(super) async fn pull_in_overdue(&mut self, jump: i64) {
        let now = self.deliverer.clock.now();
        if jump != 0 {
            self.queue.unpause(now, false);
        }
        self.queue.look_at_all();
        let pulled = self.deliverer.store.write(move |transaction| {
            transaction.move_retries(jump, now)?;
            transaction.pull_in_overdue(now)
        });
        match pulled.await {
            Ok(_) => self.pull_in = None,
            Err(error) => {
                let message = "Due times could not be checked against the clock yet.";
                self.tell(Notice::warn(Module::Webhooks, message, error.cause()));
            }
        }
    }

    pub(super) fn network_changed(&mut self) {
        self.queue.unpause(self.deliverer.clock.now(), true);
        self.renew_connections();
    }

    /// A delivery that was queued after a change of the settings must go out under them, even if
    /// the change came while the loop was reading.
    pub(super) fn follow_changes(&mut self) {
        let MadeUnder { settings, roots } = &mut self.made_under;
        let changed =
            settings.has_changed().unwrap_or(false) || roots.has_changed().unwrap_or(false);
        if changed {
            self.renew_connections();
        }
    }

    /// Drops idle connections and applies the new trust roots and settings.
    pub(super) fn renew_connections(&mut self) {
        self.made_under.settings.mark_unchanged();
        self.made_under.roots.mark_unchanged();
        if let Some(http) = make_http(&self.deliverer) {
            self.http = http;
        }
    }
}

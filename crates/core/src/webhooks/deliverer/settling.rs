//! Settles attempts that ended: one write at a time, for all that ended meanwhile. An attempt that
//! cannot be settled is set aside and holds up no other.

use std::sync::Arc;

use super::super::attempt::Ended;
use super::super::round::{settle_all, settle_bare};
use super::{Aside, Run, STORE_BACKOFF, Settling};
use crate::model::clock::UnixMillis;
use crate::store::{Module, Notice, StoreError, Transaction, Verdict};

impl Run {
    /// Starts to settle attempts, unless a write is under way.
    pub(super) fn settle(&mut self) {
        if self.settling.is_some() || self.refused {
            return;
        }
        let (ended, bare) = match self.bare.pop() {
            Some(ended) => (vec![ended], true),
            None => (self.next_to_settle(), false),
        };
        if ended.is_empty() {
            return;
        }
        let (rows, now) = (ended.clone(), self.deliverer.clock.now());
        let write = if bare { settle_bare } else { settle_all };
        let work = move |transaction: &Transaction<'_>| write(transaction, &rows, now);
        let ticket = self.deliverer.store.write(work);
        self.settling = Some(Settling {
            ended,
            bare,
            ticket,
        });
    }

    fn next_to_settle(&mut self) -> Vec<Arc<Ended>> {
        if self.singly > 0 && !self.unsettled.is_empty() {
            self.singly -= 1;
            return vec![self.unsettled.remove(0)];
        }
        if !self.unsettled.is_empty() {
            return std::mem::take(&mut self.unsettled);
        }
        let now = self.deliverer.clock.monotonic();
        let due = self.aside.iter().position(|aside| aside.at <= now);
        due.map(|place| self.aside.swap_remove(place).ended)
            .into_iter()
            .collect()
    }

    /// Ends a write: its deliveries are no longer busy. If the store refused it, it is made again.
    pub(super) fn settled(&mut self, written: Result<(), StoreError>) {
        let Some(Settling { ended, bare, .. }) = self.settling.take() else {
            return;
        };
        match written {
            Ok(()) => {
                self.refusals = 0;
                let now = self.deliverer.clock.now();
                let busy = Arc::make_mut(&mut self.busy);
                for end in &ended {
                    busy.remove(&end.settlement.seq);
                    match end.settlement.verdict {
                        Verdict::RetryAt(at) => self.queue.waits(end.webhook_key, at, now),
                        Verdict::NotCounted => self.queue.waits(end.webhook_key, now, now),
                        Verdict::Delivered | Verdict::Dead => {}
                    }
                }
            }
            Err(error) => {
                let message = "The results of attempts could not be stored; retrying.";
                self.tell(Notice::warn(Module::Webhooks, message, error.cause()));
                if error.is_storage() {
                    self.unsettled.extend(ended);
                    self.refused = true;
                    self.refusals += 1;
                } else if ended.len() == 1 && !bare && matches!(error, StoreError::Damaged) {
                    self.bare.extend(ended);
                } else {
                    self.set_aside(ended);
                }
            }
        }
    }

    /// One of these attempts cannot be settled. A single one is set aside from now on; its slot is
    /// free, but its delivery is not attempted again before it is settled.
    fn set_aside(&mut self, mut ended: Vec<Arc<Ended>>) {
        if ended.len() > 1 {
            self.singly = ended.len();
            ended.append(&mut self.unsettled);
            self.unsettled = ended;
            return;
        }
        let at = self.deliverer.clock.monotonic() + STORE_BACKOFF.longest;
        let aside = ended.into_iter().map(|ended| Aside { ended, at });
        self.aside.extend(aside);
    }

    /// Returns when to try again to settle attempts that were set aside.
    pub(super) fn next_aside(&self) -> Option<UnixMillis> {
        let (now, monotonic) = (self.deliverer.clock.now(), self.deliverer.clock.monotonic());
        let next = self.aside.iter().map(|aside| aside.at).min();
        next.map(|at| now.plus(at.saturating_sub(monotonic)))
    }
}

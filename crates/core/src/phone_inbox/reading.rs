//! Reads the phone inbox, so that messages without a broadcast are not lost.
//!
//! A reading passes over the rows twice, a page at a time. It first matches rows and broadcasts by
//! the second of the service centre, then by the nearest time, and makes messages of the remaining
//! rows. Each page is one write, so a kill leaves whole pages behind, and the next reading
//! recognizes their rows. Memory: one page, and 32 bytes for every row
//! (`inbox_identity::Occurrences`).

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use super::page::{Offered, Page};
use super::{PhoneInboxReader, ReconcileError, Reconciled};
use crate::model::clock::UnixMillis;
use crate::model::inbox_identity::{self, Occurrences, RowName, Stage};
use crate::model::phone_store::{PhoneInbox, PhoneInboxError, PhoneRow, RowPage};
use crate::store::{MetaKey, Reader, Transaction};

/// How far back a reading looks: Android shows some messages hours late.
pub(crate) const LOOKS_BACK: Duration = Duration::from_secs(7 * 86_400);
/// Younger rows are left alone, because their broadcast may still come.
pub(crate) const SETTLED: Duration = Duration::from_secs(60);
/// The rows that are read and written at a time.
const PAGE: usize = 200;

/// The range of one reading.
pub(crate) struct Reading {
    /// It covers rows that the phone received since this time.
    pub since: UnixMillis,
    /// It covers rows that the phone received until this time.
    pub until: UnixMillis,
    /// Messages without an event get one if the phone received them since this time.
    pub tell_from: Option<UnixMillis>,
}

impl PhoneInboxReader {
    /// Reads the phone inbox for messages of the last seven days, at least a minute old, that no
    /// broadcast reported, and emits their events. Blocks on the phone and on the disk, so it must
    /// not be called inside an async runtime; it needs none. Calling it often is harmless: it finds
    /// a message once.
    pub fn reconcile(&self) -> Result<Reconciled, ReconcileError> {
        self.reconcile_unless(&|| false)
    }

    pub(crate) fn reconcile_unless(
        &self,
        stopped: &dyn Fn() -> bool,
    ) -> Result<Reconciled, ReconcileError> {
        let Some(phone) = &self.phone else {
            return Ok(Reconciled::default());
        };
        let tell_from = {
            // Two calls that see a new permission at once must agree on its time.
            let _one = self.one_reading();
            self.events_from(phone.as_ref())?
        };
        let now = self.clock.now();
        let reading = Reading {
            since: now.minus(LOOKS_BACK),
            until: now.minus(SETTLED),
            tell_from: Some(tell_from),
        };
        self.read_phone(&reading, stopped)
    }

    fn one_reading(&self) -> MutexGuard<'_, ()> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the time since which rows are events, kept in `meta`.
    fn events_from(&self, phone: &dyn PhoneInbox) -> Result<UnixMillis, ReconcileError> {
        let number = |key| {
            self.store
                .read_as(Reader::Loops, |snapshot| snapshot.meta_number(key))
                .map(|kept| kept.unwrap_or(0))
        };
        let keep = |key, value: i64| {
            let write =
                move |transaction: &Transaction<'_>| transaction.set_meta(key, &value.to_string());
            self.store.write(write).wait()
        };
        let was_refused = number(MetaKey::InboxRefused)? == 1;
        let asked_at = self.clock.now();
        let first_row = RowPage {
            since: asked_at,
            until: asked_at,
            after: None,
            limit: 1,
        };
        let answer = phone.rows(&first_row);
        // Read after the answer: a message that came in before the permission was known is no
        // event.
        let now = self.clock.now();
        match answer {
            // The permission may be granted a moment later; the next reading then sees its time.
            Err(error @ PhoneInboxError::NotAllowed) => {
                if !was_refused {
                    keep(MetaKey::InboxRefused, 1)?;
                }
                return Err(error.into());
            }
            Ok(_) if was_refused => {
                keep(MetaKey::InboxGrantedAt, now.0)?;
                keep(MetaKey::InboxRefused, 0)?;
                return Ok(now);
            }
            _ => {}
        }
        let granted = UnixMillis(number(MetaKey::InboxGrantedAt)?);
        let first = self.device.created_at().max(granted);
        let kept = number(MetaKey::InboxSetBackAt)?;
        let set_back = Some(UnixMillis(kept)).filter(|at| at.0 != 0);
        let (from, set_back_now) = inbox_identity::events_from(first, set_back, now);
        if set_back_now != set_back {
            keep(MetaKey::InboxSetBackAt, set_back_now.map_or(0, |at| at.0))?;
        }
        Ok(from)
    }

    /// Reads the phone inbox once; one reading at a time.
    pub(crate) fn read_phone(
        &self,
        reading: &Reading,
        stopped: &dyn Fn() -> bool,
    ) -> Result<Reconciled, ReconcileError> {
        let Some(phone) = &self.phone else {
            return Ok(Reconciled::default());
        };
        let _one = self.one_reading();
        let started_at = self
            .store
            .read_as(Reader::Loops, |snapshot| snapshot.last_message())?;
        let mut sum = Reconciled::default();
        for stage in [Stage::Second, Stage::Near] {
            let (since, until) = match stage {
                // Includes rows beside the range, so that they get the messages that a row in the
                // range might otherwise take.
                Stage::Second => (
                    reading.since.minus(2 * inbox_identity::NEAR),
                    reading.until.plus(2 * inbox_identity::NEAR),
                ),
                Stage::Near => (reading.since, reading.until),
            };
            let mut seen = Occurrences::default();
            let mut after = None;
            loop {
                if stopped() {
                    return Err(ReconcileError::Stopped);
                }
                let rows = phone.rows(&RowPage {
                    since,
                    until,
                    after,
                    limit: PAGE,
                })?;
                let Some(last) = rows.last().map(|row| (row.received_at, row.id)) else {
                    break;
                };
                let mut page = self.page(rows, &mut seen, reading);
                page.started_at = started_at;
                self.store
                    .read_as(Reader::Loops, |snapshot| page.narrow(snapshot, stage))?;
                if !page.rows.is_empty() {
                    let done = self.store.write(move |writing| page.write(writing, stage));
                    let done = done.wait()?;
                    sum.found += done.found;
                    sum.told += done.told;
                    if done.told > 0 {
                        (self.notify_deliverer)();
                    }
                }
                // If the phone returned the same row again, the reading would never end.
                if after.is_some_and(|before| last <= before) {
                    break;
                }
                after = Some(last);
            }
        }
        Ok(sum)
    }

    fn page(&self, rows: Vec<PhoneRow>, seen: &mut Occurrences, reading: &Reading) -> Page {
        let now = self.clock.now();
        let offered = rows.into_iter().map(|row| {
            let name = RowName {
                content_hash: inbox_identity::content_hash(row.sender.as_str(), &row.text),
                sent_at: row
                    .sent_at
                    .filter(|at| at.0 > 0)
                    .map(inbox_identity::second),
                received_at: row.received_at,
            };
            Offered {
                nth: seen.count(name),
                name,
                row,
            }
        });
        Page {
            rows: offered.collect(),
            candidates: Vec::new(),
            started_at: 0,
            last_seq: 0,
            tell_from: reading.tell_from,
            oldest: self
                .settings
                .borrow()
                .messages
                .lifetime()
                .map(|lifetime| now.minus(lifetime)),
            context: self.device.context(now),
        }
    }

    /// Returns why a reading or an export cannot read the phone inbox; `None` if it can.
    pub(crate) fn problem(&self) -> Option<PhoneInboxError> {
        let phone = self.phone.as_ref()?;
        let now = self.clock.now();
        let nothing = RowPage {
            since: now,
            until: now,
            after: None,
            limit: 1,
        };
        phone.rows(&nothing).err()
    }
}

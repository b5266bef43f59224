//! The phone's own message store, as a test fills it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use simrelay_core::PhoneNumber;
use simrelay_core::clock::UnixMillis;
use simrelay_core::phone_inbox::{PhoneInbox, PhoneInboxError, PhoneRow, RowPage};

use crate::lab::START;

/// A store that survives the gateway, as a phone's does.
#[derive(Debug, Default)]
pub struct PhoneStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rows: Vec<PhoneRow>,
    last_id: i64,
    problem: Option<PhoneInboxError>,
}

impl PhoneStore {
    /// An empty one.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a row, under the next number.
    pub fn add(&self, mut row: PhoneRow) -> i64 {
        let mut state = self.state();
        state.last_id += 1;
        row.id = state.last_id;
        state.rows.push(row);
        state.last_id
    }

    /// Takes a row away, as an SMS app does.
    pub fn delete(&self, id: i64) {
        self.state().rows.retain(|row| row.id != id);
    }

    /// When the phone received that row, if it is still there.
    pub fn received_at(&self, id: i64) -> Option<UnixMillis> {
        let state = self.state();
        let found = state.rows.iter().find(|row| row.id == id);
        found.map(|row| row.received_at)
    }

    /// Every reading fails like this from now on, or works again.
    pub fn fail(&self, problem: Option<PhoneInboxError>) {
        self.state().problem = problem;
    }
}

impl PhoneInbox for PhoneStore {
    fn rows(&self, page: &RowPage) -> Result<Vec<PhoneRow>, PhoneInboxError> {
        let state = self.state();
        if let Some(problem) = &state.problem {
            return Err(problem.clone());
        }
        let place = |row: &PhoneRow| (row.received_at, row.id);
        let wanted = state.rows.iter().filter(|row| {
            (page.since..=page.until).contains(&row.received_at)
                && page.after.is_none_or(|after| place(row) > after)
        });
        let mut rows: Vec<_> = wanted.cloned().collect();
        rows.sort_by_key(place);
        rows.truncate(page.limit);
        Ok(rows)
    }
}

/// A row from the guide's sender, sent and received so many seconds after the start of the test;
/// the phone gets it 500 ms after the service centre's second.
pub fn row(text: &str, seconds: i64) -> PhoneRow {
    let sent_at = UnixMillis(START.0 + seconds * 1000);
    PhoneRow {
        id: 0,
        sender: PhoneNumber::new("6505551212"),
        text: text.into(),
        sent_at: Some(sent_at),
        received_at: sent_at.plus(Duration::from_millis(500)),
        sim_number: Some(1),
    }
}

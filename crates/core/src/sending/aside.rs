//! The items that a round of the sender leaves out because they failed by themselves: a damaged
//! row, or a mistake of ours that one message brings out. The round runs again at once without the
//! item, so that it does not hold up the others, and with it after a while.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::StoreError;

/// A part of a round that can fail by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// Moving the times of sent messages after the clock was set.
    Jump,
    /// The modem's answer for a message and a recipient.
    Answer(String, u32),
    /// Pulling in deadlines that are too far ahead.
    Deadlines,
    /// Finding the recipients for which no result came in time.
    Overdue,
    /// One of them, by its message and number.
    Recipient(i64, u32),
    /// Finding the message that expired.
    Expired,
    /// Finding the scheduled messages whose time has come.
    Scheduled,
    /// Finding the next message.
    Queue,
    /// One message.
    Message(i64),
    /// Finding the next due time.
    Due,
}

/// The places that are left out, and the one where the round is.
#[derive(Clone, Debug, Default)]
pub(super) struct Aside {
    places: Arc<HashSet<Place>>,
    current: Arc<Mutex<Option<Place>>>,
}

impl Aside {
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn has(&self, place: &Place) -> bool {
        self.places.contains(place)
    }

    /// Does a part of the round, unless its place is left out.
    pub fn at<T: Default>(
        &self,
        place: Place,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.has(&place) {
            return Ok(T::default());
        }
        self.mark(place);
        work()
    }

    /// Marks the place to blame for a failure of the work that follows.
    pub fn mark(&self, place: Place) {
        self.set(Some(place));
    }

    /// Does work within another place; if it fails, no single place is to blame.
    pub fn of_all<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let before = self.take();
        let result = work()?;
        self.set(before);
        Ok(result)
    }

    /// Marks the end of the work; only the commit can fail now.
    pub fn ended(&self) {
        self.set(None);
    }

    /// Leaves out the place at which the round failed from now on. Returns false if no single place
    /// is to blame.
    pub fn blame(&mut self, error: &StoreError) -> bool {
        if !matches!(error, StoreError::Damaged | StoreError::Internal(_)) {
            return false;
        }
        let Some(place) = self.take() else {
            return false;
        };
        Arc::make_mut(&mut self.places).insert(place)
    }

    /// Stops leaving out anything.
    pub fn clear(&mut self) {
        Arc::make_mut(&mut self.places).clear();
    }

    fn set(&self, place: Option<Place>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }

    fn take(&self) -> Option<Place> {
        let mut current = self.current.lock();
        current.as_mut().map_or_else(
            |poisoned| poisoned.get_mut().take(),
            |current| current.take(),
        )
    }
}

//! What a round of the sender leaves out, because it failed by itself: a damaged row, or a mistake of
//! ours that one message brings out. The round is made again without it at once, so that it holds
//! none of the others, and with it after a while.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::StoreError;

/// A part of a round that can fail by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// The times of what was sent, after the clock was set.
    Jump,
    /// What the modem answered for a message and a recipient.
    Answer(String, u32),
    /// Deadlines that are too far ahead.
    Deadlines,
    /// Which recipients the modem had too long.
    Overdue,
    /// One of them, by its message and number.
    Recipient(i64, u32),
    /// Which message expired.
    Expired,
    /// Which messages have come to their time.
    Scheduled,
    /// Which message is next.
    Queue,
    /// One message.
    Message(i64),
    /// When something is due next.
    Due,
}

/// What is left out, and where the round is.
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

    /// Does a part of the round, unless it is left out.
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

    /// What follows is of this place.
    pub fn mark(&self, place: Place) {
        self.set(Some(place));
    }

    /// Does what no place is to blame for, in the midst of one.
    pub fn of_all<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let before = self.take();
        let result = work()?;
        self.set(before);
        Ok(result)
    }

    /// The round has done its part; what fails now is the commit.
    pub fn ended(&self) {
        self.set(None);
    }

    /// Leaves out what the round failed at from now on. False if nothing by itself is to blame.
    pub fn blame(&mut self, error: &StoreError) -> bool {
        if !matches!(error, StoreError::Damaged | StoreError::Internal(_)) {
            return false;
        }
        let Some(place) = self.take() else {
            return false;
        };
        Arc::make_mut(&mut self.places).insert(place)
    }

    /// Leaves out nothing any more.
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

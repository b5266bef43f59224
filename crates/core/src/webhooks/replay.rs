//! Decides which deliveries of a webhook a replay covers.

use jiff::tz::TimeZone;

use crate::model::clock::UnixMillis;
use crate::model::time_text;
use crate::store::DeliveryState;

/// Why nothing is replayed, as a sentence that says what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SelectionError {
    #[error("state must be dead, delivered or pending.")]
    State,
    #[error("since is required to replay delivered ones.")]
    NoSince,
    #[error("since must be a date and time such as 2024-06-22T15:46:11+07:00.")]
    Since,
}

/// Returns the state of the deliveries (dead if it is absent), and the time since which they were
/// queued (required for delivered ones, otherwise all). A `since` without a zone is in `zone`.
pub(crate) fn selection(
    state: Option<&str>,
    since: Option<&str>,
    zone: &TimeZone,
) -> Result<(DeliveryState, UnixMillis), SelectionError> {
    let state = match state {
        None | Some("dead") => DeliveryState::Dead,
        Some("delivered") => DeliveryState::Delivered,
        Some("pending") => DeliveryState::Pending,
        Some(_) => return Err(SelectionError::State),
    };
    let since = match since {
        Some(text) => time_text::parse(text, zone).ok_or(SelectionError::Since)?,
        None if state == DeliveryState::Delivered => return Err(SelectionError::NoSince),
        None => UnixMillis(i64::MIN),
    };
    Ok((state, since))
}

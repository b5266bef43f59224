//! What ended, as the store sees it.

use std::sync::Arc;

use super::attempt::Ended;
use crate::clock::UnixMillis;
use crate::store::{StoreError, Transaction};

/// The one transaction of what ended.
pub(super) fn settle_all(
    transaction: &Transaction<'_>,
    ended: &[Arc<Ended>],
    now: UnixMillis,
) -> Result<(), StoreError> {
    for end in ended {
        if transaction.settle(&end.settlement, now)? && !end.is_quiet() {
            transaction.log(&end.log)?;
        }
    }
    Ok(())
}

//! Writes the attempts that ended into the store.

use std::collections::HashMap;
use std::sync::Arc;

use super::attempt::Ended;
use crate::model::clock::UnixMillis;
use crate::store::{StoreError, Transaction, Verdict};

/// Settles all attempts that ended, in one transaction.
pub(super) fn settle_all(
    transaction: &Transaction<'_>,
    ended: &[Arc<Ended>],
    now: UnixMillis,
) -> Result<(), StoreError> {
    let mut latest = HashMap::new();
    for end in ended {
        let settled = transaction.settle(&end.settlement, now)?;
        if settled && end.settlement.verdict != Verdict::NotCounted {
            latest.insert(end.webhook_key, end.success);
        }
        if settled && !end.is_quiet() {
            transaction.log(&end.log)?;
        }
    }
    for (webhook_key, arrived) in latest {
        transaction.note_attempt(webhook_key, arrived, now)?;
    }
    Ok(())
}

/// Settles them without the records of the attempts, because those are damaged.
pub(super) fn settle_bare(
    transaction: &Transaction<'_>,
    ended: &[Arc<Ended>],
    now: UnixMillis,
) -> Result<(), StoreError> {
    let mut ended = ended.iter();
    ended.try_for_each(|end| transaction.end(&end.settlement, now).map(drop))
}

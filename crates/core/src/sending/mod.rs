//! Sending: what a client asks for ([`request`]), how a recipient goes on
//! ([`recipient_state`](crate::model::recipient_state), pure), when the next one goes ([`pacing`],
//! pure), and the loop that hands over ([`sender`]).
//!
//! A message is kept before its client is answered. A recipient's hand-over is committed *before* the
//! modem is called, so a crash can leave a message unsent but never sent twice: what was handed over
//! and not heard of fails with a reason that says so.

mod aside;
mod decrypt;
mod failure;
mod keep;
mod modem;
mod outbox;
mod pacing;
mod plan;
pub(crate) mod request;
mod round;
mod rules;
mod sender;

pub use crate::model::parts::MOST_PARTS;
pub use crate::model::recipient_state::{State, aggregate};
pub use failure::{Advice, SendError, SendFailure};
pub(crate) use keep::{Cancelled, cancel, keep};
pub use modem::{Accepted, Content, Modem, ModemEvents, NoModem, PartRef, PartResult, SendRequest};
pub(crate) use outbox::{apply_fact, note_sim};
pub use request::{Submission, SubmitError, Submitted, SubmittedContent};
pub(crate) use sender::{Sender, Signals};

pub use simrelay_pdu::split;
pub use simrelay_pdu::status_report::{Report, ReportError};

use std::time::Duration;

use crate::model::clock::UnixMillis;
use crate::store::{MetaKey, StoreError, Transaction};

/// How long the modem may take to tell of a message (protocol.md 3).
const RESULT_PATIENCE: Duration = Duration::from_secs(3_600);
/// How long after a reboot a result may still come.
const REBOOT_PATIENCE: Duration = Duration::from_secs(600);

/// At opening: what the modem had in its hands when the phone went down has ten minutes to be heard
/// of. `boot` names the phone's present boot; while it is the same only our process was gone, and
/// results still come.
pub(crate) fn note_boot(
    transaction: &Transaction<'_>,
    boot: &str,
    now: UnixMillis,
) -> Result<(), StoreError> {
    if transaction.snapshot().meta(MetaKey::Boot)?.as_deref() == Some(boot) {
        return Ok(());
    }
    transaction.interrupt_handed(now.plus(REBOOT_PATIENCE))?;
    transaction.set_meta(MetaKey::Boot, boot)
}

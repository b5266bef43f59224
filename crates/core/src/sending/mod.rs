//! Sending: the client's request ([`request`]), the states of a recipient
//! ([`recipient_state`](crate::model::recipient_state), pure), the time of the next message
//! ([`pacing`], pure), and the loop that hands messages to the modem ([`sender`]).
//!
//! A message is stored before its client is answered. A recipient's hand-over is committed *before*
//! the modem is called, so a crash can leave a message unsent but never sent twice: a recipient
//! without a result fails with a reason that says so.

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

/// How long the modem may take to report the result of a message (protocol.md 3).
const RESULT_PATIENCE: Duration = Duration::from_secs(3_600);
/// How long after a reboot a result may still come.
const REBOOT_PATIENCE: Duration = Duration::from_secs(600);

/// Runs at opening: gives recipients that the modem had when the phone went down ten minutes for a
/// result. `boot` names the phone's present boot; while it is the same, only our process was gone,
/// and results still come.
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

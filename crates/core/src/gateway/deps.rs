//! All side effects of the gateway outside its data directory, in one struct.

use std::sync::Arc;

use crate::loops::wake::{Desktop, Shell};
use crate::model::clock::{Clock, SystemClock};
use crate::model::device::DeviceState;
use crate::model::id;
use crate::model::phone_store::PhoneInbox;
use crate::sending::{Modem, NoModem};

/// The side effects, and the facts that the shell knows at the beginning.
#[derive(Clone, Debug)]
pub struct Deps {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The present state of the phone; the gateway's inbound methods report changes.
    pub device: DeviceState,
    /// The shell's side of wake-ups.
    pub shell: Arc<dyn Shell>,
    /// The modem that sends messages.
    pub modem: Arc<dyn Modem>,
    /// Names the phone's present boot (Android: its boot count). As long as it is the same, only
    /// our process was gone, and the modem still reports results of messages that it got before.
    pub boot: String,
    /// The phone inbox, if there is one to read.
    pub inbox: Option<Arc<dyn PhoneInbox>>,
}

impl Deps {
    /// Returns the dependencies of production on a machine that does not sleep and has no modem.
    /// Every start counts as a boot.
    pub fn system(device: DeviceState) -> Self {
        Self {
            clock: Arc::new(SystemClock::default()),
            device,
            shell: Arc::new(Desktop),
            modem: Arc::new(NoModem),
            boot: id::fresh(),
            inbox: None,
        }
    }
}

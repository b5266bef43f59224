//! Everything the gateway does to the world outside its data directory, in one struct.

use std::sync::Arc;

use crate::loops::wake::{Desktop, Shell};
use crate::model::clock::{Clock, SystemClock};
use crate::model::device::DeviceState;
use crate::model::id;
use crate::model::phone_store::PhoneInbox;
use crate::sending::{Modem, NoModem};

/// The side effects, and what the shell knows at the beginning.
#[derive(Clone, Debug)]
pub struct Deps {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The phone as it is now; changes are told by the gateway's inbound methods.
    pub device: DeviceState,
    /// Who wakes the gateway up.
    pub shell: Arc<dyn Shell>,
    /// What sends messages.
    pub modem: Arc<dyn Modem>,
    /// Names the phone's present boot (Android: its boot count): as long as it is the same, only our
    /// process was gone, and the modem still tells of what it was given before.
    pub boot: String,
    /// The phone's own message store, if there is one to read.
    pub inbox: Option<Arc<dyn PhoneInbox>>,
}

impl Deps {
    /// The dependencies of production on a machine that does not sleep and has no modem. Every start
    /// counts as a boot.
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

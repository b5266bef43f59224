//! Everything the gateway does to the world outside its data directory, in one struct.

use std::fmt;
use std::sync::Arc;

use crate::model::clock::{Clock, SystemClock, UnixMillis};
use crate::model::device::DeviceState;
use crate::model::id;
use crate::receiving::PhoneInbox;
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

/// What the gateway asks of the shell around it. Both are told only on change and once after every
/// start, on a thread of the runtime or of an inbound method; neither may block.
pub trait Shell: Send + Sync + fmt::Debug + 'static {
    /// Whether this shell calls [`Gateway::clock_changed`](crate::Gateway::clock_changed) at the
    /// time it was asked for and whenever the wall clock is set. If not, the gateway looks at the
    /// clock every 30 s by itself.
    fn wakes(&self) -> bool;

    /// The next time at which something is due; `None` when nothing waits for a time. A stop leaves
    /// it as it stands, because what is due stays due.
    fn schedule_wake(&self, at: Option<UnixMillis>);

    /// Deliveries are in flight, or due so soon that going to sleep before is not worth it.
    fn deliveries_pending(&self, pending: bool);
}

/// A machine that does not sleep: there is nothing to ask for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Desktop;

impl Shell for Desktop {
    fn wakes(&self) -> bool {
        false
    }

    fn schedule_wake(&self, _: Option<UnixMillis>) {}

    fn deliveries_pending(&self, _: bool) {}
}

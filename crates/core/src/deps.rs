//! Everything the gateway does to the world outside its data directory, in one struct.

use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::device::DeviceState;

/// The side effects, and what the shell knows at the beginning.
#[derive(Clone, Debug)]
pub struct Deps {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The phone as it is now; changes are told by the gateway's inbound methods.
    pub device: DeviceState,
}

impl Deps {
    /// The dependencies of production.
    pub fn system(device: DeviceState) -> Self {
        Self {
            clock: Arc::new(SystemClock::default()),
            device,
        }
    }
}

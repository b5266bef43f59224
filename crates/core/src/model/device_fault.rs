//! Faults of the device itself, which are no fault of a receiver.

use std::io;

/// A missing resource of the device, as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeviceFault {
    /// No file descriptor is left in this process or in the system.
    #[error("This device has no file descriptors left for a connection.")]
    Descriptors,
    /// No memory, no buffer or no thread is left.
    #[error("This device has no memory left for a connection.")]
    Memory,
    /// No local port is left.
    #[error("This device has no local ports left for a connection.")]
    Ports,
    /// The system does not allow this program to connect.
    #[error("This device does not let the gateway open connections.")]
    Permission,
}

impl DeviceFault {
    /// Returns the device fault behind a system error, or `None` if it is not a fault of the
    /// device.
    pub fn of(error: &io::Error) -> Option<Self> {
        match error.raw_os_error()? {
            libc::EMFILE | libc::ENFILE => Some(Self::Descriptors),
            libc::ENOMEM | libc::ENOBUFS => Some(Self::Memory),
            libc::EADDRNOTAVAIL => Some(Self::Ports),
            libc::EACCES | libc::EPERM => Some(Self::Permission),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_fault_is_distinguished_from_a_fault_of_the_receiver() {
        use DeviceFault::{Descriptors, Memory, Permission, Ports};
        for (code, expected) in [
            (libc::EMFILE, Some(Descriptors)),
            (libc::ENFILE, Some(Descriptors)),
            (libc::ENOMEM, Some(Memory)),
            (libc::ENOBUFS, Some(Memory)),
            (libc::EADDRNOTAVAIL, Some(Ports)),
            (libc::EACCES, Some(Permission)),
            (libc::EPERM, Some(Permission)),
            (libc::ECONNREFUSED, None),
            (libc::ENETUNREACH, None),
            (libc::ECONNRESET, None),
        ] {
            let found = DeviceFault::of(&io::Error::from_raw_os_error(code));
            assert_eq!(found, expected, "{code}");
        }
        let of_ours = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(DeviceFault::of(&of_ours), None);
    }
}

//! Looks up the addresses of a name with the system's resolver.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind};

use socket2::{Domain, Socket, Type};

use crate::model::device_fault::DeviceFault;

/// A lookup opens a few descriptors at a time: system files, and sockets to the name servers.
const DESCRIPTORS: usize = 8;

/// Why a lookup failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LookupError {
    NotFound,
    Device(DeviceFault),
}

/// Returns the addresses of a name with this port, at least one.
pub(super) async fn lookup(name: &str, port: u16) -> Result<Vec<SocketAddr>, LookupError> {
    let name = name.to_owned();
    let look = move || (name.as_str(), port).to_socket_addrs();
    // Tokio panics here if the system cannot start another thread.
    let looking = catch_unwind(AssertUnwindSafe(|| tokio::task::spawn_blocking(look)))
        .map_err(|_| LookupError::Device(DeviceFault::Memory))?;
    let found = match looking.await {
        Ok(found) => found,
        Err(_) => return Err(LookupError::NotFound),
    };
    match found {
        Ok(addresses) => {
            let addresses: Vec<_> = addresses.collect();
            match addresses.is_empty() {
                true => Err(LookupError::NotFound),
                false => Ok(addresses),
            }
        }
        Err(error) => Err(why(&error)),
    }
}

/// Returns why a lookup failed. A resolver that cannot open its files and sockets says that the
/// name is unknown, so that answer is only believed if they could be opened.
fn why(error: &io::Error) -> LookupError {
    let opened: io::Result<Vec<Socket>> = (0..DESCRIPTORS)
        .map(|_| Socket::new(Domain::IPV4, Type::DGRAM, None))
        .collect();
    let fault = DeviceFault::of(error).or_else(|| DeviceFault::of(&opened.err()?));
    fault.map_or(LookupError::NotFound, LookupError::Device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lookup_returns_addresses_or_not_found() {
        let found = lookup("localhost", 80).await.unwrap();
        assert!(
            found
                .iter()
                .all(|at| at.ip().is_loopback() && at.port() == 80)
        );
        let unknown = lookup("no-such-host.invalid", 80).await;
        assert_eq!(unknown, Err(LookupError::NotFound));
    }

    #[test]
    fn lookup_without_memory_is_a_fault_of_the_device() {
        let error = io::Error::from_raw_os_error(libc::ENOMEM);
        assert_eq!(why(&error), LookupError::Device(DeviceFault::Memory));
    }
}

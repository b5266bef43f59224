//! Name resolution that knows the rules for receivers without TLS.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::url_rules::address_may_go_without_tls;
use crate::settings::AllowHttp;

/// The name was not found. A type of our own, so that nobody has to look at error texts.
#[derive(Debug, thiserror::Error)]
#[error("the name was not found")]
pub(super) struct NameNotFound;

/// The name resolves to an address to which plain HTTP may not go.
#[derive(Debug, thiserror::Error)]
#[error("plain HTTP is not allowed to this address")]
pub(super) struct AddressNotAllowed;

/// Resolves names by the system; where `only` is given, every address must be allowed by it.
#[derive(Debug)]
pub(super) struct Resolver {
    pub only: Option<AllowHttp>,
}

/// Why a name leads nowhere.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    #[error(transparent)]
    NotFound(#[from] NameNotFound),
    #[error(transparent)]
    NotAllowed(#[from] AddressNotAllowed),
}

impl Resolver {
    /// The addresses of a name, with this port; at least one.
    pub async fn lookup(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        let found = tokio::net::lookup_host((name, port)).await;
        let addresses: Vec<SocketAddr> = found.map_err(|_| NameNotFound)?.collect();
        if addresses.is_empty() {
            return Err(NameNotFound.into());
        }
        let allowed = |address: &SocketAddr| {
            self.only
                .is_none_or(|allow| address_may_go_without_tls(address.ip(), allow))
        };
        if !addresses.iter().all(allowed) {
            return Err(AddressNotAllowed.into());
        }
        Ok(addresses)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let only = self.only;
        Box::pin(async move {
            let addresses = Self { only }.lookup(name.as_str(), 0).await;
            match addresses {
                Ok(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
                // The bare causes, so that they are found by their types.
                Err(ResolveError::NotFound(error)) => Err(error.into()),
                Err(ResolveError::NotAllowed(error)) => Err(error.into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolve(name: &str, only: Option<AllowHttp>) -> Result<usize, String> {
        let found = Resolver { only }.resolve(name.parse().unwrap()).await;
        found
            .map(Iterator::count)
            .map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn every_address_of_a_name_must_be_allowed_without_tls() {
        let refused = Err(AddressNotAllowed.to_string());
        let check = async |name, allow, expected: Result<usize, String>| {
            assert_eq!(resolve(name, Some(allow)).await, expected, "{name}");
        };
        check("127.0.0.1", AllowHttp::Loopback, Ok(1)).await;
        check("192.168.0.1", AllowHttp::Loopback, refused.clone()).await;
        check("192.168.0.1", AllowHttp::Private, Ok(1)).await;
        check("8.8.8.8", AllowHttp::Private, refused).await;
        check("8.8.8.8", AllowHttp::Any, Ok(1)).await;
        assert_eq!(resolve("8.8.8.8", None).await, Ok(1));
        assert!(
            resolve("localhost", Some(AllowHttp::Loopback))
                .await
                .is_ok()
        );
        let unknown = resolve("no-such-host.invalid", None).await;
        assert_eq!(unknown, Err(NameNotFound.to_string()));
    }
}

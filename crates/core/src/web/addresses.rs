//! Finds the addresses at which clients reach the gateway.
//!
//! Cost of finding the device's own addresses: two sockets that send nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

use url::{Host, Url};

/// The addresses where the server listens.
#[derive(Clone)]
pub(crate) struct Listening(pub Arc<[SocketAddr]>);

/// Returns the addresses to show. `host` is the name by which the browser came here. If only the
/// device itself can use that name, returns instead the device's addresses from `own` on which the
/// server listens.
pub(super) fn addresses(
    host: &str,
    listening: &[SocketAddr],
    own: impl FnOnce() -> Vec<IpAddr>,
) -> Vec<String> {
    let came = vec![format!("http://{host}")];
    if !is_loopback(host) || listening.iter().all(|at| at.ip().is_loopback()) {
        return came;
    }
    let own = own();
    let mut found: Vec<String> = Vec::new();
    for at in listening {
        let anywhere = at.ip().is_unspecified();
        // A socket for IPv6 takes IPv4 too.
        let fits = |ip: &&IpAddr| at.is_ipv6() || ip.is_ipv4();
        let there = own.iter().filter(fits).map(|ip| (*ip, at.port()));
        let alone = (!anywhere && !at.ip().is_loopback()).then_some((at.ip(), at.port()));
        let all = there.filter(|_| anywhere).chain(alone);
        found.extend(all.map(|at| format!("http://{}", SocketAddr::from(at))));
    }
    found.sort();
    found.dedup();
    if found.is_empty() { came } else { found }
}

/// Returns the addresses from which the device would send to the internet. The destinations are
/// reserved for documentation (RFC 5737, RFC 3849), and connecting a datagram socket sends nothing.
pub(super) fn own() -> Vec<IpAddr> {
    let ways: [(IpAddr, &str); 2] = [
        (Ipv4Addr::UNSPECIFIED.into(), "192.0.2.1:9"),
        (Ipv6Addr::UNSPECIFIED.into(), "[2001:db8::1]:9"),
    ];
    let by = |(from, to): (IpAddr, &str)| {
        let socket = UdpSocket::bind((from, 0)).ok()?;
        socket.connect(to).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    let usable = |ip: &IpAddr| !ip.is_loopback() && !ip.is_unspecified();
    ways.into_iter().filter_map(by).filter(usable).collect()
}

fn is_loopback(host: &str) -> bool {
    let url = Url::parse(&format!("http://{host}"));
    match url.as_ref().map(Url::host) {
        Ok(Some(Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Some(Host::Ipv4(ip))) => ip.is_loopback(),
        Ok(Some(Host::Ipv6(ip))) => IpAddr::from(ip).to_canonical().is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_here_from_other_devices() {
        let own = || {
            vec![
                "192.168.1.5".parse().unwrap(),
                "2001:db8::5".parse().unwrap(),
            ]
        };
        for (host, listening, expected) in [
            ("192.168.1.5:8080", "[::]:8080", "http://192.168.1.5:8080"),
            ("phone.local:8080", "[::]:8080", "http://phone.local:8080"),
            (
                "127.0.0.1:8080",
                "[::]:8080",
                "http://192.168.1.5:8080 http://[2001:db8::5]:8080",
            ),
            ("localhost:9", "0.0.0.0:8080", "http://192.168.1.5:8080"),
            ("[::1]:8080", "192.168.7.7:80", "http://192.168.7.7:80"),
            ("a.localhost", "127.0.0.1:80", "http://a.localhost"),
            ("127.0.0.1:80", "[::1]:80", "http://127.0.0.1:80"),
            ("", "[::]:8080", "http://"),
        ] {
            let listening = [listening.parse().unwrap()];
            let told = addresses(host, &listening, own);
            assert_eq!(told.join(" "), expected, "{host} {listening:?}");
        }
        // Without a network there is nothing better to show.
        let anywhere = ["[::]:8080".parse().unwrap()];
        let told = addresses("localhost:8080", &anywhere, Vec::new);
        assert_eq!(told, ["http://localhost:8080"]);
        assert!(super::own().iter().all(|ip| !ip.is_loopback()));
    }
}

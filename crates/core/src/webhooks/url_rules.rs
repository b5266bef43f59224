//! Which URLs a webhook may have (protocol.md 1.4, Webhook).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::settings::AllowHttp;

/// The longest URL that is taken.
const MAX_LENGTH: usize = 2048;

/// Why a URL was refused, as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is too long.
    #[error("url must have at most 2048 characters.")]
    TooLong,
    /// It holds what no URL holds.
    #[error("url must not hold spaces or control characters.")]
    Spaces,
    /// It is none.
    #[error("url must be a full URL such as https://example.com/webhook.")]
    Incomplete,
    /// It goes in clear to where the owner does not allow it.
    #[error(
        "url must begin with https://. Plain http:// goes only to this device itself \
         (127.0.0.1, localhost) unless the owner sets webhooks.allow_http."
    )]
    NeedsTls,
    /// Neither `https://` nor `http://`, or no host.
    #[error("url must begin with https:// and name a host.")]
    Scheme,
}

impl UrlError {
    /// The same as a word that never changes.
    pub(crate) fn cause(self) -> &'static str {
        match self {
            Self::TooLong => "url-long",
            Self::Spaces => "url-spaces",
            Self::Incomplete => "url-incomplete",
            Self::NeedsTls => "url-tls",
            Self::Scheme => "url-scheme",
        }
    }
}

/// Checks the URL of a registration.
pub(super) fn check(text: &str, allow_http: AllowHttp) -> Result<Url, UrlError> {
    if text.len() > MAX_LENGTH {
        return Err(UrlError::TooLong);
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(UrlError::Spaces);
    }
    let url = Url::parse(text).map_err(|_| UrlError::Incomplete)?;
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => Ok(url),
        ("http", Some(host)) if host_may_go_without_tls(&host, allow_http) => Ok(url),
        ("http", Some(_)) => Err(UrlError::NeedsTls),
        _ => Err(UrlError::Scheme),
    }
}

/// Whether a URL may be tried without TLS as far as its host alone tells. A name passes in
/// `private`: every attempt checks the addresses it resolves to.
pub(super) fn host_may_go_without_tls(host: &Host<&str>, allow_http: AllowHttp) -> bool {
    match (allow_http, host) {
        (AllowHttp::Any, _) | (AllowHttp::Private, Host::Domain(_)) => true,
        (AllowHttp::Loopback, Host::Domain(name)) => {
            name.trim_end_matches('.').eq_ignore_ascii_case("localhost")
        }
        (_, Host::Ipv4(address)) => address_may_go_without_tls((*address).into(), allow_http),
        (_, Host::Ipv6(address)) => address_may_go_without_tls((*address).into(), allow_http),
    }
}

/// Whether a connection without TLS may be made to this address.
pub(super) fn address_may_go_without_tls(address: IpAddr, allow_http: AllowHttp) -> bool {
    let address = address.to_canonical();
    match allow_http {
        AllowHttp::Any => true,
        AllowHttp::Loopback => address.is_loopback(),
        AllowHttp::Private => address.is_loopback() || is_private(address),
    }
}

/// RFC 1918, fc00::/7 and link-local.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => Ipv4Addr::is_private(&address) || address.is_link_local(),
        IpAddr::V6(address) => {
            Ipv6Addr::is_unique_local(&address) || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_takes_what_the_owner_allows() {
        use AllowHttp::{Any, Loopback, Private};
        for (text, loopback, private, any) in [
            ("https://example.com/hook?key=1", true, true, true),
            ("HTTPS://EXAMPLE.com", true, true, true),
            ("https://user:pw@10.0.0.1:8443/x", true, true, true),
            ("https://[::1]/", true, true, true),
            ("http://127.0.0.1:9000/", true, true, true),
            ("http://127.9.9.9/", true, true, true),
            ("http://[::1]:9000", true, true, true),
            ("http://[::ffff:127.0.0.1]:9000", true, true, true),
            ("http://localhost/", true, true, true),
            ("http://LOCALHOST./", true, true, true),
            ("http://localhost.example.com/", false, true, true),
            ("http://192.168.1.5/", false, true, true),
            ("http://[fd00::1]/", false, true, true),
            ("http://[fe80::1]/", false, true, true),
            ("http://nas.local/", false, true, true),
            ("http://8.8.8.8/", false, false, true),
            ("http://[2001:db8::1]/", false, false, true),
            ("https://", false, false, false),
            ("https:///path", true, true, true), // WHATWG: the host is "path"
            ("ftp://example.com/", false, false, false),
            ("example.com/hook", false, false, false),
            ("https://exa mple.com/", false, false, false),
            ("", false, false, false),
        ] {
            let taken = [Loopback, Private, Any].map(|allow| check(text, allow).is_ok());
            assert_eq!(taken, [loopback, private, any], "{text}");
        }
        assert!(check(&format!("https://example.com/{}", "a".repeat(2048)), Any).is_err());
    }
}

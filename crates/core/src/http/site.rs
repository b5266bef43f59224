//! The rule against cross-site requests: a request that a browser sends for another site changes
//! nothing here.
//!
//! For any page, a browser adds its own access to a request (Basic credentials, addresses that only
//! it reaches), and a page may submit a form anywhere. But a script cannot hide the origin of a
//! request: the browser sends it in `Sec-Fetch-Site`, and in `Origin` with every POST, and no
//! script can set these. Other programs send neither.
//!
//! The rule applies before all routes ([`crate::server`]), including those of the shell and of the
//! page.

use axum::http::{HeaderMap, HeaderValue, header};
use url::Url;

/// The origin of a request, as far as its headers show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// A page of ours.
    Ours,
    /// Another page, or a document without an origin.
    Elsewhere,
    /// The headers show nothing: the client is no browser, or an old one.
    Untold,
}

/// Returns the origin of a request. One header that names another site is enough.
pub(crate) fn site_of(headers: &HeaderMap) -> Site {
    let host = headers.get(header::HOST).and_then(text).unwrap_or_default();
    let fetched = headers.get_all("sec-fetch-site").iter();
    // `none` means the visitor himself, by an address or a bookmark; `same-site` means another port
    // or name.
    let by_fetch = fetched.map(|value| match text(value) {
        Some("same-origin") => Site::Ours,
        Some("none") => Site::Untold,
        _ => Site::Elsewhere,
    });
    let origins = headers.get_all(header::ORIGIN).iter();
    let by_origin = origins.map(|value| match text(value) {
        Some(origin) if is_ours(origin, host) => Site::Ours,
        _ => Site::Elsewhere,
    });
    by_fetch.chain(by_origin).fold(Site::Untold, worse)
}

fn worse(one: Site, other: Site) -> Site {
    match (one, other) {
        (Site::Elsewhere, _) | (_, Site::Elsewhere) => Site::Elsewhere,
        (Site::Ours, _) | (_, Site::Ours) => Site::Ours,
        _ => Site::Untold,
    }
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// Returns whether the origin has the name and port by which the browser reached us. The scheme is
/// taken from the origin, because a proxy that ends TLS changes it.
fn is_ours(origin: &str, host: &str) -> bool {
    let Ok(url) = Url::parse(origin) else {
        return false;
    };
    let Ok(ours) = Url::parse(&format!("{}://{host}", url.scheme())) else {
        return false;
    };
    matches!(url.scheme(), "http" | "https") && !host.is_empty() && url.origin() == ours.origin()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origins: &[&str], fetched: &[&str], host: &str, expected: Site) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        for origin in origins {
            headers.append(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        for site in fetched {
            headers.append("sec-fetch-site", HeaderValue::from_str(site).unwrap());
        }
        assert_eq!(
            site_of(&headers),
            expected,
            "{origins:?} {fetched:?} {host}"
        );
    }

    #[test]
    fn origin_is_ours_by_name_and_port() {
        for (origin, host, expected) in [
            ("http://192.168.1.5:8080", "192.168.1.5:8080", Site::Ours),
            ("http://[::1]:8080", "[::1]:8080", Site::Ours),
            ("https://gateway.example", "gateway.example", Site::Ours),
            ("http://localhost", "localhost:80", Site::Ours),
            (
                "http://192.168.1.5:8081",
                "192.168.1.5:8080",
                Site::Elsewhere,
            ),
            ("http://evil.example", "192.168.1.5:8080", Site::Elsewhere),
            ("null", "192.168.1.5:8080", Site::Elsewhere),
            (
                "file://192.168.1.5:8080",
                "192.168.1.5:8080",
                Site::Elsewhere,
            ),
            (
                "chrome-extension://abc",
                "192.168.1.5:8080",
                Site::Elsewhere,
            ),
            ("", "192.168.1.5:8080", Site::Elsewhere),
            ("", "", Site::Elsewhere),
        ] {
            check(&[origin], &[], host, expected);
        }
    }

    #[test]
    fn site_is_elsewhere_if_one_header_says_so() {
        let ours = "http://gateway";
        for (origins, fetched, expected) in [
            (&[][..], &[][..], Site::Untold),
            (&[], &["none"], Site::Untold),
            (&[], &["same-origin"], Site::Ours),
            (&[], &["same-site"], Site::Elsewhere),
            (&[], &["cross-site"], Site::Elsewhere),
            (&[], &["anything"], Site::Elsewhere),
            (&[ours], &["none"], Site::Ours),
            (&[ours], &["same-site"], Site::Elsewhere),
            (&["http://evil.example"], &["same-origin"], Site::Elsewhere),
            (&[ours, "http://evil.example"], &[], Site::Elsewhere),
            (&[], &["same-origin", "cross-site"], Site::Elsewhere),
        ] {
            check(origins, fetched, "gateway", expected);
        }
    }
}

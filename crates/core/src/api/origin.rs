//! The rule against foreign web pages: what a browser sends for another site changes nothing here.
//!
//! A browser adds what it knows of its visitor (Basic credentials, addresses that only he reaches) to
//! the requests of every page, and a form needs nobody's leave to be sent. What it cannot hide is
//! where the request comes from: in `Sec-Fetch-Site`, and in `Origin` with every POST, which no script
//! can set. Programs send neither.
//!
//! The rule stands before all routes, those of the shell and of the page included.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::{ApiError, ApiState};

/// Where a request comes from, as far as its headers tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// A page of ours.
    Ours,
    /// Another page, or a document without an origin.
    Elsewhere,
    /// The headers say nothing: no browser, or an old one.
    Untold,
}

/// Where a request comes from. If one header says elsewhere, it is.
pub(crate) fn site_of(headers: &HeaderMap) -> Site {
    let host = headers.get(header::HOST).and_then(text).unwrap_or_default();
    let fetched = headers.get_all("sec-fetch-site").iter();
    // `none` is the visitor himself, by an address or a bookmark; `same-site` is another port or name.
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

/// Whether the origin has the name and the port by which the browser reached us. A proxy that ends
/// TLS changes the scheme, so that is the origin's.
fn is_ours(origin: &str, host: &str) -> bool {
    let Ok(url) = Url::parse(origin) else {
        return false;
    };
    let Ok(ours) = Url::parse(&format!("{}://{host}", url.scheme())) else {
        return false;
    };
    matches!(url.scheme(), "http" | "https") && !host.is_empty() && url.origin() == ours.origin()
}

/// Refuses what would change something and comes from elsewhere, whatever credentials it carries.
pub(super) fn refusal(state: &ApiState, request: &Request) -> Option<Response> {
    if request.method().is_safe() || site_of(request.headers()) != Site::Elsewhere {
        return None;
    }
    if super::is_of_page(request.uri().path()) {
        return Some(crate::web::refuse_elsewhere(request.headers(), &state.web));
    }
    let refused = ApiError::new(
        StatusCode::FORBIDDEN,
        "This request comes from a web page of another site (Origin or Sec-Fetch-Site), which must not change anything here. Send it from a program, or from this gateway's own page.",
    );
    Some(refused.into_response())
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
    fn an_origin_is_ours_by_name_and_port() {
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
    fn one_header_that_says_elsewhere_is_enough() {
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

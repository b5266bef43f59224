//! The rules for webhook URLs (protocol.md 1.4, Webhook).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use percent_encoding::percent_decode_str;
use url::{Host, ParseError, Url};

use crate::settings::AllowHttp;

/// The longest URL that is accepted.
const MAX_LENGTH: usize = 2048;

/// Why a URL was refused, as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is too long.
    #[error("url must have at most 2048 characters.")]
    TooLong,
    /// It holds characters that no URL may hold.
    #[error("url must not contain spaces, control characters or invisible characters.")]
    Spaces,
    /// It is not a complete URL.
    #[error("url must be a full URL such as https://example.com/webhook.")]
    Incomplete,
    /// It uses plain http:// to a host for which the owner does not allow that.
    #[error(
        "url must begin with https://. Plain http:// is allowed only to this device itself \
         (127.0.0.1, localhost), unless the owner sets webhooks.allow_http."
    )]
    NeedsTls,
    /// It has neither `https://` nor `http://`, or no host.
    #[error("url must begin with https:// and name a host.")]
    Scheme,
    /// It holds a `#`.
    #[error(
        "url must not contain #: nothing after it is ever sent. Leave it out, or write %23 if it \
         belongs to the path or the query."
    )]
    Fragment,
    /// It holds a backslash, which clients treat as a slash.
    #[error("url must not contain a backslash. Write / or %5C.")]
    Backslash,
    /// The user or password cannot be sent as it is.
    #[error(
        "The user and password in url must be UTF-8 text once %XX is decoded, without \
         control characters, and the user without a colon."
    )]
    Login,
    /// The port does not exist.
    #[error("The port in url must be a number from 1 to 65535.")]
    Port,
    /// The host is written in another form than it would be requested.
    #[error(
        "The host in url cannot be used in this form. Write a name, an IPv4 address such as \
         192.168.1.50, or an IPv6 address in brackets without a zone."
    )]
    Host,
    /// It has `.` or `..` between slashes, which clients resolve before the request.
    #[error(
        "The path in url must not have . or .. between slashes. Write the path that they lead to."
    )]
    Dots,
}

impl UrlError {
    /// Returns the reason as a word that never changes.
    pub(crate) fn cause(self) -> &'static str {
        match self {
            Self::TooLong => "url-long",
            Self::Spaces => "url-spaces",
            Self::Incomplete => "url-incomplete",
            Self::NeedsTls => "url-tls",
            Self::Scheme => "url-scheme",
            Self::Fragment => "url-fragment",
            Self::Backslash => "url-backslash",
            Self::Login => "url-login",
            Self::Port => "url-port",
            Self::Host => "url-host",
            Self::Dots => "url-dots",
        }
    }

    /// One error of every kind, for tests that check all of them.
    #[cfg(test)]
    pub(crate) const EVERY: [Self; 11] = [
        Self::TooLong,
        Self::Spaces,
        Self::Incomplete,
        Self::NeedsTls,
        Self::Scheme,
        Self::Fragment,
        Self::Backslash,
        Self::Login,
        Self::Port,
        Self::Host,
        Self::Dots,
    ];
}

/// Checks the URL of a registration: an accepted URL is requested exactly as it is written. These
/// differences do not matter: the case of scheme and host, a port that is the scheme's default, an
/// empty path, and characters that every client encodes as %XX (all that a browser accepts in a
/// path or query, except spaces).
pub(crate) fn check(text: &str, allow_http: AllowHttp) -> Result<Url, UrlError> {
    if text.chars().count() > MAX_LENGTH {
        return Err(UrlError::TooLong);
    }
    if text.chars().any(never_stands_in_a_url) {
        return Err(UrlError::Spaces);
    }
    let Written { host, port, path } = Written::read(text)?;
    if text.contains('#') {
        return Err(UrlError::Fragment);
    }
    if text.contains('\\') {
        return Err(UrlError::Backslash);
    }
    let url = Url::parse(text).map_err(of_parser)?;
    if !is_requested_as_written(&url, host) {
        return Err(UrlError::Host);
    }
    if port.is_some_and(|port| port.parse() == Ok(0_u16)) {
        return Err(UrlError::Port);
    }
    if !login_can_be_sent(&url) {
        return Err(UrlError::Login);
    }
    if path.split('/').any(is_dots) {
        return Err(UrlError::Dots);
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => Ok(url),
        ("http", Some(host)) if host_may_go_without_tls(&host, allow_http) => Ok(url),
        ("http", Some(_)) => Err(UrlError::NeedsTls),
        _ => Err(UrlError::Scheme),
    }
}

/// Returns the URL that an attempt for a webhook requests. A URL that was registered under older
/// rules works as before, unless the request would go to the wrong place: `#/` and `#!` begin a
/// path within the receiver's page, and the SMS would go to its front page.
pub(crate) fn to_request(text: &str) -> Result<Url, UrlError> {
    Written::read(text)?;
    let url = Url::parse(text).map_err(of_parser)?;
    if url
        .fragment()
        .is_some_and(|fragment| fragment.starts_with(['/', '!']))
    {
        return Err(UrlError::Fragment);
    }
    if !login_can_be_sent(&url) {
        return Err(UrlError::Login);
    }
    Ok(url)
}

/// The parts of a URL as they were written.
struct Written<'a> {
    host: &'a str,
    port: Option<&'a str>,
    path: &'a str,
}

impl<'a> Written<'a> {
    /// Splits a URL by RFC 3986, 3. A browser's parser would also accept `https:x` and `https:///x`
    /// for the host `x`.
    fn read(text: &'a str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once(':').ok_or(UrlError::Incomplete)?;
        let known = ["http", "https"].map(|known| scheme.eq_ignore_ascii_case(known));
        let rest = rest.strip_prefix("//").filter(|_| known.contains(&true));
        let rest = rest.ok_or(UrlError::Scheme)?;
        if rest.is_empty() {
            return Err(UrlError::Incomplete);
        }
        let end = |text: &str, marks: &[char]| text.find(marks).unwrap_or(text.len());
        let (authority, rest) = rest.split_at(end(rest, &['/', '\\', '?', '#']));
        let path = rest.split_at(end(rest, &['?', '#'])).0;
        let place = authority.rsplit_once('@').map_or(authority, |(_, at)| at);
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (place, None),
        };
        if host.is_empty() {
            return Err(UrlError::Scheme);
        }
        Ok(Self { host, port, path })
    }
}

/// Returns whether a character is white space, a control character or invisible: such characters
/// come from copying, and change a path unnoticed. The two joiners U+200C and U+200D are allowed,
/// because words of some languages contain them.
fn never_stands_in_a_url(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
                | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff0}'..='\u{fffd}'
        )
}

fn of_parser(error: ParseError) -> UrlError {
    match error {
        ParseError::EmptyHost => UrlError::Scheme,
        ParseError::InvalidPort => UrlError::Port,
        ParseError::InvalidIpv4Address
        | ParseError::InvalidIpv6Address
        | ParseError::InvalidDomainCharacter
        | ParseError::IdnaError => UrlError::Host,
        _ => UrlError::Incomplete,
    }
}

/// Returns whether the requested host is the one that was written. Names in other alphabets are
/// looked up in their ASCII form, as everywhere.
fn is_requested_as_written(url: &Url, written: &str) -> bool {
    match url.host() {
        // Some clients treat 0x7f.1 and 2130706433 as addresses, and others as names.
        Some(Host::Ipv4(address)) => written.parse() == Ok(address),
        Some(Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case(written)
                || url::quirks::domain_to_unicode(name) == written.to_lowercase()
        }
        None => false,
    }
}

/// Returns whether user and password can be sent by Basic authentication (RFC 7617, 2).
fn login_can_be_sent(url: &Url) -> bool {
    let decoded = |text| percent_decode_str(text).decode_utf8().ok();
    let fit = |text: &str| !text.chars().any(char::is_control);
    let user = decoded(url.username()).is_some_and(|user| fit(&user) && !user.contains(':'));
    let password = decoded(url.password().unwrap_or_default()).is_some_and(|text| fit(&text));
    user && password
}

/// Returns whether a browser's parser treats the segment as `.` or `..` (WHATWG URL, 4.1).
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

/// Returns whether the host alone allows an attempt without TLS. In `private` mode a name is
/// allowed, because every attempt checks the addresses that it resolves to.
pub(crate) fn host_may_go_without_tls(host: &Host<&str>, allow_http: AllowHttp) -> bool {
    match (allow_http, host) {
        (AllowHttp::Any, _) | (AllowHttp::Private, Host::Domain(_)) => true,
        (AllowHttp::Loopback, Host::Domain(name)) => {
            name.trim_end_matches('.').eq_ignore_ascii_case("localhost")
        }
        (_, Host::Ipv4(address)) => address_may_go_without_tls((*address).into(), allow_http),
        (_, Host::Ipv6(address)) => address_may_go_without_tls((*address).into(), allow_http),
    }
}

/// Returns whether a connection without TLS to this address is allowed.
pub(crate) fn address_may_go_without_tls(address: IpAddr, allow_http: AllowHttp) -> bool {
    let address = address.to_canonical();
    match allow_http {
        AllowHttp::Any => true,
        AllowHttp::Loopback => address.is_loopback(),
        AllowHttp::Private => address.is_loopback() || is_private(address),
    }
}

/// Returns whether the address is in RFC 1918, fc00::/7 or link-local.
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
    fn check_accepts_what_the_owner_allows() {
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

    #[test]
    fn check_refuses_a_url_that_would_not_be_requested_as_written() {
        use UrlError::{Backslash, Dots, Fragment, Host, Incomplete, Login, Port, Scheme, Spaces};
        for (text, expected) in [
            ("https://webhook.site/#!/0123", Fragment),
            ("https://a.example/x#", Fragment),
            ("https://a.example/x?y#z", Fragment),
            ("https://a.example#z", Fragment),
            ("https:///x", Scheme),
            ("https:////x", Scheme),
            ("https:x", Scheme),
            ("https:/x.example/y", Scheme),
            ("https://", Incomplete),
            ("https://:8443/", Scheme),
            ("https://me@/x", Scheme),
            ("https://?x", Scheme),
            ("https:\\\\a.example/x", Scheme),
            ("ftp://a.example/", Scheme),
            ("mailto:me@a.example", Scheme),
            ("a.example/hook", Incomplete),
            ("a.example:8443/hook", Scheme),
            ("", Incomplete),
            ("https://a.example\\x", Backslash),
            ("https://a.example/x\\y", Backslash),
            ("https://a.example/?x=\\y", Backslash),
            ("https://me:p%ff@a.example/", Login),
            ("https://m%e9:p@a.example/", Login),
            ("https://me:p%00@a.example/", Login),
            ("https://me:p%0d%0aX@a.example/", Login),
            ("https://m%3Ae:p@a.example/", Login),
            ("https://a.example:0/", Port),
            ("https://a.example:000/", Port),
            ("https://a.example:65536/", Port),
            ("https://a.example:x/", Port),
            ("https://a.example:-1/", Port),
            ("https://0x7f.1/", Host),
            ("https://2130706433/", Host),
            ("https://127.1/", Host),
            ("https://0177.0.0.1/", Host),
            ("https://127.0.0.1./", Host),
            ("https://256.0.0.1/", Host),
            ("https://1.2.3.4.5/", Host),
            ("https://[fe80::1%25eth0]/", Host),
            ("https://[fe80::1%eth0]/", Host),
            ("https://[::1/", Host),
            ("https://%61.example/", Host),
            ("https://a%2eexample/", Host),
            ("https://\u{ff41}.example/", Host),
            ("https://a\u{3002}example/", Host),
            ("https://a<b.example/", Host),
            ("https://a.example/x/../y", Dots),
            ("https://a.example/./y", Dots),
            ("https://a.example/x/..", Dots),
            ("https://a.example/x/%2E%2e/y", Dots),
            (" https://a.example/", Spaces),
            ("https://a.example/\n", Spaces),
            ("https://a.ex\tample/", Spaces),
            ("https://a.example/x y", Spaces),
            ("https://a\u{200b}.example/", Spaces),
            ("https://a.example/\u{ad}x", Spaces),
            ("\u{feff}https://a.example/", Spaces),
        ] {
            assert_eq!(check(text, AllowHttp::Any).err(), Some(expected), "{text}");
        }
    }

    /// The parts of the request, as they were written in the URL.
    #[test]
    fn check_accepts_only_urls_that_are_requested_as_written() {
        for (text, host, target) in [
            ("HTTPS://A.Example", "a.example", "/"),
            ("https://a.example:443/x", "a.example", "/x"),
            ("https://a.example:/x", "a.example", "/x"),
            ("https://a.example?x=1", "a.example", "/?x=1"),
            ("https://a.example/?", "a.example", "/?"),
            ("https://a.example//x//", "a.example", "//x//"),
            (
                "https://a.example/.well-known/...",
                "a.example",
                "/.well-known/...",
            ),
            (
                "https://a.example/x;y=1,2/@me:3",
                "a.example",
                "/x;y=1,2/@me:3",
            ),
            ("https://a.example/%2F%zz%41", "a.example", "/%2F%zz%41"),
            (
                "https://a.example/?x=%23&y=a+b",
                "a.example",
                "/?x=%23&y=a+b",
            ),
            (
                "https://a.example/?u=https://b.example/",
                "a.example",
                "/?u=https://b.example/",
            ),
            ("https://a.example/?x=../y", "a.example", "/?x=../y"),
            ("https://a.example/{id}/a|b", "a.example", "/%7Bid%7D/a|b"),
            (
                "https://a.example/приём?x=ü",
                "a.example",
                "/%D0%BF%D1%80%D0%B8%D1%91%D0%BC?x=%C3%BC",
            ),
            ("https://bücher.example/", "xn--bcher-kva.example", "/"),
            ("https://BÜCHER.example/", "xn--bcher-kva.example", "/"),
            (
                "https://xn--bcher-kva.example/",
                "xn--bcher-kva.example",
                "/",
            ),
            ("https://my_nas.local./", "my_nas.local.", "/"),
            ("https://[0:0:0::1]:8443/", "[::1]", "/"),
            ("https://192.168.1.50/", "192.168.1.50", "/"),
        ] {
            let url = check(text, AllowHttp::Any).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(url.host_str(), Some(host), "{text}");
            let query = url.query().map(|query| format!("?{query}"));
            let asked = format!("{}{}", url.path(), query.unwrap_or_default());
            assert_eq!(asked, target, "{text}");
        }
        for login in [
            "me:p%20w@",
            "me@",
            ":pw@",
            "@",
            "m%C3%A9:p%@",
            "ü:p@",
            "a@b:c@",
        ] {
            let text = format!("https://{login}a.example/");
            assert!(check(&text, AllowHttp::Any).is_ok(), "{text}");
        }
    }

    #[test]
    fn to_request_accepts_older_urls_unless_they_go_astray() {
        for (text, expected) in [
            ("https://a.example/x/../y", None),
            ("https://2130706433/x", None),
            ("https://a.example\\x", None),
            ("https://a.example/x#label", None),
            ("https://a.example/#/x", Some(UrlError::Fragment)),
            ("https://a.example/#!/x", Some(UrlError::Fragment)),
            ("https:///x", Some(UrlError::Scheme)),
            ("https://me:p%ff@a.example/", Some(UrlError::Login)),
        ] {
            assert_eq!(to_request(text).err(), expected, "{text}");
        }
    }
}

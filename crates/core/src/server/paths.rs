//! The prefixes and aliases under which the same routes answer (protocol.md 1.1).

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// Longest first.
const PREFIXES: [&str; 2] = ["/api/3rdparty/v1", "/3rdparty/v1"];

/// First segments that stand for another.
const ALIASES: [(&str, &str); 4] = [
    ("/inbox/export", "/messages/inbox/export"),
    ("/message", "/messages"),
    ("/webhook", "/webhooks"),
    ("/device", "/devices"),
];

/// Rewrites the path to the routed one. Empty segments count as absent, because clients join a base
/// that ends with a slash and a path that begins with one. Other segments keep their escapes.
pub(crate) fn rewrite(mut request: Request) -> Request {
    let Some(path) = canonical(request.uri().path()) else {
        return request;
    };
    let with_query = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    if let Ok(path_and_query) = PathAndQuery::try_from(with_query) {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.path_and_query = Some(path_and_query);
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    }
    request
}

/// Returns the path to route instead; `None` if it stays as it is.
fn canonical(path: &str) -> Option<String> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let filled = segments.fold(String::new(), |filled, segment| filled + "/" + segment);
    let bare = PREFIXES
        .iter()
        .find_map(|prefix| after_segment(&filled, prefix))
        .unwrap_or(&filled);
    let aliased = ALIASES
        .iter()
        .find_map(|(alias, real)| Some((*real, after_segment(bare, alias)?)));
    let canonical = match aliased {
        Some((real, rest)) => format!("{real}{rest}"),
        None if bare.is_empty() => "/".to_owned(),
        None => bare.to_owned(),
    };
    (canonical != path).then_some(canonical)
}

/// Returns the rest of `path` after `prefix`, if the prefix ends at the end of a segment.
fn after_segment<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn canonical_path_is_one_for_all_prefixes_and_aliases() {
        for (path, expected) in [
            ("/webhooks", None),
            ("/", None),
            ("/webhook", Some("/webhooks")),
            ("/webhooks/", Some("/webhooks")),
            (
                "/webhook/%3Cunique-id%3E",
                Some("/webhooks/%3Cunique-id%3E"),
            ),
            ("/3rdparty/v1/webhooks/%2F", Some("/webhooks/%2F")),
            ("/api/3rdparty/v1/device", Some("/devices")),
            ("/3rdparty/v1", Some("/")),
            ("/3rdparty/v1/", Some("/")),
            ("/3rdparty/v10", None),
            ("/inbox/export", Some("/messages/inbox/export")),
            ("/messages", None),
            ("/messagesque", None),
            ("//", Some("/")),
            ("//message", Some("/messages")),
            ("/api/3rdparty/v1//messages", Some("/messages")),
            ("//3rdparty///v1/webhook//%2F/", Some("/webhooks/%2F")),
            ("/inbox//export/", Some("/messages/inbox/export")),
        ] {
            assert_eq!(canonical(path).as_deref(), expected, "{path}");
        }
    }
}

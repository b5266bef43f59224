//! `/inbox/{id}/attachments/{partId}`: the bytes of a part of an MMS.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::{ApiError, AuthErrors, NotFoundErrors, QueryErrors, StoreErrors};
use super::in_path::InPath;
use super::read;
use crate::gateway::Gateway;
use crate::store::AttachmentRecord;

/// The characters to escape in an extended header value (RFC 8187: all but `attr-char`, as far as
/// needed).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
/// A longer file name is cut.
const NAME_LENGTH: usize = 128;

/// The bytes of an attachment
///
/// Scope of access tokens: `inbox:read`.
#[utoipa::path(
    get, path = "/inbox/{id}/attachments/{partId}", tag = "inbox",
    params(
        ("id" = String, Path, description = "The message's id."),
        ("partId" = i64, Path, description = "The attachment's `partId`."),
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "*/*", description = "The bytes, with the attachment's own content type; to be saved, not shown.",
            headers(("Content-Disposition" = String, description = "`attachment` with the file name"))),
        AuthErrors, QueryErrors, NotFoundErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["inbox:read"])),
)]
pub(super) async fn get(
    State(gateway): State<Arc<Gateway>>,
    InPath((id, part_id)): InPath<(String, String)>,
) -> Result<Response, ApiError> {
    let Ok(part_id) = part_id.parse() else {
        return Err(ApiError::bad_request("partId must be a whole number."));
    };
    match read(&gateway, move |snapshot| snapshot.attachment(&id, part_id)).await? {
        Some(Some(attachment)) => Ok(answer(attachment)),
        Some(None) => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "This message has no attachment with this partId; GET /inbox?includeAttachments=true lists them.",
        )),
        None => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "There is no message with this id; GET /inbox lists them.",
        )),
    }
}

/// Content, type and name come from a stranger, so no browser may show or run them.
fn answer(attachment: AttachmentRecord) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, content_type(&attachment.content_type));
    headers.insert(header::CONTENT_DISPOSITION, disposition(&attachment.name));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    (headers, attachment.data).into_response()
}

/// Returns the type as it came, if it is a valid one (RFC 9110, 8.3.1).
fn content_type(text: &str) -> HeaderValue {
    let is_token = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    let valid = essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    let value = HeaderValue::from_str(text).ok().filter(|_| valid);
    value.unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// Returns `attachment` with the name twice: in ASCII for old clients, and unchanged for all others
/// (RFC 6266).
fn disposition(name: &str) -> HeaderValue {
    let name: String = name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(NAME_LENGTH)
        .collect();
    let name = name.trim_start_matches('.').trim();
    if name.is_empty() {
        return HeaderValue::from_static("attachment");
    }
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '%' => '_',
            c if c.is_ascii() => c,
            _ => '_',
        })
        .collect();
    let escaped = utf8_percent_encode(name, ESCAPED);
    let text = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{escaped}");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disposition_keeps_a_file_name_within_its_header_and_directory() {
        for (name, expected) in [
            (
                "beach.png",
                "attachment; filename=\"beach.png\"; filename*=UTF-8''beach.png",
            ),
            ("", "attachment"),
            ("..", "attachment"),
            (
                "../../etc/passwd",
                "attachment; filename=\"passwd\"; filename*=UTF-8''passwd",
            ),
            (
                "C:\\a\\b.exe",
                "attachment; filename=\"b.exe\"; filename*=UTF-8''b.exe",
            ),
            (
                "a\"; x=\"b\r\nSet-Cookie: c",
                "attachment; filename=\"a_; x=_bSet-Cookie: c\"; filename*=UTF-8''a%22%3B%20x%3D%22bSet-Cookie%3A%20c",
            ),
            (
                "Straße 😀.jpg",
                "attachment; filename=\"Stra_e _.jpg\"; filename*=UTF-8''Stra%C3%9Fe%20%F0%9F%98%80.jpg",
            ),
        ] {
            assert_eq!(disposition(name), expected, "{name:?}");
        }
        assert!(disposition(&"x".repeat(10_000)).len() < 500);
    }

    #[test]
    fn content_type_that_is_invalid_becomes_bytes() {
        for (text, expected) in [
            ("image/png", "image/png"),
            ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
            ("", "application/octet-stream"),
            ("png", "application/octet-stream"),
            ("image/", "application/octet-stream"),
            ("text/html\r\nX: y", "application/octet-stream"),
        ] {
            assert_eq!(content_type(text), expected, "{text:?}");
        }
    }
}

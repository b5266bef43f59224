//! Checks the framing of a request before its content: one `Host` (RFC 9112 3.2), and a body no
//! larger than the limit.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};

use super::is_of_page;
use crate::api::{ApiError, BODY_LIMIT, TOO_LARGE};
use crate::http::body::announced;
use crate::web::Web;

/// Refuses a request that cannot be right. Its body is not read and its connection is closed, as
/// after every body that is too large.
pub(crate) fn refusal(web: &Web, request: &Request) -> Option<Response> {
    if let Some(problem) = host_problem(request) {
        return Some(closing(ApiError::bad_request(problem).into_response()));
    }
    if announced(request.headers()) <= BODY_LIMIT as u64 {
        return None;
    }
    if is_of_page(request.uri().path()) {
        return Some(crate::web::refuse_large(request.headers(), web));
    }
    let refused = ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE);
    Some(refused.into_response())
}

/// Closes the connection after a body that was too large.
pub(crate) fn close_after(response: Response) -> Response {
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => closing(response),
        _ => response,
    }
}

fn host_problem(request: &Request) -> Option<&'static str> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), Some(_)) => Some("Send one Host header, not several."),
        (Some(host), None) if is_host(host) => None,
        (Some(_), None) => {
            Some("Host must be the name or address by which you reach this gateway, with its port.")
        }
        (None, _) if request.version() == Version::HTTP_11 => {
            Some("Send a Host header with the name and port by which you reach this gateway.")
        }
        (None, _) => None,
    }
}

fn is_host(host: &HeaderValue) -> bool {
    let bytes = host.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b"/\\?#@,\"<>".contains(byte);
    !bytes.is_empty() && bytes.iter().all(plain)
}

fn closing(mut response: Response) -> Response {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

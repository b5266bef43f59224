//! Refuses requests that a foreign web page makes a browser send ([`crate::http::site`]).

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::is_of_page;
use crate::api::ApiError;
use crate::http::site::{Site, site_of};
use crate::web::Web;

/// Refuses a request that would change something and comes from another site, whatever credentials
/// it carries.
pub(crate) fn refusal(web: &Web, request: &Request) -> Option<Response> {
    if request.method().is_safe() || site_of(request.headers()) != Site::Elsewhere {
        return None;
    }
    if is_of_page(request.uri().path()) {
        return Some(crate::web::refuse_elsewhere(request.headers(), web));
    }
    let refused = ApiError::new(
        StatusCode::FORBIDDEN,
        "This request comes from a web page of another site (Origin or Sec-Fetch-Site), which must not change anything here. Send it from a program, or from this gateway's own page.",
    );
    Some(refused.into_response())
}

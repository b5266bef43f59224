//! The checks that every request passes before its route, and every answer after it: the rules of
//! [`framing`], [`cross_site`], [`auth`] and [`parameters`] in this order.
//!
//! They are one layer, because axum boxes and clones each layer of a router for every request: as
//! five layers they took a fifth of the time of `GET /webhooks`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{cross_site, framing};
use crate::api::{ApiError, ApiState, auth, parameters};
use crate::http::request::is_browser;
use crate::web::{self, Web};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The dependencies of the rules.
pub(super) struct Gate {
    pub api: ApiState,
    pub web: Web,
}

/// Checks a request, and gives it an id: the one that it came with, or a new one.
pub(super) async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let asked = request.headers().get(REQUEST_ID).cloned();
    let id = asked.or_else(|| HeaderValue::try_from(crate::model::id::fresh()).ok());
    let mut response = framing::close_after(admit(&gate, request, next).await);
    if let Some(id) = id {
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
    }
    response
}

async fn admit(Gate { api, web }: &Gate, mut request: Request, next: Next) -> Response {
    let refused = framing::refusal(web, &request).or_else(|| cross_site::refusal(web, &request));
    if let Some(refusal) = refused {
        return refusal;
    }
    if is_for_home(&request) {
        return web::home::show(web, request).await;
    }
    if let Err(refusal) = auth::admit(api, &mut request).await {
        return refusal.into_response();
    }
    let ignored = parameters::ignored(api, &request);
    let response = to_its_end(request, next).await;
    match ignored {
        Some(ignored) => parameters::named(response, &ignored),
        None => response,
    }
}

/// Returns whether a browser asks for `/`: it gets the page, every other client a sign of life.
fn is_for_home(request: &Request) -> bool {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    is_read && request.uri().path() == "/" && is_browser(request.headers())
}

/// Completes a change even if the client disconnects: dropped halfway, it would be on the disk but
/// not in effect, and a message would wait for the next nudge. Costs a task per change.
async fn to_its_end(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a request handler panicked");
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error.").into_response()
        }
    }
}

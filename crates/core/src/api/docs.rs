//! `/docs`: the OpenAPI description and a page that shows it without any network.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

/// The description in both forms, made once.
pub(super) struct Docs {
    json: String,
}

impl Docs {
    pub fn new(openapi: &utoipa::openapi::OpenApi) -> Self {
        Self {
            json: openapi.to_json().unwrap_or_default(),
        }
    }
}

/// What is true of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "SimRelay",
        description = "The local API of an SMS gateway. Messages that come in go out as webhooks. \
            The same paths answer under `/3rdparty/v1` and `/api/3rdparty/v1`; `/webhook`, `/device` \
            and `/message` mean their plurals. Unknown fields are ignored; absent values are left out.",
    ),
    servers((url = "/"), (url = "/3rdparty/v1"), (url = "/api/3rdparty/v1")),
)]
struct Base;

pub(super) fn base() -> utoipa::openapi::OpenApi {
    let mut openapi = Base::openapi();
    openapi
        .components
        .get_or_insert_default()
        .add_security_scheme(
            "basic",
            SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)),
        );
    openapi
}

/// This description
#[utoipa::path(
    get, path = "/docs/openapi.json", tag = "documentation",
    responses((status = 200, body = Object, description = "OpenAPI 3.1.")),
)]
pub(super) async fn openapi(State(docs): State<Arc<Docs>>) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        docs.json.clone(),
    )
        .into_response()
}

/// This description as a page
#[utoipa::path(
    get, path = "/docs", tag = "documentation",
    responses((status = 200, body = String, content_type = "text/html", description = "The page.")),
)]
pub(super) async fn page() -> Html<&'static str> {
    Html("stub")
}

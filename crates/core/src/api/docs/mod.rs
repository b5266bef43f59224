//! `/docs`: the OpenAPI description and a page that shows it without any network.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use serde_json::Value;
#[cfg(test)]
use utoipa::OpenApi;
#[cfg(test)]
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::http::packed::packed;

mod page;

/// The description in both forms. Each is made at its first request, because most gateways never
/// get one, and the description as a tree takes 3 MB.
pub(super) struct Docs {
    /// The description of the shell's routes.
    extra: Option<Cow<'static, str>>,
    json: OnceLock<Bytes>,
    page: OnceLock<Bytes>,
}

impl Docs {
    pub fn new(extra: Option<Cow<'static, str>>) -> Self {
        Self {
            extra,
            json: OnceLock::new(),
            page: OnceLock::new(),
        }
    }

    fn json(&self) -> Bytes {
        let make = || format!("{}\n", self.description()).into();
        self.json.get_or_init(make).clone()
    }

    fn page(&self) -> Bytes {
        let render = || page::render(&self.description()).into();
        self.page.get_or_init(render).clone()
    }

    fn description(&self) -> Value {
        let mut description = serde_json::from_str(&own_description()).unwrap_or_default();
        if let Some(extra) = &self.extra {
            let extra = serde_json::from_str(extra).unwrap_or_default();
            extend(&mut description, &extra);
        }
        description
    }
}

/// Returns the description of our own routes, as JSON.
pub(super) fn own_description() -> String {
    packed!("openapi.json")
}

/// Adds routes and shapes to a description.
fn extend(description: &mut Value, more: &Value) {
    for part in ["/paths", "/components/schemas"] {
        let known = description.pointer_mut(part).and_then(Value::as_object_mut);
        if let (Some(known), Some(Value::Object(more))) = (known, more.pointer(part)) {
            known.extend(more.clone());
        }
    }
}

/// What is true of the API as a whole.
#[cfg(test)]
#[derive(OpenApi)]
#[openapi(
    info(
        title = "SimRelay",
        description = "The local API of an SMS gateway. It delivers received messages as webhooks. \
            The same paths answer under `/3rdparty/v1` and `/api/3rdparty/v1`; `/webhook`, `/device` \
            and `/message` are aliases of the plural forms. Unknown fields are ignored; absent values are left out.",
    ),
    servers((url = "/"), (url = "/3rdparty/v1"), (url = "/api/3rdparty/v1")),
)]
struct Base;

#[cfg(test)]
pub(super) fn base() -> utoipa::openapi::OpenApi {
    let mut openapi = Base::openapi();
    openapi.info.version = crate::model::version::CONTRACT.into();
    openapi
        .components
        .get_or_insert_default()
        .add_security_scheme(
            "basic",
            SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)),
        );
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".into());
    bearer.description = Some(
        "A token from `POST /auth/token`. Every operation names the scope that it requires; \
         `all:any` allows all of them."
            .into(),
    );
    let components = openapi.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    openapi
}

/// This description
#[utoipa::path(
    get, path = "/docs/openapi.json", tag = "documentation",
    responses((status = 200, body = Object, description = "OpenAPI 3.1.")),
)]
pub(super) async fn openapi(State(docs): State<Arc<Docs>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], docs.json()).into_response()
}

/// Returns the routes with the names that SMSGate and its tools use for the same.
pub(super) fn other_names<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let to = |target| move || async move { Redirect::permanent(target) };
    Router::new()
        .route("/docs/index.html", get(to("/docs")))
        .route("/docs/swagger.json", get(to("/docs/openapi.json")))
        .route("/docs/doc.json", get(to("/docs/openapi.json")))
}

/// This description as a page
#[utoipa::path(
    get, path = "/docs", tag = "documentation",
    responses((status = 200, body = String, content_type = "text/html", description = "The page.")),
)]
pub(super) async fn page(State(docs): State<Arc<Docs>>) -> Response {
    // The page contains its one stylesheet and loads nothing.
    const NOTHING_FROM_OUTSIDE: &str = "default-src 'none'; style-src 'unsafe-inline'";
    (
        [(header::CONTENT_SECURITY_POLICY, NOTHING_FROM_OUTSIDE)],
        Html(docs.page()),
    )
        .into_response()
}

/// The methods in the order in which they are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation of the description.
struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    value: &'a Value,
}

impl Operation<'_> {
    fn tag(&self) -> &str {
        self.value["tags"][0].as_str().unwrap_or("other")
    }

    fn anchor(&self) -> String {
        let path: String = self
            .path
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        format!("{}{path}", self.method)
    }

    /// Returns the scopes of which a token needs one; empty if any token will do.
    fn scopes(&self) -> Vec<&str> {
        let schemes = items(&self.value["security"]).iter();
        let scopes = schemes.flat_map(|scheme| items(&scheme["bearer"]));
        scopes.map(text).collect()
    }

    fn is_open(&self) -> bool {
        items(&self.value["security"]).is_empty()
    }
}

/// Returns every operation, by path and then by method.
fn operations(description: &Value) -> Vec<Operation<'_>> {
    let paths = fields(&description["paths"]);
    let of_path = |(path, methods)| {
        METHODS.into_iter().filter_map(move |method| {
            let value = Value::get(methods, method)?;
            Some(Operation {
                method,
                path,
                value,
            })
        })
    };
    paths.flat_map(of_path).collect()
}

/// Returns whether a value is described under a name of its own.
fn refers(schema: &Value) -> bool {
    schema.get("$ref").is_some()
        || schema.get("items").is_some_and(refers)
        || alternatives(schema).any(refers)
}

fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "oneOf", "allOf"]
        .into_iter()
        .flat_map(|name| items(&schema[name]))
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns a value without the quotes of JSON text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), Into::into)
}

//! The page at `/docs`, made from the OpenAPI description only: it shows nothing else, and nothing
//! is described twice.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::{Operation, alternatives, fields, items, operations, plain, refers, text};

const STYLE: &str = include_str!("page.css");

/// How deep a body is shown in place; deeper levels are links.
const DEPTH: usize = 5;

/// Renders the page as HTML.
pub(super) fn render(description: &Value) -> String {
    let page = Page { description };
    page.whole().into_string()
}

struct Page<'a> {
    description: &'a Value,
}

impl<'a> Page<'a> {
    fn whole(&self) -> Markup {
        let info = &self.description["info"];
        let operations = operations(self.description);
        let mut tags: Vec<&str> = Vec::new();
        for operation in &operations {
            if !tags.contains(&operation.tag()) {
                tags.push(operation.tag());
            }
        }
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (text(&info["title"])) " API" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        h1 { (text(&info["title"])) " API" }
                        p { a href="/" { "Home" } }
                        p.faint {
                            "Version " (text(&info["version"])) " · "
                            a href="/docs/openapi.json" { "OpenAPI description (JSON)" }
                        }
                        (prose(&info["description"]))
                    }
                    (self.authentication())
                    (contents(&tags, &operations))
                    main {
                        @for tag in &tags {
                            section {
                                h2 { (capitalized(tag)) }
                                @for operation in operations.iter().filter(|o| o.tag() == *tag) {
                                    (self.operation(operation))
                                }
                            }
                        }
                        (self.schemas())
                    }
                }
            }
        }
    }

    fn authentication(&self) -> Markup {
        let schemes = &self.description["components"]["securitySchemes"];
        html! {
            section aria-label="Authentication" {
                h2 { "Authentication" }
                @for (name, scheme) in fields(schemes) {
                    @if scheme["scheme"] == "basic" {
                        p {
                            "Send the user and password with HTTP Basic authentication. "
                            "The gateway shows them when it starts."
                        }
                        pre tabindex="0" { code { "curl -u sms:PASSWORD http://DEVICE:8080/webhooks" } }
                    } @else if scheme["scheme"] == "bearer" {
                        p { "Or send a token:" }
                        pre tabindex="0" { code { "curl -H 'Authorization: Bearer TOKEN' http://DEVICE:8080/webhooks" } }
                    } @else {
                        p { code { (name) } " " (text(&scheme["type"])) " " (text(&scheme["scheme"])) }
                    }
                    (prose(&scheme["description"]))
                }
                p { "Operations marked " em { "open" } " need no authentication." }
            }
        }
    }

    fn operation(&self, operation: &Operation<'_>) -> Markup {
        let value = operation.value;
        html! {
            article id=(operation.anchor()) {
                h3 {
                    span class={ "method " (operation.method) } { (operation.method.to_uppercase()) }
                    code { (operation.path) }
                    @if operation.is_open() { " " span.faint { "open" } }
                }
                @if !operation.scopes().is_empty() {
                    p.faint {
                        "Token scope: "
                        @for (place, scope) in operation.scopes().into_iter().enumerate() {
                            @if place > 0 { " or " }
                            code { (scope) }
                        }
                    }
                }
                (prose(&value["summary"]))
                (prose(&value["description"]))
                (self.parameters(items(&value["parameters"])))
                (self.request_body(&value["requestBody"]))
                h4 { "Responses" }
                dl.flat {
                    @for (status, response) in fields(&value["responses"]) {
                        (self.response(status, self.resolve(response)))
                    }
                }
            }
        }
    }

    fn parameters(&self, parameters: &[Value]) -> Markup {
        html! {
            @if !parameters.is_empty() {
                h4 { "Parameters" }
                dl.flat {
                    @for parameter in parameters.iter().map(|parameter| self.resolve(parameter)) {
                        div {
                            dt {
                                code { (text(&parameter["name"])) }
                                (required(parameter["required"] == true))
                                br;
                                span.kind { "in " (text(&parameter["in"])) ", " (kind(&parameter["schema"])) }
                            }
                            dd {
                                (prose(&parameter["description"]))
                                (limits(&parameter["schema"]))
                            }
                        }
                    }
                }
            }
        }
    }

    fn request_body(&self, body: &Value) -> Markup {
        let body = self.resolve(body);
        html! {
            @for (media, content) in fields(&body["content"]) {
                h4 { "Body" }
                (prose(&body["description"]))
                p { (kind(&content["schema"])) " " span.kind { (media) } }
                details open {
                    summary { "Fields" }
                    (self.properties(&content["schema"], DEPTH))
                }
            }
        }
    }

    fn response(&self, status: &str, response: &Value) -> Markup {
        html! {
            div {
                dt {
                    code { (status) }
                    @for (media, content) in fields(&response["content"]) {
                        " " span.kind {
                            (kind(&content["schema"]))
                            (names_of(&content["schema"]))
                            @if media != "application/json" { ", " (media) }
                        }
                    }
                }
                dd {
                    (prose(&response["description"]))
                    @for (name, header) in fields(&response["headers"]) {
                        p.faint { "Header " code { (name) } ": " (inline(text(&header["description"]))) }
                    }
                }
            }
        }
    }

    fn schemas(&self) -> Markup {
        html! {
            section {
                h2 id="schemas" { "Schemas" }
                @for (name, schema) in fields(&self.description["components"]["schemas"]) {
                    article id=(schema_anchor(name)) {
                        h3 { code { (name) } " " span.kind { (kind(schema)) } }
                        (prose(&schema["description"]))
                        (limits(schema))
                        (self.properties(schema, 1))
                    }
                }
            }
        }
    }

    /// Shows the properties of an object, or of the objects in an array, each with its own below
    /// it. With a `depth` of 1, shapes with a name of their own are links.
    fn properties(&self, schema: &Value, depth: usize) -> Markup {
        let schema = self.object_in(schema);
        let names = items(&schema["required"]);
        let has_any = fields(&schema["properties"]).next().is_some();
        html! {
            @if has_any {
                dl {
                    @for (name, property) in fields(&schema["properties"]) {
                        div {
                            dt {
                                code { (name) }
                                " " span.kind { (kind(property)) }
                                (required(names.iter().any(|required| required == name)))
                            }
                            dd {
                                (prose(&property["description"]))
                                (limits(property))
                                @if depth > 1 || !refers(property) {
                                    (self.properties(property, depth.saturating_sub(1)))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Returns the schema that has the properties: behind references, in arrays, beside `null`.
    fn object_in<'b>(&'b self, schema: &'b Value) -> &'b Value {
        let mut schema = self.resolve(schema);
        for _ in 0..DEPTH {
            let inner = alternatives(schema).find(|inner| inner["type"] != "null");
            schema = match (schema.get("items"), inner) {
                (Some(items), _) => self.resolve(items),
                (None, Some(inner)) => self.resolve(inner),
                (None, None) => break,
            };
        }
        schema
    }

    /// Returns the target of a reference; any other value unchanged.
    fn resolve<'b>(&'b self, value: &'b Value) -> &'b Value {
        let target = value["$ref"].as_str().and_then(|at| at.strip_prefix('#'));
        match target {
            Some(pointer) => self.description.pointer(pointer).unwrap_or(value),
            None => value,
        }
    }
}

fn contents(tags: &[&str], operations: &[Operation<'_>]) -> Markup {
    html! {
        nav aria-label="Operations" {
            h2 { "Operations" }
            @for tag in tags {
                p { (capitalized(tag)) }
                ul {
                    @for operation in operations.iter().filter(|operation| operation.tag() == *tag) {
                        li {
                            a href={ "#" (operation.anchor()) } {
                                span class={ "method " (operation.method) } { (operation.method.to_uppercase()) }
                                code { (operation.path) }
                            }
                        }
                    }
                }
            }
            p { a href="#schemas" { "Schemas" } }
        }
    }
}

/// Shows the type of a value in a few words, with a link if it is described elsewhere.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next()) {
        return html! { a href={ "#" (schema_anchor(name)) } { (name) } };
    }
    if let Some(items) = schema.get("items") {
        return html! { "array of " (kind(items)) };
    }
    if alternatives(schema).next().is_some() {
        return html! {
            @for (index, inner) in alternatives(schema).enumerate() {
                @if index > 0 { " or " }
                (kind(inner))
            }
        };
    }
    if let Some(values) = schema.get("additionalProperties").filter(|v| v.is_object()) {
        return html! { "object of " (kind(values)) };
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::Array(names) => names.iter().map(text).collect(),
        name => vec![text(name)],
    };
    let names = names.join(" or ");
    html! {
        (if names.is_empty() { "any value" } else { names.as_str() })
        @if let Some(format) = schema["format"].as_str() { " (" (format) ")" }
    }
}

/// Shows the names of the properties of an object that is described in place.
fn names_of(schema: &Value) -> Markup {
    html! {
        @for (index, (name, _)) in fields(&schema["properties"]).enumerate() {
            (if index == 0 { " with " } else { ", " })
            code { (name) }
        }
    }
}

/// Shows the range, choices, default and example of a value.
fn limits(schema: &Value) -> Markup {
    let mut found = Vec::new();
    collect_limits(schema, &mut found);
    html! {
        @if !found.is_empty() {
            p.faint {
                @for (index, (what, value)) in found.iter().enumerate() {
                    @if index > 0 { "; " }
                    (what) " " code { (value) }
                }
            }
        }
    }
}

fn collect_limits(schema: &Value, found: &mut Vec<(&'static str, String)>) {
    for (name, what) in [
        ("minimum", "at least"),
        ("maximum", "at most"),
        ("minLength", "shortest"),
        ("maxLength", "longest"),
        ("minItems", "fewest"),
        ("maxItems", "most"),
        ("pattern", "pattern"),
        ("default", "default"),
        ("example", "example"),
    ] {
        if let Some(value) = schema.get(name) {
            found.push((what, plain(value)));
        }
    }
    let choices = items(&schema["enum"]);
    if !choices.is_empty() {
        let choices: Vec<String> = choices.iter().map(plain).collect();
        found.push(("one of", choices.join(", ")));
    }
    if schema["writeOnly"] == true {
        found.push(("write-only:", "never shown".into()));
    }
    for inner in alternatives(schema) {
        collect_limits(inner, found);
    }
}

fn required(is_required: bool) -> Markup {
    html! { @if is_required { " " span.required { "required" } } }
}

/// Shows text as paragraphs, with code in backticks.
fn prose(value: &Value) -> Markup {
    html! {
        @for paragraph in text(value).split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            p { (inline(paragraph)) }
        }
    }
}

fn inline(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn schema_anchor(name: &str) -> String {
    format!("schema-{name}")
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use jiff::tz::TimeZone;
    use serde_json::json;
    use tower::ServiceExt;

    use super::super::METHODS;
    use super::*;
    use crate::model::device::{Battery, Cellular, Charging, DeviceState, Network, Transport};
    use crate::tokens::{REFRESH, SCOPES};
    use crate::{Deps, Gateway, OpenOptions};

    fn device() -> DeviceState {
        DeviceState {
            name: "SimRelay/Test".into(),
            sims: Vec::new(),
            battery: Battery {
                level: 80,
                charging: Charging::No,
            },
            network: Network {
                online: true,
                transport: Transport::WiFi,
                cellular: Cellular::None,
            },
            zone: TimeZone::UTC,
            locale: String::new(),
            warnings: Vec::new(),
        }
    }

    /// Returns the description and the page, as the real router serves them.
    fn served() -> (Value, String) {
        let dir = tempfile::tempdir().expect("a directory");
        let gateway = Gateway::open(dir.path(), OpenOptions::default(), Deps::system(device()));
        let router = crate::server::router(&gateway.expect("a gateway"), None);
        let get = async |path: &str| {
            let request = Request::get(path)
                .header("host", "gateway")
                .body(Body::empty());
            let request = request.expect("a request");
            let response = router.clone().oneshot(request).await.expect("an answer");
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let body = to_bytes(response.into_body(), usize::MAX).await;
            String::from_utf8(body.expect("a body").to_vec()).expect("text")
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            let description = get("/docs/openapi.json").await;
            let description = serde_json::from_str(&description).expect("JSON");
            (description, get("/docs").await)
        })
    }

    #[test]
    fn page_names_the_scopes_of_every_operation_that_is_not_open() {
        let (description, page) = served();
        for operation in operations(&description) {
            let (method, path) = (operation.method, operation.path);
            let open = path.starts_with("/health") || path.starts_with("/docs");
            assert_eq!(operation.is_open(), open, "{method} {path}");
            let any_token = path == "/";
            assert_eq!(
                operation.scopes().is_empty(),
                open || any_token,
                "{method} {path}"
            );
            for scope in operation.scopes() {
                assert!(
                    SCOPES.contains(&scope) || scope == REFRESH,
                    "{method} {path}"
                );
                assert!(page.contains(&format!("<code>{scope}</code>")), "{scope}");
            }
        }
    }

    #[test]
    fn page_has_every_operation_and_schema_and_no_dead_link() {
        let (description, page) = served();
        for (path, methods) in fields(&description["paths"]) {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
            for (method, _) in fields(methods) {
                assert!(METHODS.contains(&method), "{method} {path}");
            }
        }
        for (name, _) in fields(&description["components"]["schemas"]) {
            assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
        }
        for link in page.split("href=\"#").skip(1) {
            let target = link.split('"').next().unwrap_or_default();
            assert!(page.contains(&format!("id=\"{target}\"")), "#{target}");
        }
        assert!(!page.contains("<script"));
    }

    #[test]
    fn page_escapes_the_description() {
        let description = json!({
            "info": {"title": "<b>", "description": "`<i>` & more"},
            "paths": {"/<x>": {"get": {"summary": "<script>alert(1)</script>", "responses": {}}}},
        });
        let page = render(&description);
        assert!(page.contains("<code>&lt;i&gt;</code> &amp; more"));
        assert!(page.contains("&lt;script&gt;"));
        assert!(!page.contains("<script"));
    }

    #[test]
    fn page_ends_a_schema_that_contains_itself() {
        let tree = json!({"type": "object", "properties": {
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        }});
        let body = json!({"content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Tree"},
        }}});
        let description = json!({
            "paths": {"/trees": {"post": {"requestBody": body, "responses": {}}}},
            "components": {"schemas": {"Tree": tree}},
        });
        let page = render(&description);
        assert_eq!(page.matches("<code>name</code>").count(), DEPTH + 1);
    }
}

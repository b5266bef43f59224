//! Shows the name and version of the program, and links to read more.

use axum::response::Response;
use maud::html;

use super::layout::copyable;
use super::visit::Visit;

pub(super) async fn show(visit: Visit) -> Response {
    let w = visit.words;
    let content = html! {
        section.card {
            p { (w.get("about")) }
            dl.facts {
                div { dt { (w.get("version")) } dd { (env!("CARGO_PKG_VERSION")) } }
                div { dt { (w.get("device-id")) } dd { (copyable(w, &w.get("device-id"), &visit.web.gateway.device_id())) } }
                div { dt { (w.get("zone")) } dd { bdi { (visit.zone.iana_name().unwrap_or("UTC")) } } }
                div { dt { (w.get("licence")) } dd { "Apache-2.0" } }
                div { dt { "API" } dd { a href="/docs" { code dir="ltr" { "/docs" } } " · " a href="/docs/openapi.json" { "OpenAPI" } } }
            }
        }
    };
    visit.page(&w.get("menu-about"), content)
}

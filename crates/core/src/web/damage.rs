//! Shows the owner a damaged database, until he acknowledges it.

use axum::response::Response;
use maud::{Markup, html};

use super::layout::back;
use super::visit::{Posted, Visit};
use crate::gateway::Status;

/// Shows the notice on Home; nothing if all is well.
pub(super) fn notice(visit: &Visit, status: &Status) -> Markup {
    let w = visit.words;
    html! {
        @if let Some(recovered) = status.recovered {
            section.card id="recovered" {
                p role="alert" {
                    strong { (w.get("recovered")) } " "
                    (visit.time(recovered.at)) ". "
                    @if recovered.lost > 0 { (w.get("recovered-lost")) " (" (recovered.lost) ")" }
                    @else { (w.get("recovered-kept")) }
                }
                form method="post" action="/ui/recovered" {
                    (visit.token())
                    button type="submit" { (w.get("recovered-seen")) }
                }
            }
        }
    }
}

pub(super) async fn acknowledge(posted: Posted) -> Response {
    match posted.visit.web.gateway.acknowledge_recovery().await {
        Ok(()) => back("/"),
        Err(error) => posted.visit.failure(&error),
    }
}

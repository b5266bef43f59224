//! Shows all dead deliveries, and replays or discards them.

use axum::response::Response;
use maud::html;

use super::delivery_rows::row;
use super::layout::back;
use super::visit::{Posted, Visit};
use crate::store::DeadPlace;

const PAGE: u32 = 25;

pub(super) async fn list(visit: Visit) -> Response {
    let w = visit.words;
    let before = DeadPlace::parse(visit.asked("before"));
    let read = visit.web.gateway.read(move |snapshot| {
        let from = before.unwrap_or(DeadPlace::NEWEST);
        // Reads one more than is shown, to learn whether there is a next page.
        let mut deliveries = snapshot.dead_page(from, PAGE + 1)?;
        let more = deliveries.len() > PAGE as usize;
        deliveries.truncate(PAGE as usize);
        let next = deliveries.last().filter(|_| more).map(DeadPlace::of);
        Ok((snapshot.delivery_rows(deliveries)?, next))
    });
    let (rows, next) = match read.await {
        Ok(page) => page,
        Err(error) => return visit.failure(&error),
    };
    let content = html! {
        div id="dead" data-live=[before.is_none().then_some("")] {
            @if rows.is_empty() { p.empty { (w.get("dead-empty")) " " a href="/ui/webhooks" { (w.get("menu-webhooks")) } } }
            ul.list { @for one in &rows { li { (row(&visit, one, true)) } } }
        }
        nav.pages aria-label=(w.get("pages")) {
            @if before.is_some() { a href="/ui/dead" { (w.get("newest")) } }
            @if let Some(next) = next { a href={ "/ui/dead?before=" (next) } rel="next" { (w.get("older")) } }
        }
        @if !rows.is_empty() {
            form method="post" action="/ui/dead/replay" {
                (visit.token())
                button type="submit" { (w.get("deliver-all")) }
            }
            details.card.danger {
                summary { (w.get("discard-all")) }
                p { (w.get("discard-why")) }
                form method="post" action="/ui/dead/discard" {
                    (visit.token())
                    button.danger type="submit" { (w.get("discard-all")) }
                }
            }
        }
    };
    visit.page(&w.get("dead-title"), content)
}

/// Replays all of them.
pub(super) async fn replay(posted: Posted) -> Response {
    match posted
        .visit
        .web
        .gateway
        .webhook_deliveries()
        .replay_dead()
        .await
    {
        Ok(count) => back(&format!("/ui/dead?done=replayed-all.{count}")),
        Err(error) => posted.visit.failure(&error),
    }
}

/// Discards all of them.
pub(super) async fn discard(posted: Posted) -> Response {
    match posted
        .visit
        .web
        .gateway
        .webhook_deliveries()
        .discard_dead()
        .await
    {
        Ok(count) => back(&format!("/ui/dead?done=discarded.{count}")),
        Err(error) => posted.visit.failure(&error),
    }
}

/// Records that the owner knows of those that were removed for their age.
pub(super) async fn noted(posted: Posted) -> Response {
    match posted
        .visit
        .web
        .gateway
        .webhook_deliveries()
        .note_removed()
        .await
    {
        Ok(()) => back("/"),
        Err(error) => posted.visit.failure(&error),
    }
}

//! Messages that came in, and what each of them led to.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::deliveries::{history, state_badge};
use super::frame::{self, encode, foreign};
use super::guard::Visit;
use crate::store::{InboxCursor, InboxKind, InboxRecord};

const PAGE: usize = 50;

pub(super) async fn list(visit: Visit) -> Response {
    let w = visit.words;
    let before = InboxCursor::parse(visit.asked("before"));
    let from = before.unwrap_or(InboxCursor::NEWEST);
    let page = match visit
        .web
        .gateway
        .read(move |snapshot| snapshot.inbox_page(from, PAGE))
        .await
    {
        Ok(page) => page,
        Err(error) => return frame::failure(&error),
    };
    let content = html! {
        div id="messages" data-live=[before.is_none().then_some("")] {
            @if page.messages.is_empty() {
                p.empty { (w.get("messages-empty"))
                    @if visit.web.simulator { " " a href="/ui/simulator" { (w.get("menu-simulator")) } }
                }
            }
            ul.list {
                @for message in &page.messages {
                    li {
                        a.row href={ "/ui/message?id=" (encode(&message.id)) } {
                            span.who { (sender(&visit, message)) }
                            span.when { (visit.time(message.received_at)) }
                            span.what { (text(&visit, message)) }
                        }
                    }
                }
            }
        }
        nav.pages aria-label=(w.get("pages")) {
            @if before.is_some() { a href="/ui/messages" { (w.get("newest")) } }
            @if let Some(next) = page.next { a href={ "/ui/messages?before=" (next) } rel="next" { (w.get("older")) } }
        }
    };
    visit.page(&w.get("menu-messages"), content)
}

pub(super) async fn one(visit: Visit) -> Response {
    let w = visit.words;
    let id = visit.asked("id").to_owned();
    let found = visit.web.gateway.read(move |snapshot| {
        let Some(message) = snapshot.inbox_message(&id)? else {
            return Ok(None);
        };
        let led_to = snapshot.deliveries_for_message(&message.id, message.created_at)?;
        Ok(Some((message, led_to)))
    });
    let (message, led_to) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return frame::refusal(w, StatusCode::NOT_FOUND, "not-found"),
        Err(error) => return frame::failure(&error),
    };
    let content = html! {
        section.card {
            p.text { (text(&visit, &message)) }
            dl.facts {
                div { dt { (w.get("from")) } dd { (sender(&visit, &message)) } }
                @if !message.recipient.is_empty() { div { dt { (w.get("to")) } dd { bdi dir="ltr" { (message.recipient) } } } }
                @if message.sim_number > 0 { div { dt { "SIM" } dd { (message.sim_number) } } }
                div { dt { (w.get("kind")) } dd { (message.kind) } }
                div { dt { "id" } dd { code dir="ltr" { (message.id) } } }
                @for attachment in &message.attachments {
                    div { dt { (w.get("attachment")) } dd { (foreign(&attachment.name)) " " (foreign(&attachment.content_type)) " " (attachment.size) " B" } }
                }
            }
        }
        section id="timeline" data-live {
            h2 { (w.get("timeline")) }
            ol.timeline {
                li { (visit.exact(message.received_at)) " " (w.get("timeline-sent")) }
                li { (visit.exact(message.created_at)) " " (w.get("timeline-kept")) }
                @for delivery in &led_to {
                    li {
                        (visit.exact(delivery.created_at)) " " (state_badge(w, &delivery.state)) " "
                        a href={ "/ui/delivery?id=" (encode(&delivery.id)) } { (foreign(&delivery.webhook_id)) }
                        (history(&visit, delivery))
                    }
                }
            }
            @if led_to.is_empty() { p.empty { (w.get("timeline-nobody")) } }
        }
    };
    visit.page(&w.get("message"), content)
}

fn sender(visit: &Visit, message: &InboxRecord) -> Markup {
    html! {
        @if message.sender.is_empty() { (visit.words.get("unknown-sender")) }
        @else { (foreign(&message.sender)) }
    }
}

fn text(visit: &Visit, message: &InboxRecord) -> Markup {
    html! {
        @if message.kind == InboxKind::DataSms.as_str() { code dir="ltr" { (crate::webhooks::hex(&message.data_head)) } }
        @else if message.text.is_empty() { span.faint { (visit.words.get("no-text")) } }
        @else { (foreign(&message.text)) }
    }
}

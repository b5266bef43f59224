//! The list of messages of both directions, and the screen of a received one with its deliveries.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::layout::{encode, nothing_among};
use super::message_parts::{bytes, timeline};
use super::untrusted_text::{foreign, ltr};
use super::visit::Visit;
use super::{badges, outgoing};
use crate::gateway::DELIVERED_LIFETIME;
use crate::model::clock::UnixMillis;
use crate::model::recipient_state::State;
use crate::store::{Cursor, Direction, InboxKind, InboxRecord, Listed, OutgoingHead};

const PAGE: usize = 50;

pub(super) async fn list(visit: Visit) -> Response {
    let w = visit.words;
    let which = match (visit.asked("which"), State::parse(visit.asked("state"))) {
        ("in", _) => Direction::In,
        ("out", state) => Direction::Out(state),
        _ => Direction::All,
    };
    let before = Cursor::parse(visit.asked("before"));
    let from = before.unwrap_or(Cursor::NEWEST);
    let read = visit.web.gateway.read(move |snapshot| {
        let page = snapshot.message_page(which, from, PAGE)?;
        Ok((page.messages, page.next))
    });
    let (messages, next) = match read.await {
        Ok(page) => page,
        Err(error) => return visit.failure(&error),
    };
    let here = address(which);
    let sign = if here.contains('?') { '&' } else { '?' };
    let next = next.map(|next| format!("{here}{sign}before={next}"));
    // If this part of the list has no messages, the link to older ones stands beside that sentence.
    let (further, older) = if messages.is_empty() {
        (next, None)
    } else {
        (None, next)
    };
    let content = html! {
        (filters(&visit, which))
        div id="messages" data-live=[before.is_none().then_some("")] {
            @if messages.is_empty() {
                @if let Some(further) = further { (nothing_among(w, &further)) }
                @else if which == Direction::All && before.is_none() { (nothing_yet(&visit)) }
                @else { p.empty { (w.get("messages-none")) " " a href="/ui/messages" { (w.get("messages-all")) } } }
            }
            ul.list {
                @for message in &messages {
                    li {
                        @match message {
                            Listed::In(message) => (row_in(&visit, message)),
                            Listed::Out(message) => (row_out(&visit, message)),
                        }
                    }
                }
            }
        }
        nav.pages aria-label=(w.get("pages")) {
            @if before.is_some() { a href=(here) { (w.get("newest")) } }
            @if let Some(older) = older { a href=(older) rel="next" { (w.get("older")) } }
        }
    };
    visit.page(&w.get("menu-messages"), content)
}

fn nothing_yet(visit: &Visit) -> Markup {
    let w = visit.words;
    html! {
        p.empty { (w.get("messages-empty"))
            @if visit.web.simulator.is_some() { " " a href="/ui/simulator" { (w.get("menu-simulator")) } }
        }
    }
}

fn address(which: Direction) -> String {
    match which {
        Direction::All => "/ui/messages".into(),
        Direction::In => "/ui/messages?which=in".into(),
        Direction::Out(None) => "/ui/messages?which=out".into(),
        Direction::Out(Some(state)) => format!("/ui/messages?which=out&state={}", state.as_str()),
    }
}

fn filters(visit: &Visit, which: Direction) -> Markup {
    let w = visit.words;
    let directions = [
        (Direction::All, "all"),
        (Direction::In, "came-in"),
        (Direction::Out(None), "goes-out"),
    ];
    // A message is never found in `Cancelling`, because a cancel takes effect at once.
    let states = State::ALL.into_iter().filter(|s| *s != State::Cancelling);
    let link = |to: Direction, on: bool, label: String| {
        html! { a href=(address(to)) aria-current=[on.then_some("true")] { (label) } }
    };
    html! {
        nav.filters aria-label=(w.get("direction")) {
            @for (to, word) in directions {
                @let on = to == which || (word == "goes-out" && matches!(which, Direction::Out(_)));
                (link(to, on, w.get(word)))
            }
        }
        @if let Direction::Out(chosen) = which {
            nav.filters aria-label=(w.get("state")) {
                (link(Direction::Out(None), chosen.is_none(), w.get("all")))
                @for state in states {
                    (link(Direction::Out(Some(state)), chosen == Some(state), w.get(badges::word(state))))
                }
            }
        }
    }
}

fn row_in(visit: &Visit, message: &InboxRecord) -> Markup {
    html! {
        a.row href={ "/ui/message?id=" (encode(&message.id)) } {
            span.who { (arrow(visit, "↓", "came-in")) " " (sender(visit, message)) }
            span.when { (visit.time(message.received_at)) }
            span.what { (text(visit, message)) }
        }
    }
}

fn row_out(visit: &Visit, message: &OutgoingHead) -> Markup {
    let w = visit.words;
    html! {
        a.row href={ "/ui/message?out=" (encode(&message.id)) } {
            span.who {
                (arrow(visit, "↑", "goes-out")) " "
                @if message.is_encrypted { (w.get("encrypted-number")) }
                @else { (foreign(&message.recipient)) }
                @if message.more_recipients > 0 {
                    " " span.faint { (w.count("more-recipients", message.more_recipients.into())) }
                }
            }
            span.when { (visit.time(message.created_at)) }
            span.what {
                (badges::of_message(w, message.state)) " "
                (outgoing::content(w, &message.content, message.is_data, message.is_encrypted))
            }
        }
    }
}

/// Shows the direction as a sign, with words for screen readers.
fn arrow(visit: &Visit, sign: &str, word: &str) -> Markup {
    html! { span.sign aria-hidden="true" { (sign) } span.ear { (visit.words.get(word)) } }
}

pub(super) async fn one(visit: Visit) -> Response {
    if !visit.asked("out").is_empty() {
        return outgoing::one(visit).await;
    }
    let w = visit.words;
    let id = visit.asked("id").to_owned();
    let found = visit.web.gateway.read(move |snapshot| {
        let Some(message) = snapshot.inbox_message(&id)? else {
            return Ok(None);
        };
        let moments = [message.created_at];
        let led_to = snapshot.deliveries_for_message(&message.id, &moments, None)?;
        Ok(Some((message, led_to)))
    });
    let (message, led_to) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Err(error) => return visit.failure(&error),
    };
    let kept = |word: &str| html! { (w.get(word)) };
    let steps = vec![
        (message.received_at, kept("timeline-sent")),
        (message.created_at, kept("timeline-kept")),
    ];
    let content = html! {
        section.card {
            p.text { (text(&visit, &message)) }
            dl.facts {
                div { dt { (w.get("from")) } dd { (sender(&visit, &message)) } }
                @if !message.recipient.is_empty() { div { dt { (w.get("to")) } dd { (ltr(&message.recipient)) } } }
                @if message.sim_number > 0 { div { dt { "SIM" } dd { (message.sim_number) } } }
                div { dt { (w.get("kind")) } dd { code dir="ltr" { (message.kind) } } }
                div { dt { "id" } dd { code dir="ltr" { (message.id) } } }
                @for attachment in &message.attachments {
                    div { dt { (w.get("attachment")) } dd { (foreign(&attachment.name)) " " (foreign(&attachment.content_type)) " " bdi dir="ltr" { (attachment.size) " B" } } }
                }
            }
        }
        (timeline(&visit, steps, &led_to))
        @if led_to.is_empty() { p.empty { (nobody(&visit, message.created_at)) " " a href="/ui/webhooks" { (w.get("menu-webhooks")) } } }
    };
    visit.page(&w.get("message"), content)
}

/// Explains why no delivery is shown: there was none, or it is no longer kept.
fn nobody(visit: &Visit, kept_since: UnixMillis) -> String {
    if visit.now.since(kept_since) < DELIVERED_LIFETIME {
        return visit.words.get("timeline-nobody");
    }
    let days = DELIVERED_LIFETIME.as_secs() / 86_400;
    visit.words.count("timeline-forgotten", days)
}

fn sender(visit: &Visit, message: &InboxRecord) -> Markup {
    html! {
        @if message.sender.is_empty() { (visit.words.get("unknown-sender")) }
        @else { (foreign(&message.sender)) }
    }
}

fn text(visit: &Visit, message: &InboxRecord) -> Markup {
    html! {
        @if message.kind == InboxKind::DataSms.as_str() { (bytes(&message.data_head)) }
        @else if message.text.is_empty() { span.faint { (visit.words.get("no-text")) } }
        @else { (foreign(&message.text)) }
    }
}

//! Home: whether the gateway runs, and if not why; its addresses; the latest activity.

use std::time::Duration;

use axum::extract::Request;
use axum::response::{Redirect, Response};
use maud::{Markup, html};

use super::layout::{badge, bounded, copyable, encode};
use super::untrusted_text::{foreign, ltr};
use super::visit::{self, Visit};
use super::{Web, addresses, damage, hardening, troubles};
use crate::gateway::{DELIVERED_LIFETIME, Status};
use crate::model::clock::UnixMillis;
use crate::model::device::{Charging, Transport};
use crate::store::DeliveryState;

pub(super) async fn redirect() -> Redirect {
    Redirect::to("/")
}

/// Answers `GET /` of a browser.
pub(crate) async fn show(web: &Web, request: Request) -> Response {
    let mut response = match visit::visit_of(request, web).await {
        Ok(visit) => screen(&visit).await,
        Err(refused) => refused,
    };
    hardening::harden(response.headers_mut());
    response
}

async fn screen(visit: &Visit) -> Response {
    let w = visit.words;
    let health = visit.web.gateway.health_soon().await;
    let status = match visit.web.gateway.status_soon().await {
        Ok(status) => status,
        Err(error) => return visit.failure(&error),
    };
    let device = visit.web.gateway.device().state();
    let offline = !device.network.online && visit.web.gateway.settings().webhooks.internet_required;
    let (kind, word) = match (status.started, status.writable) {
        _ if status.damaged => ("bad", "state-damaged"),
        _ if status.recovered.is_some() => ("bad", "state-recovered"),
        (_, false) => ("bad", "state-full"),
        (false, _) => ("bad", "state-stopped"),
        _ if offline => ("warn", "state-offline"),
        _ if troubles::are_there(&health) => ("warn", "state-problems"),
        _ => ("good", "state-running"),
    };
    let credentials = visit.web.gateway.credentials();
    let content = html! {
        (damage::notice(visit, &status))
        section.card.lead id="state" data-live {
            h2.ear { (w.get("state")) }
            p data-said { (badge(w, kind, word)) " " (w.get(&format!("{word}-why"))) }
            dl.facts { (counts(visit, status)) }
            (troubles::list(visit, &health))
        }
        @if visit.web.gateway.registry().local().is_empty() {
            p.empty { (w.get("home-no-webhooks")) " " a href="/ui/webhooks" { (w.get("webhook-add")) } }
        }
        section.card {
            h2 { (w.get("home-reach")) }
            dl.facts {
                div { dt { (w.get("address")) } dd {
                    @for address in addresses::addresses(&visit.host, &visit.listening, addresses::own) { (copyable(w, &address, &address)) " " }
                } }
                div { dt { (w.get("user")) } dd { (copyable(w, &w.get("user"), &credentials.user)) } }
                div { dt { (w.get("password")) } dd {
                    details { summary aria-label={ (w.get("show")) ": " (w.get("password")) } { (w.get("show")) } (copyable(w, &w.get("password"), &credentials.password)) }
                } }
                div { dt { "API" } dd { a href="/docs" { code dir="ltr" { "/docs" } } } }
            }
        }
        section.card id="device" data-live {
            h2 { (w.get("device")) }
            dl.facts {
                div { dt { (w.get("device-name")) } dd { bdi { (device.name) } } }
                @for sim in &device.sims {
                    div { dt { "SIM " (sim.sim_number) } dd {
                        @if let Some(carrier) = &sim.carrier_name { (foreign(carrier)) " " }
                        @if let Some(number) = &sim.phone_number { (ltr(number.as_str())) }
                    } }
                }
                @if device.sims.is_empty() { div { dt { "SIM" } dd { (w.get("no-sim")) } } }
                div { dt { (w.get("battery")) } dd {
                    bdi { (device.battery.level) " %" }
                    @if device.battery.charging != Charging::No { " · " (w.get("charging")) }
                } }
                div { dt { (w.get("network")) } dd {
                    (w.get(transport(device.network.transport)))
                    " · " (w.get(if device.network.online { "online" } else { "offline" }))
                } }
            }
        }
    };
    visit.page(&w.get("menu-home"), content)
}

fn counts(visit: &Visit, status: Status) -> Markup {
    let w = visit.words;
    // Messages are kept for a limited time only, so there may have been older ones.
    let messages = visit.web.gateway.settings().messages.lifetime();
    let time = |at: Option<UnixMillis>, kept: Option<Duration>| {
        html! {
            @match (at, kept) {
                (Some(at), _) => (visit.time(at)),
                (None, Some(kept)) => (w.count("none-within", kept.as_secs() / 86_400)),
                (None, None) => (w.get("never")),
            }
        }
    };
    html! {
        div { dt { (w.get("last-in")) } dd { (time(status.last_received_at, messages)) } }
        div { dt { (w.get("last-out")) } dd { (time(status.last_delivered_at, Some(DELIVERED_LIFETIME))) } }
        div { dt { (w.get("last-handed")) } dd { (time(status.last_handed_at, messages)) } }
        div { dt { (w.get("queue")) } dd { (waiting(visit, status.pending)) } }
        div { dt { (w.get("waiting-messages")) } dd { (bounded(status.waiting_messages)) } }
        div { dt { (w.get("dead")) } dd {
            @if status.dead == 0 { (status.dead) }
            @else { a href="/ui/dead" { (bounded(status.dead)) } }
        } }
    }
}

/// Shows how many deliveries wait, with a link to their list: with one webhook to its own.
fn waiting(visit: &Visit, count: u32) -> Markup {
    let webhooks = visit.web.gateway.registry().local();
    let list = match webhooks.as_slice() {
        [one] => format!(
            "/ui/webhook?id={}&state={}",
            encode(&one.id),
            DeliveryState::Pending.as_str()
        ),
        _ => "/ui/webhooks".to_owned(),
    };
    html! {
        @if count == 0 { (count) }
        @else { a href=(list) { (bounded(count)) } }
    }
}

fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::None => "network-none",
        Transport::Unknown => "network-unknown",
        Transport::Cellular => "network-cellular",
        Transport::WiFi => "network-wifi",
        Transport::Ethernet => "network-ethernet",
    }
}

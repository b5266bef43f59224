//! Home: is it running, and if not why; how to reach it; what happened last.

use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::foreign::{foreign, ltr};
use super::frame::{badge, bounded, copyable, encode};
use super::guard::{self, Visit};
use super::{Web, damage, reach};
use crate::device::{Charging, Status as CheckStatus, Transport};
use crate::gateway::Status;
use crate::store::{DeliveryState, Source, StoreError};

/// Webhooks that are looked at for those that fail, so that a thousand cost no more than these.
const LOOKED_AT: usize = 50;

pub(super) async fn redirect() -> Redirect {
    Redirect::to("/")
}

/// `GET /` of a browser.
pub(crate) async fn show(web: &Web, request: Request) -> Response {
    let mut response = match guard::visit_of(request, web).await {
        Ok(visit) => screen(&visit).await,
        Err(refused) => refused,
    };
    guard::harden(response.headers_mut());
    response
}

async fn screen(visit: &Visit) -> Response {
    let w = visit.words;
    let gateway = visit.web.gateway.clone();
    let read = tokio::task::spawn_blocking(move || (gateway.status(), gateway.health())).await;
    let (status, health) = match read {
        Ok((Ok(status), health)) => (status, health),
        Ok((Err(error), _)) => return visit.failure(&error),
        Err(_) => return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let failing = match failing(visit).await {
        Ok(failing) => failing,
        Err(error) => return visit.failure(&error),
    };
    let device = visit.web.gateway.device().state();
    let offline = !device.network.online && visit.web.gateway.settings().internet_required();
    let (kind, word) = match (status.started, status.writable) {
        _ if status.damaged => ("bad", "state-damaged"),
        _ if status.recovered.is_some() => ("bad", "state-recovered"),
        (_, false) => ("bad", "state-full"),
        (false, _) => ("bad", "state-stopped"),
        _ if offline => ("warn", "state-offline"),
        _ => ("good", "state-running"),
    };
    let credentials = visit.web.gateway.credentials();
    let content = html! {
        (damage::notice(visit, &status))
        section.card.lead id="state" data-live {
            p { (badge(w, kind, word)) " " (w.get(&format!("{word}-why"))) }
            dl.facts { (counts(visit, status)) }
            @let bad = health.checks.iter().filter(|(_, check)| check.status != CheckStatus::Pass);
            ul.warnings {
                @if failing > 0 { li { a href="/ui/webhooks" { (w.count("warning-webhooks", failing)) } } }
                @for (name, check) in bad {
                    li { (warning(visit, name, &check.description)) }
                }
            }
        }
        @if visit.web.gateway.registry().local().is_empty() {
            p.empty { (w.get("home-no-webhooks")) " " a href="/ui/webhooks" { (w.get("webhook-add")) } }
        }
        section.card {
            h2 { (w.get("home-reach")) }
            dl.facts {
                div { dt { (w.get("address")) } dd {
                    @for address in reach::addresses(&visit.host, &visit.listening, reach::own) { (copyable(w, &address)) " " }
                } }
                div { dt { (w.get("user")) } dd { (copyable(w, &credentials.user)) } }
                div { dt { (w.get("password")) } dd {
                    details { summary { (w.get("show")) } (copyable(w, &credentials.password)) }
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
    let time = |at: Option<crate::clock::UnixMillis>| {
        html! {
            @match at { Some(at) => (visit.time(at)), None => (w.get("never")) }
        }
    };
    html! {
        div { dt { (w.get("last-in")) } dd { (time(status.last_received_at)) } }
        div { dt { (w.get("last-out")) } dd { (time(status.last_delivered_at)) } }
        div { dt { (w.get("last-handed")) } dd { (time(status.last_handed_at)) } }
        div { dt { (w.get("queue")) } dd { (listed(visit, status.pending, DeliveryState::Pending)) } }
        div { dt { (w.get("waiting-messages")) } dd { (bounded(status.waiting_messages)) } }
        div { dt { (w.get("dead")) } dd { (listed(visit, status.dead, DeliveryState::Dead)) } }
    }
}

/// A count of deliveries, which leads to where they are listed: with one webhook to its own.
fn listed(visit: &Visit, count: u32, state: DeliveryState) -> Markup {
    let webhooks = visit.web.gateway.registry().local();
    let list = match webhooks.as_slice() {
        [one] => format!(
            "/ui/webhook?id={}&state={}",
            encode(&one.id),
            state.as_str()
        ),
        _ => "/ui/webhooks".to_owned(),
    };
    html! {
        @if count == 0 { (count) }
        @else { a href=(list) { (bounded(count)) } }
    }
}

/// How many webhooks fail, as their list has it.
async fn failing(visit: &Visit) -> Result<u64, StoreError> {
    let webhooks = visit.web.gateway.registry().local();
    let looked_at = webhooks.iter().take(LOOKED_AT);
    let ids: Vec<String> = looked_at.map(|webhook| webhook.id.clone()).collect();
    let counted = visit.web.gateway.read(move |snapshot| {
        let mut failing = 0;
        for id in &ids {
            let last = snapshot.webhook_last(Source::Local, id)?;
            failing += u64::from(last.is_some_and(|last| last.is_failure()));
        }
        Ok(failing)
    });
    counted.await
}

/// A check that did not pass, in words, with the way to what it is about; a shell's own comes in its
/// own words.
fn warning(visit: &Visit, name: &str, description: &str) -> Markup {
    let (word, list) = match name {
        "connection:status" => ("warning-offline", ""),
        "battery:level" => ("warning-battery", ""),
        "storage:writable" => ("warning-storage", ""),
        "store:damaged" => ("warning-damaged", ""),
        "store:recovered" => ("warning-recovered", ""),
        "deliveries:removed" => ("warning-removed", "/ui/webhooks"),
        "messages:failed" => ("warning-failed", "/ui/messages?which=out&state=Failed"),
        _ => return foreign(description),
    };
    let sentence = visit.words.get(word);
    html! {
        @if list.is_empty() { (sentence) }
        @else { a href=(list) { (sentence) } }
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

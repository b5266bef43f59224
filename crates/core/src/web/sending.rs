//! Shows when a waiting delivery goes on, or that it is being sent now.

use maud::{Markup, html};

use super::visit::Visit;
use crate::model::clock::UnixMillis;
use crate::store::DeliveryRecord;

/// Shows the progress of a pending delivery: being sent, due, or waiting for its time. A due
/// delivery that does not go shows the cause.
pub(super) fn progress(visit: &Visit, delivery: &DeliveryRecord) -> Markup {
    let w = visit.words;
    let sending = visit.web.gateway.in_flight();
    if let Some(sending) = sending.get(&delivery.number()) {
        return being_sent(visit, sending.since);
    }
    let due = w.get(waits_for(visit));
    html! {
        @if delivery.due_at > visit.now {
            // The script shows when the time has come.
            span data-due=(due) { (w.get("next-attempt")) " " (visit.time(delivery.due_at)) }
        } @else { (due) }
    }
}

/// Shows how long a delivery has been in flight; the script counts on.
pub(super) fn being_sent(visit: &Visit, since: UnixMillis) -> Markup {
    let w = visit.words;
    let seconds = visit.now.since(since).as_secs();
    let pattern = w.with("sending-now", &[("n", "%n".into())]);
    html! { span data-since=(since.0) data-pattern=(pattern) { (pattern.replace("%n", &seconds.to_string())) } }
}

/// Returns the cause that keeps back a due delivery.
fn waits_for(visit: &Visit) -> &'static str {
    let gateway = &visit.web.gateway;
    if !gateway.is_started() {
        return "due-stopped";
    }
    let offline =
        gateway.settings().webhooks.internet_required && !gateway.device().network().online;
    if offline { "due-offline" } else { "due-turn" }
}

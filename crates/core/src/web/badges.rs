//! Shows states as coloured words.

use maud::{Markup, html};

use super::layout::badge;
use super::sending::being_sent;
use super::visit::Visit;
use super::words::Words;
use crate::model::recipient_state::State;
use crate::store::Doing;

/// Shows the state of a delivery.
pub(super) fn of_delivery(w: &Words, state: &str) -> Markup {
    let (kind, word) = match state {
        "delivered" => ("good", "state-delivered"),
        "dead" => ("bad", "state-dead"),
        "cancelled" => ("faint", "state-cancelled"),
        _ => ("warn", "state-pending"),
    };
    badge(w, kind, word)
}

/// Returns the word for the class of a failed attempt.
pub(super) fn class_word(class: &str) -> &'static str {
    match class {
        "Timeout" => "class-timeout",
        "Connect" => "class-connect",
        "Tls" => "class-tls",
        "Dns" => "class-dns",
        "Closed" => "class-closed",
        "NotAllowed" => "class-not-allowed",
        _ => "class-other",
    }
}

/// Shows the state of a webhook.
pub(super) fn of_webhook(visit: &Visit, id: &str, doing: Doing) -> Markup {
    let w = visit.words;
    match doing {
        Doing::Failing => badge(w, "bad", "health-bad"),
        Doing::Working => badge(w, "good", "health-good"),
        Doing::Waiting => {
            let all = visit.web.gateway.in_flight();
            let ours = all.values().filter(|sending| sending.webhook_id == id);
            match ours.map(|sending| sending.since).min() {
                Some(since) => html! { span.badge.faint { (being_sent(visit, since)) } },
                None => badge(w, "warn", "health-waiting"),
            }
        }
        Doing::Unused => badge(w, "faint", "health-new"),
    }
}

/// Shows the state of a message or of a recipient.
pub(super) fn of_message(w: &Words, state: State) -> Markup {
    let kind = match state {
        State::Pending | State::Cancelling => "warn",
        State::Processed => "faint",
        State::Sent | State::Delivered => "good",
        State::Failed => "bad",
        State::Cancelled => "faint",
    };
    badge(w, kind, word(state))
}

/// Returns the word for a state.
pub(super) fn word(state: State) -> &'static str {
    match state {
        State::Pending => "out-pending",
        State::Cancelling => "out-cancelling",
        State::Cancelled => "out-cancelled",
        State::Processed => "out-processed",
        State::Sent => "out-sent",
        State::Delivered => "out-delivered",
        State::Failed => "out-failed",
    }
}

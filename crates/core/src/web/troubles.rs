//! The troubles that the first screen shows, each with a way out.

use maud::{Markup, html};

use super::layout;
use super::untrusted_text::foreign;
use super::visit::Visit;
use crate::model::device::{Check, Health, Status};

/// Returns whether there is a trouble that the owner should fix. A missing internet connection is a
/// state of its own, and no trouble if nothing needs it.
pub(super) fn are_there(health: &Health) -> bool {
    let mut bad = health.checks.iter().filter(|(_, check)| is_bad(check));
    bad.any(|(name, _)| name != "connection:status")
}

/// Shows every check that did not pass, the most serious first.
pub(super) fn list(visit: &Visit, health: &Health) -> Markup {
    let bad = || health.checks.iter().filter(|(_, check)| is_bad(check));
    let dead = |name: &str| name == "deliveries:dead";
    html! {
        ul.warnings {
            @for (_, check) in bad().filter(|(name, _)| dead(name)) { li.bad { (given_up(visit, check)) } }
            @for (name, check) in bad().filter(|(name, _)| !dead(name)) {
                li { (one(visit, name, check)) }
            }
        }
    }
}

fn is_bad(check: &Check) -> bool {
    check.status != Status::Pass
}

fn given_up(visit: &Visit, check: &Check) -> Markup {
    let w = visit.words;
    html! {
        (layout::counted(w, "warning-dead", count(check))) " " a href="/ui/dead" { (w.get("look")) }
        form method="post" action="/ui/dead/replay" {
            (visit.token())
            button.quiet type="submit" { (w.get("deliver-all")) }
        }
    }
}

/// Shows a check that did not pass, in words, with a link to its subject; a check of the shell has
/// its own words.
fn one(visit: &Visit, name: &str, check: &Check) -> Markup {
    let w = visit.words;
    let (word, list) = match name {
        "connection:status" => ("warning-offline", ""),
        "battery:level" => ("warning-battery", ""),
        "storage:writable" => ("warning-storage", ""),
        "store:damaged" => ("warning-damaged", ""),
        "store:recovered" => ("warning-recovered", ""),
        "storage:readable" => ("warning-reading", ""),
        "deliveries:device" => ("warning-device", ""),
        "tasks:broken" => ("warning-broken", "/ui/logs"),
        "deliveries:removed" => ("warning-removed", "/ui/webhooks"),
        "messages:failed" => {
            let sentence = w.count("warning-failed", count(check).into());
            return html! { a href="/ui/messages?which=out&state=Failed" { (sentence) } };
        }
        "webhooks:failing" => {
            let sentence = layout::counted(w, "warning-webhooks", count(check));
            return html! { a href="/ui/webhooks" { (sentence) } };
        }
        _ => return foreign(&check.description),
    };
    html! {
        @if list.is_empty() { (w.get(word)) }
        @else { a href=(list) { (w.get(word)) } }
        // Removed deliveries cannot be restored, so the owner only acknowledges them.
        @if name == "deliveries:removed" {
            form method="post" action="/ui/dead/noted" {
                (visit.token())
                button.quiet type="submit" { (w.get("noted")) }
            }
        }
    }
}

fn count(check: &Check) -> u32 {
    u32::try_from(check.observed_value).unwrap_or(0)
}

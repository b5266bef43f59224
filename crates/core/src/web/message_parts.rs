//! The parts that the screens of received and of sent messages share.

use fluent_bundle::FluentValue;
use maud::{Markup, html};

use super::badges;
use super::deliveries::latest;
use super::layout::encode;
use super::untrusted_text::foreign;
use super::visit::Visit;
use crate::model::clock::UnixMillis;
use crate::store::{DELIVERIES_LIMIT, DeliveryRecord};

/// The most deliveries and recipients that the screen of a message shows.
pub(super) const SHOWN: usize = 50;

/// Shows the timeline of a message, and how many entries were cut.
pub(super) fn timeline(
    visit: &Visit,
    mut steps: Vec<(UnixMillis, Markup)>,
    led_to: &[DeliveryRecord],
) -> Markup {
    let w = visit.words;
    let shown = led_to.len().min(SHOWN);
    steps.extend(led_to[..shown].iter().map(|delivery| led(visit, delivery)));
    steps.sort_by_key(|(at, _)| *at);
    let more = led_to.len() - shown;
    let counted = match led_to.len() {
        // There may be even more, which were not counted.
        DELIVERIES_LIMIT.. => FluentValue::from(format!("{more}+")),
        _ => FluentValue::from(more),
    };
    html! {
        section.card id="timeline" data-live {
            h2 { (w.get("timeline")) }
            ol.timeline {
                @for (at, what) in steps { li { (visit.exact(at)) " " (what) } }
            }
            @if more > 0 {
                p { (w.with("more-deliveries", &[("n", counted)])) " " a href="/ui/webhooks" { (w.get("menu-webhooks")) } }
            }
        }
    }
}

/// Shows a delivery of a message, with its latest attempt.
fn led(visit: &Visit, delivery: &DeliveryRecord) -> (UnixMillis, Markup) {
    let what = html! {
        (badges::of_delivery(visit.words, &delivery.state)) " " code dir="ltr" { (delivery.event) } " → "
        a href={ "/ui/delivery?id=" (encode(&delivery.id)) } { (foreign(&delivery.webhook_id)) }
        (latest(visit, delivery))
    };
    (delivery.created_at, what)
}

/// Shows the beginning of a data message, for both directions.
pub(super) fn bytes(data: &[u8]) -> Markup {
    let head = data.get(..64).unwrap_or(data);
    html! { code dir="ltr" { (crate::model::hex::hex(head)) @if head.len() < data.len() { "…" } } }
}

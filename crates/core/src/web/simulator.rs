//! The world around a simulated phone: the visitor types an SMS, which goes out as webhooks, and
//! sees the messages that the phone was asked to send. Only if the shell has the simulator's
//! routes.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::badges;
use super::layout::{back, copyable, encode};
use super::message_parts::bytes;
use super::problem::Problem;
use super::untrusted_text::{foreign, ltr};
use super::visit::{Posted, Visit};
use crate::model::clock::UnixMillis;
use crate::model::recipient_state::State;
use crate::receiving::{IncomingSms, ReceiveError};
use crate::sending::{Content, SendRequest};
use crate::store::{DeliveryRecord, InboxRecord, PREVIEW_CHARS, Snapshot, StoreError};

/// How many messages of each direction are shown.
const SHOWN: usize = 12;

/// The world around a simulated phone, simulated by the shell. It checks the visitor's input.
pub trait SimulatedWorld: Send + Sync + 'static {
    /// Returns the typed message, if it can come in; `sim_number` is 1-based.
    fn incoming(
        &self,
        from: &str,
        text: String,
        sim_number: Option<i64>,
    ) -> Result<IncomingSms, SimulatedInputError>;

    /// Returns at most so many messages that the modem was asked to send, newest first.
    fn sent(&self, most: usize) -> Vec<SimulatedSend>;
}

/// Why the input is wrong, as a sentence that says what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimulatedInputError {
    /// The sender is wrong.
    #[error("from must have 1 to 64 characters.")]
    From,
    /// The text is wrong.
    #[error("text must have at most {most} characters.")]
    Text {
        /// The most characters that it may have.
        most: usize,
    },
    /// The number is not that of any SIM.
    #[error("simNumber must be 1 or 2.")]
    SimNumber,
    /// The device has no such SIM.
    #[error("simNumber {0} does not exist; this device has no such SIM.")]
    NoSuchSim(u32),
}

/// A message that a simulated modem was asked to send.
#[derive(Clone)]
pub struct SimulatedSend {
    /// The request.
    pub request: SendRequest,
    /// The time of the request.
    pub at: UnixMillis,
    /// The SIM that sends it, 1-based.
    pub sim_number: u32,
    /// Its texts, part by part; none for data.
    pub parts: Vec<String>,
}

/// The contents of the phone's screen.
#[derive(Default)]
struct Shown {
    came_in: Vec<(InboxRecord, Vec<DeliveryRecord>)>,
    went_out: Vec<(SimulatedSend, Option<State>)>,
}

fn look(snapshot: &Snapshot<'_>, sent: Vec<SimulatedSend>) -> Result<Shown, StoreError> {
    let mut shown = Shown::default();
    for message in snapshot.newest_inbox(SHOWN)? {
        let moments = [message.created_at];
        let led_to = snapshot.deliveries_for_message(&message.id, &moments, None)?;
        shown.came_in.push((message, led_to));
    }
    for sent in sent {
        let request = &sent.request;
        let row = snapshot.recipient(&request.message_id.0, request.recipient)?;
        let state = row.map(|row| row.progress.state);
        shown.went_out.push((sent, state));
    }
    Ok(shown)
}

/// The contents of the form.
#[derive(Clone, Copy)]
struct Entered<'a> {
    from: &'a str,
    sim: &'a str,
    text: &'a str,
}

pub(super) async fn show(visit: Visit) -> Response {
    let entered = Entered {
        from: "+12025550123",
        sim: "",
        text: "",
    };
    screen(&visit, StatusCode::OK, entered, &Problem::default()).await
}

async fn screen(
    visit: &Visit,
    status: StatusCode,
    entered: Entered<'_>,
    problem: &Problem,
) -> Response {
    let w = visit.words;
    let gateway = &visit.web.gateway;
    let world = visit.web.simulator.as_ref();
    let sent = world.map_or_else(Vec::new, |world| world.sent(SHOWN));
    let shown = match gateway.read(|snapshot| look(snapshot, sent)).await {
        Ok(shown) => shown,
        Err(error) => return visit.failure(&error),
    };
    let sims = gateway.device().state().sims;
    // Only give the form an anchor after it was submitted; otherwise the page opens at the phone.
    let posted = visit.path != "/ui/simulator";
    let nothing_sent = shown.went_out.is_empty();
    let content = html! {
        div.phone {
            div.bubbles id="simulated" data-live data-at=[posted.then_some("/ui/simulator")] { (bubbles(visit, &shown)) }
            form.stack id=[posted.then_some("form")] method="post" action="/ui/simulator/incoming#form" {
                (visit.token())
                (problem.line())
                label { (w.get("from"))
                    input id="from" name="from" dir="ltr" maxlength="64" required value=(entered.from) aria-invalid=[problem.invalid("from")] aria-describedby=[problem.described("from", "")];
                    (problem.beside("from"))
                }
                label { "SIM"
                    select id="sim" name="sim" aria-invalid=[problem.invalid("sim")] aria-describedby=[problem.described("sim", "")] {
                        @for sim in &sims {
                            option value=(sim.sim_number) selected[sim.sim_number.to_string() == entered.sim] {
                                (sim.sim_number)
                                // An option can have no element that would keep the number's
                                // direction.
                                @if let Some(number) = &sim.phone_number { " · \u{2066}" (number.as_str()) "\u{2069}" }
                            }
                        }
                    }
                    (problem.beside("sim"))
                }
                label { (w.get("text"))
                    // Browsers drop a line feed at the beginning.
                    textarea id="text" name="text" rows="3" dir="auto" required aria-invalid=[problem.invalid("text")] aria-describedby=[problem.described("text", "")] { "\n" (entered.text) }
                    (problem.beside("text"))
                }
                button type="submit" { (w.get("simulator-receive")) }
            }
        }
        section.card {
            h2 { (w.get("goes-out")) }
            p { (w.get(if nothing_sent { "simulator-send-first" } else { "simulator-send-more" })) }
            (copyable(w, "curl", &example(visit)))
            p.faint { (w.get("simulator-fates")) " " a href="/docs" { code dir="ltr" { "/docs" } } }
        }
    };
    visit.page_with(status, &w.get("menu-simulator"), content)
}

/// Returns a command that makes this gateway send a message.
fn example(visit: &Visit) -> String {
    format!(
        "curl -u {}:PASSWORD -H 'Content-Type: application/json' \
         -d '{{\"textMessage\":{{\"text\":\"Hello\"}},\"phoneNumbers\":[\"+12025550143\"]}}' \
         http://{}/messages",
        visit.web.gateway.credentials().user,
        visit.host
    )
}

/// Shows the messages, newest first; the stylesheet reverses them, so that the newest are visible
/// at the bottom.
fn bubbles(visit: &Visit, shown: &Shown) -> Markup {
    let mut all: Vec<(UnixMillis, Markup)> = Vec::new();
    for (message, led_to) in &shown.came_in {
        all.push((message.created_at, came_in(visit, message, led_to)));
    }
    for (sent, state) in &shown.went_out {
        all.push((sent.at, went_out(visit, sent, *state)));
    }
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    html! {
        @if all.is_empty() { p.empty { (visit.words.get("simulator-empty")) } }
        @for (_, bubble) in all { (bubble) }
    }
}

fn came_in(visit: &Visit, message: &InboxRecord, led_to: &[DeliveryRecord]) -> Markup {
    let w = visit.words;
    html! {
        a.bubble href={ "/ui/message?id=" (encode(&message.id)) } {
            span.faint { (foreign(&message.sender)) " · " (visit.time(message.created_at)) }
            span.said { (foreign(&message.text)) }
            span.faint {
                @for delivery in led_to {
                    span.way { "→ " (foreign(&delivery.webhook_id)) " " (badges::of_delivery(w, &delivery.state)) }
                }
                @if led_to.is_empty() { (w.get("simulator-nobody")) }
            }
        }
    }
}

fn went_out(visit: &Visit, sent: &SimulatedSend, state: Option<State>) -> Markup {
    let w = visit.words;
    let request = &sent.request;
    html! {
        a.bubble.ours href={ "/ui/message?out=" (encode(&request.message_id.0)) } {
            span.faint {
                "↑ " (ltr(request.phone_number.as_str()))
                " · SIM " (sent.sim_number) " · " (visit.time(sent.at))
            }
            span.said {
                @match &request.content {
                    Content::Text(text) => (foreign(head(text))),
                    Content::Data { data, port } => {
                        (bytes(data)) " → " bdi dir="ltr" { (port) }
                    }
                }
            }
            span.faint {
                @if sent.parts.len() > 1 { (w.count("parts-count", u64::try_from(sent.parts.len()).unwrap_or(0))) " " }
                @if let Some(state) = state { (badges::of_message(w, state)) }
            }
        }
    }
}

/// Returns the beginning of a text, as lists get it from the store.
fn head(text: &str) -> &str {
    let end = text.char_indices().nth(PREVIEW_CHARS);
    end.map_or(text, |(end, _)| &text[..end])
}

pub(super) async fn incoming(posted: Posted) -> Response {
    let visit = &posted.visit;
    let (w, gateway) = (visit.words, &visit.web.gateway);
    let entered = Entered {
        from: posted.field("from"),
        sim: posted.field("sim"),
        text: posted.field("text"),
    };
    // A text that is no number is no SIM.
    let sim = Some(entered.sim).filter(|sim| !sim.is_empty());
    let sim = sim.map(|sim| sim.parse().unwrap_or(-1));
    let text = entered.text.replace("\r\n", "\n");
    let status = StatusCode::BAD_REQUEST;
    let Some(world) = &visit.web.simulator else {
        return back("/");
    };
    let incoming = match world.incoming(entered.from, text, sim) {
        Ok(incoming) => incoming,
        Err(error) => {
            use SimulatedInputError::{From, NoSuchSim, SimNumber, Text};
            let (field, word) = match error {
                From => ("from", "problem-from"),
                Text { .. } => ("text", "problem-sms"),
                SimNumber | NoSuchSim(_) => ("sim", "problem-sim"),
            };
            let problem = Problem::new(field, w.get(word));
            return screen(visit, status, entered, &problem).await;
        }
    };
    let kept = match gateway.receive(incoming) {
        Ok(receipt) => receipt.done().await.map_err(ReceiveError::Store),
        Err(error) => Err(error),
    };
    match kept {
        Ok(_) => back("/ui/simulator?done=received"),
        Err(ReceiveError::Store(error)) => visit.failure(&error),
        Err(ReceiveError::Undecodable(_)) => {
            let problem = Problem::new("", w.get("refused-form"));
            screen(visit, status, entered, &problem).await
        }
    }
}

//! The world around a simulated phone: an SMS is typed in, and goes out as webhooks. Only where the
//! shell has the simulator's routes.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::frame::{self, back, encode, foreign};
use super::guard::{Posted, Visit};
use crate::phone::PhoneNumber;
use crate::receiving::{IncomingSms, Origin, ReceiveError};
use crate::store::InboxCursor;

pub(super) async fn show(visit: Visit) -> Response {
    screen(&visit, StatusCode::OK, ("+12025550123", ""), None).await
}

async fn screen(
    visit: &Visit,
    status: StatusCode,
    entered: (&str, &str),
    problem: Option<&str>,
) -> Response {
    let w = visit.words;
    let newest = visit
        .web
        .gateway
        .read(|snapshot| snapshot.inbox_page(InboxCursor::NEWEST, 10));
    let page = match newest.await {
        Ok(page) => page,
        Err(error) => return frame::failure(&error),
    };
    let sims = visit.web.gateway.device().state().sims;
    let content = html! {
        @if let Some(problem) = problem { p.problem role="alert" lang="en" dir="ltr" { (problem) } }
        div.phone {
            div.bubbles id="simulated" data-live {
                @if page.messages.is_empty() { p.empty { (w.get("simulator-empty")) } }
                @for message in page.messages.iter().rev() {
                    a.bubble href={ "/ui/message?id=" (encode(&message.id)) } {
                        span.faint { (foreign(&message.sender)) " · " (visit.time(message.received_at)) }
                        (foreign(&message.text))
                    }
                }
            }
            form.stack method="post" action="/ui/simulator/incoming" {
                (visit.token())
                label { (w.get("from")) input name="from" dir="ltr" maxlength="64" required value=(entered.0); }
                label { "SIM"
                    select name="sim" { @for sim in &sims { option value=(sim.sim_number) { (sim.sim_number) } } }
                }
                label { (w.get("text")) textarea name="text" rows="3" dir="auto" required { (entered.1) } }
                button type="submit" { (w.get("simulator-receive")) }
            }
        }
    };
    visit.page_with(status, &w.get("menu-simulator"), content)
}

pub(super) async fn incoming(posted: Posted) -> Response {
    let visit = &posted.visit;
    let (from, text) = (posted.field("from"), posted.field("text"));
    let incoming = IncomingSms {
        origin: Origin {
            sender: PhoneNumber::new(from),
            sim_number: posted.field("sim").parse().ok(),
            ..Origin::default()
        },
        text: text.replace("\r\n", "\n"),
    };
    let kept = match visit.web.gateway.receive(incoming) {
        Ok(receipt) => receipt.done().await.map_err(ReceiveError::Store),
        Err(error) => Err(error),
    };
    match kept {
        Ok(_) => back("/ui/simulator?done=received"),
        Err(ReceiveError::Store(error)) => frame::failure(&error),
        Err(error) => {
            let sentence = error.to_string();
            screen(
                visit,
                StatusCode::BAD_REQUEST,
                (from, text),
                Some(&sentence),
            )
            .await
        }
    }
}

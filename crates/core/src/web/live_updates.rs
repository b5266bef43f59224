//! Server-sent events: a write happened, so the screen loads itself again.
//!
//! An event holds nothing but a number, so it contains nothing private. It comes at most once a
//! [`PAUSE`], and the session is checked before each event, so the stream ends with the session.
//! The follower sends the number that its screen shows, so it misses no write in between.
//!
//! If nothing is written, a heartbeat comes, so that a window knows within seconds that the gateway
//! is gone, hangs, or cannot be reached any more: only the last of these breaks a connection.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::Web;
use super::visit::Visit;

/// The most browsers that follow at the same time.
pub(super) const FOLLOWERS: usize = 16;
const PAUSE: Duration = Duration::from_millis(500);
/// How often a heartbeat comes and the session is checked if nothing is written. `page.js` waits
/// for it.
const BEAT: Duration = Duration::from_secs(5);

/// Fires when the server stops, so that no follower delays the stop.
#[derive(Clone)]
pub(crate) struct Stopping(pub watch::Receiver<bool>);

struct Following {
    web: Web,
    session: String,
    commits: watch::Receiver<u64>,
    stopping: Option<watch::Receiver<bool>>,
    first: bool,
    _place: OwnedSemaphorePermit,
}

pub(super) async fn events(
    visit: Result<Visit, Response>,
    stopping: Option<Extension<Stopping>>,
) -> Response {
    let visit = match visit {
        Ok(visit) => visit,
        // Nobody reads the page that a redirect leads to; the status ends the stream.
        Err(refused) if refused.status().is_redirection() => {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        Err(refused) => return refused,
    };
    let Ok(place) = std::sync::Arc::clone(&visit.web.followers).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut commits = visit.web.gateway.commits();
    let since = visit.asked("since").parse::<u64>();
    if since.is_ok_and(|since| since != *commits.borrow()) {
        // There was a write since the shown content was read.
        commits.mark_changed();
    }
    let following = Following {
        commits,
        web: visit.web,
        session: visit.session,
        stopping: stopping.map(|Extension(Stopping(receiver))| receiver),
        first: true,
        _place: place,
    };
    let body = Body::from_stream(stream::unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok::<_, Infallible>(event), following))
    }));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, body).into_response()
}

impl Following {
    /// Returns the next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        if std::mem::take(&mut self.first) {
            return Some(Bytes::from_static(b"retry: 3000\n\n"));
        }
        let clock = self.web.gateway.clock().clone();
        let mut changed = false;
        tokio::select! {
            () = stopped(&mut self.stopping) => return None,
            news = self.commits.changed() => changed = news.is_ok(),
            () = clock.sleep(BEAT) => {}
        }
        if !matches!(
            self.web.gateway.sessions().is_live(&self.session).await,
            Ok(true)
        ) {
            return None;
        }
        if !changed {
            return Some(Bytes::from_static(b"event: beat\ndata:\n\n"));
        }
        tokio::select! {
            () = stopped(&mut self.stopping) => return None,
            () = clock.sleep(PAUSE) => {}
        }
        let number = *self.commits.borrow_and_update();
        Some(Bytes::from(format!("event: changed\ndata: {number}\n\n")))
    }
}

async fn stopped(stopping: &mut Option<watch::Receiver<bool>>) {
    match stopping {
        // If the sender is gone, the server has stopped.
        Some(stopping) => {
            let _ = stopping.wait_for(|stop| *stop).await;
        }
        None => std::future::pending().await,
    }
}

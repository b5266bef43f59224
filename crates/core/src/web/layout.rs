//! The document around every screen, and the small parts that screens share.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use fluent_bundle::FluentValue;
use maud::{DOCTYPE, Markup, html};

use super::failure_text;
use super::words::Words;
use crate::model::clock::UnixMillis;
use crate::store::StoreError;

/// Redirects to a screen after a change, so that a reload does not repeat the change.
pub(super) fn back(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// The data of a document that the script keeps up to date. Times go by our clock, because the
/// browser's may be wrong.
#[derive(Clone, Copy)]
pub(super) struct Living {
    pub now: UnixMillis,
    /// The number of writes before the content was read.
    pub commits: u64,
}

/// Makes the document around any content.
pub(super) fn document(w: &Words, title: &str, living: Option<Living>, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(w.language.code()) dir=(w.language.direction()) data-now=[living.map(|living| living.now.0)] data-commits=[living.map(|living| living.commits)] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // Not no-referrer as in the header, because browsers would then send forms with
                // `Origin: null`.
                meta name="referrer" content="same-origin";
                meta name="color-scheme" content="light dark";
                title { (title) " · SimRelay" }
                link rel="icon" href="/ui/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/ui/assets/page.css";
                @if living.is_some() { script src="/ui/assets/page.js" defer {} }
            }
            body { (body) }
        }
    }
}

/// Makes a page for a refused visitor who may not be signed in.
pub(super) fn refusal(w: &Words, status: StatusCode, word: &str) -> Response {
    stop(w, status, &w.get(word))
}

/// Makes the same page for an error of the store.
pub(super) fn failure(w: &Words, error: &StoreError) -> Response {
    stop(w, status_of(error), &failure_text::of_store(w, error))
}

pub(super) fn status_of(error: &StoreError) -> StatusCode {
    match error {
        StoreError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn stop(w: &Words, status: StatusCode, sentence: &str) -> Response {
    let content = html! {
        p role="alert" { (sentence) }
        p { a href="/" { (w.get("menu-home")) } }
    };
    alone(w, status, &w.get("refused"), content)
}

/// Makes a page without the menu.
pub(super) fn alone(w: &Words, status: StatusCode, title: &str, content: Markup) -> Response {
    let body = html! {
        main.narrow id="main" { h1 { (title) } (content) }
    };
    (status, Html(document(w, title, None, body).into_string())).into_response()
}

/// Shows a count that stops at a bound.
pub(super) fn bounded(count: u32) -> Markup {
    html! {
        @if count >= crate::store::COUNT_LIMIT { bdi dir="ltr" { (count) "+" } }
        @else { (count) }
    }
}

/// Returns a sentence about a count that stops at a bound.
pub(super) fn counted(w: &Words, id: &str, count: u32) -> String {
    if count >= crate::store::COUNT_LIMIT {
        return w.with(id, &[("n", FluentValue::from(format!("{count}+")))]);
    }
    w.count(id, count.into())
}

/// Shows that this part of a list has nothing, and links to the rest.
pub(super) fn nothing_among(w: &Words, further: &str) -> Markup {
    let looked_at = u64::try_from(crate::store::SCAN_LIMIT).unwrap_or(u64::MAX);
    html! {
        p.empty { (w.count("looked-none", looked_at)) " " a href=(further) rel="next" { (w.get("looked-further")) } }
    }
}

/// Shows a text that people copy.
pub(super) fn copyable(w: &Words, what: &str, text: &str) -> Markup {
    html! {
        span.copy {
            code dir="ltr" { (text) }
            button.quiet type="button" data-copy=(text) aria-label={ (w.get("copy")) ": " (what) } hidden { (w.get("copy")) }
        }
    }
}

/// Shows a word in the colour of a state.
pub(super) fn badge(w: &Words, kind: &str, word: &str) -> Markup {
    html! { span class={ "badge " (kind) } { (w.get(word)) } }
}

/// Encodes a value of a query.
pub(super) fn encode(text: &str) -> String {
    let set = percent_encoding::NON_ALPHANUMERIC;
    percent_encoding::utf8_percent_encode(text, set).to_string()
}

//! What stands around every screen, and the small parts that screens are made of.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use fluent_bundle::FluentValue;
use maud::{DOCTYPE, Markup, html};

use super::untrusted_text::visible;
use super::visit::Visit;
use super::words::Words;
use super::{assets, failure_text};
use crate::model::clock::UnixMillis;
use crate::model::time_text;
use crate::store::StoreError;

/// The screens of the menu: path and word.
const MENU: [(&str, &str); 8] = [
    ("/", "menu-home"),
    ("/ui/messages", "menu-messages"),
    ("/ui/webhooks", "menu-webhooks"),
    ("/ui/settings", "menu-settings"),
    ("/ui/access", "menu-access"),
    ("/ui/logs", "menu-logs"),
    ("/ui/simulator", "menu-simulator"),
    ("/ui/about", "menu-about"),
];

impl Visit {
    /// A screen with that title.
    pub fn page(&self, title: &str, content: Markup) -> Response {
        self.page_with(StatusCode::OK, title, content)
    }

    /// A screen with another status.
    pub fn page_with(&self, status: StatusCode, title: &str, content: Markup) -> Response {
        let w = self.words;
        let here = |path: &str| match path {
            "/" => self.path == "/",
            // `/ui/webhook` and `/ui/delivery` belong to the webhooks, and so on.
            "/ui/webhooks" => ["/ui/webhook", "/ui/deliver", "/ui/dead"]
                .iter()
                .any(|of_webhooks| self.path.starts_with(of_webhooks)),
            "/ui/messages" => self.path.starts_with("/ui/message"),
            path => self.path.starts_with(path),
        };
        let body = html! {
            a.skip href="#main" { (w.get("skip")) }
            header.top {
                a.brand href="/" { "SimRelay" }
                nav aria-label=(w.get("menu")) {
                    ul {
                        @for (path, word) in MENU {
                            @if path != "/ui/simulator" || self.web.simulator.is_some() {
                                li { a href=(path) aria-current=[here(path).then_some("page")] { (w.get(word)) } }
                            }
                        }
                    }
                }
                form method="post" action="/ui/sign-out" {
                    (self.token())
                    button.quiet type="submit" { (w.get("sign-out")) }
                }
            }
            @let away = w.with("away", &[("n", "%n".into())]);
            div.away id="away" role="alert" data-text=(away) hidden {}
            div.ear id="said" role="status" data-copied=(w.get("copied")) {}
            main id="main" tabindex="-1" {
                h1 { (visible(title)) }
                @if let Some(done) = done(self.words, self.asked("done")) {
                    p.note role="status" { (done) }
                }
                (content)
            }
        };
        let refused = w.with("title-refused", &[("name", FluentValue::from(title))]);
        let title = if [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN].contains(&status) {
            &refused
        } else {
            title
        };
        let html = document(w, title, Some(self), body).into_string();
        let mut response = if self.gzip {
            let packed = assets::gzip(html.as_bytes());
            ([(header::CONTENT_ENCODING, "gzip")], Html(packed)).into_response()
        } else {
            Html(html).into_response()
        };
        *response.status_mut() = status;
        let vary = HeaderValue::from_static("Accept-Encoding, Accept-Language, Cookie");
        response.headers_mut().insert(header::VARY, vary);
        response
    }

    /// A page for what cannot be done.
    pub fn refusal(&self, status: StatusCode, word: &str) -> Response {
        self.stop(status, &self.words.get(word))
    }

    /// A page for a store that cannot.
    pub fn failure(&self, error: &StoreError) -> Response {
        self.stop(status_of(error), &failure_text::of_store(self.words, error))
    }

    fn stop(&self, status: StatusCode, sentence: &str) -> Response {
        let content = html! { p.problem role="alert" { (sentence) } };
        self.page_with(status, &self.words.get("refused"), content)
    }

    /// The hidden field that every form of a change carries.
    pub fn token(&self) -> Markup {
        html! { input type="hidden" name="token" value=(self.form_token); }
    }

    /// A time: how long ago or ahead, and on hover exactly.
    pub fn time(&self, at: UnixMillis) -> Markup {
        let exact = time_text::format(at, &self.zone);
        let shown = exact.get(..19).unwrap_or(&exact).replace('T', " ");
        html! { time datetime=(exact) title=(shown) { (relative(self.words, at, self.now)) } }
    }

    /// Exactly, to the second.
    pub fn exact(&self, at: UnixMillis) -> Markup {
        let exact = time_text::format(at, &self.zone);
        let shown = exact.get(..19).unwrap_or(&exact).replace('T', " ");
        html! { time datetime=(exact) { (shown) } }
    }
}

/// What a redirect after a change says, by a word that is ours; anything else says nothing.
fn done(w: &Words, what: &str) -> Option<String> {
    const KNOWN: [&str; 5] = ["saved", "added", "deleted", "replayed", "received"];
    const COUNTED: [(&str, &str); 3] = [
        ("replayed-all.", "deliveries-replayed"),
        ("tried-all.", "deliveries-tried"),
        ("discarded.", "deliveries-discarded"),
    ];
    for (prefix, word) in COUNTED {
        if let Some(count) = what.strip_prefix(prefix) {
            return match count.parse().ok()? {
                0 => Some(w.get(&format!("{word}-none"))),
                count => Some(w.count(word, count)),
            };
        }
    }
    let known = KNOWN.contains(&what);
    known.then(|| w.get(&format!("done-{what}")))
}

/// Back to a screen after a change, which a reload does not repeat.
pub(super) fn back(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// The document around anything.
///
/// That of a visit is a living one: the script keeps it up to date, and says times by our clock
/// although the browser's may be wrong.
pub(super) fn document(w: &Words, title: &str, visit: Option<&Visit>, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(w.language.code()) dir=(w.language.direction()) data-now=[visit.map(|visit| visit.now.0)] data-commits=[visit.map(|visit| visit.commits)] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // Not no-referrer as in the header: with that, forms would be sent with `Origin: null`.
                meta name="referrer" content="same-origin";
                meta name="color-scheme" content="light dark";
                title { (title) " · SimRelay" }
                link rel="icon" href="/ui/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/ui/assets/page.css";
                @if visit.is_some() { script src="/ui/assets/page.js" defer {} }
            }
            body { (body) }
        }
    }
}

/// A page for somebody who may not go on and is not known to be signed in.
pub(super) fn refusal(w: &Words, status: StatusCode, word: &str) -> Response {
    stop(w, status, &w.get(word))
}

/// The same for a store that cannot.
pub(super) fn failure(w: &Words, error: &StoreError) -> Response {
    stop(w, status_of(error), &failure_text::of_store(w, error))
}

fn status_of(error: &StoreError) -> StatusCode {
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

/// A page without the menu.
pub(super) fn alone(w: &Words, status: StatusCode, title: &str, content: Markup) -> Response {
    let body = html! {
        main.narrow id="main" { h1 { (title) } (content) }
    };
    (status, Html(document(w, title, None, body).into_string())).into_response()
}

fn relative(w: &Words, at: UnixMillis, now: UnixMillis) -> String {
    let (past, seconds) = if at > now {
        (false, at.since(now).as_secs())
    } else {
        (true, now.since(at).as_secs())
    };
    let (unit, n) = match seconds {
        0..5 => return w.get("time-now"),
        5..90 => ("seconds", seconds),
        90..5_400 => ("minutes", (seconds + 30) / 60),
        5_400..172_800 => ("hours", (seconds + 1_800) / 3_600),
        _ => ("days", (seconds + 43_200) / 86_400),
    };
    let when = if past { "ago" } else { "ahead" };
    w.count(&format!("time-{unit}-{when}"), n)
}

/// A length of time in its largest whole unit.
pub(super) fn length(w: &Words, seconds: u64) -> String {
    let (unit, n) = match seconds {
        0..120 => ("s", seconds),
        120..7_200 => ("min", seconds / 60),
        7_200..360_000 => ("h", seconds / 3_600),
        360_000..63_072_000 => ("d", seconds / 86_400),
        _ => ("y", seconds / 31_536_000),
    };
    w.count(&format!("length-{unit}"), n)
}

/// How long an attempt took.
pub(super) fn millis(w: &Words, millis: u64) -> String {
    w.with("length-ms", &[("n", FluentValue::from(millis))])
}

/// A count that stops at a bound.
pub(super) fn bounded(count: u32) -> Markup {
    html! {
        @if count >= crate::store::COUNT_LIMIT { bdi dir="ltr" { (count) "+" } }
        @else { (count) }
    }
}

/// A sentence about a count that stops at a bound.
pub(super) fn counted(w: &Words, id: &str, count: u32) -> String {
    if count >= crate::store::COUNT_LIMIT {
        return w.with(id, &[("n", FluentValue::from(format!("{count}+")))]);
    }
    w.count(id, count.into())
}

/// Nothing was found in the part of a list that was looked at, and there is more.
pub(super) fn nothing_among(w: &Words, further: &str) -> Markup {
    let looked_at = u64::try_from(crate::store::LOOKED_AT).unwrap_or(u64::MAX);
    html! {
        p.empty { (w.count("looked-none", looked_at)) " " a href=(further) rel="next" { (w.get("looked-further")) } }
    }
}

/// Something that people copy.
pub(super) fn copyable(w: &Words, what: &str, text: &str) -> Markup {
    html! {
        span.copy {
            code dir="ltr" { (text) }
            button.quiet type="button" data-copy=(text) aria-label={ (w.get("copy")) ": " (what) } hidden { (w.get("copy")) }
        }
    }
}

/// A word with a colour for a state.
pub(super) fn badge(w: &Words, kind: &str, word: &str) -> Markup {
    html! { span class={ "badge " (kind) } { (w.get(word)) } }
}

/// A query's value.
pub(super) fn encode(text: &str) -> String {
    let set = percent_encoding::NON_ALPHANUMERIC;
    percent_encoding::utf8_percent_encode(text, set).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::words::Language;
    use super::*;

    #[test]
    fn times_are_told_in_the_unit_that_people_would_use() {
        let w = Words::of(Language::English);
        let now = UnixMillis(10_000_000_000);
        for (seconds, expected) in [
            (0, "now"),
            (-60, "60 seconds ago"),
            (-90, "2 minutes ago"),
            (-3_600, "60 minutes ago"),
            (-7_200, "2 hours ago"),
            (-172_800, "2 days ago"),
            (40, "in 40 seconds"),
            (86_400, "in 24 hours"),
        ] {
            let at = UnixMillis(now.0 + seconds * 1_000);
            assert_eq!(relative(w, at, now), expected);
        }
        assert_eq!(length(w, 163_830), "45 h");
    }

    #[test]
    fn what_was_done_is_told_by_words_of_ours_alone() {
        let w = Words::of(Language::English);
        for (what, expected) in [
            ("saved", Some("Saved.")),
            ("replayed-all.1", Some("1 delivery was queued again.")),
            ("replayed-all.0", Some("There was nothing to redeliver.")),
            ("replayed-all.x", None),
            ("replayed-all.", None),
            ("menu", None),
            ("", None),
        ] {
            assert_eq!(done(w, what).as_deref(), expected, "{what}");
        }
    }
}

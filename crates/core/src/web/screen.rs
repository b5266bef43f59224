//! A screen of a signed-in visitor: the menu around its content, and the pages for errors.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use fluent_bundle::FluentValue;
use maud::{Markup, html};

use super::failure_text;
use super::layout::{Living, document, status_of};
use super::times::relative;
use super::untrusted_text::visible;
use super::visit::Visit;
use super::words::Words;
use crate::http::encoding::gzip;
use crate::model::clock::UnixMillis;
use crate::model::time_text;
use crate::store::StoreError;

/// The screens of the menu: path and id of the word.
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
    /// Makes a screen with that title.
    pub fn page(&self, title: &str, content: Markup) -> Response {
        self.page_with(StatusCode::OK, title, content)
    }

    /// Makes a screen with another status.
    pub fn page_with(&self, status: StatusCode, title: &str, content: Markup) -> Response {
        let w = self.words;
        let here = |path: &str| match path {
            "/" => self.path == "/",
            // `/ui/webhook` and `/ui/delivery` belong to the webhooks, for example.
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
        let html = document(w, title, Some(self.living()), body).into_string();
        let mut response = if self.gzip {
            let packed = gzip(html.as_bytes());
            ([(header::CONTENT_ENCODING, "gzip")], Html(packed)).into_response()
        } else {
            Html(html).into_response()
        };
        *response.status_mut() = status;
        let vary = HeaderValue::from_static("Accept-Encoding, Accept-Language, Cookie");
        response.headers_mut().insert(header::VARY, vary);
        response
    }

    fn living(&self) -> Living {
        Living {
            now: self.now,
            commits: self.commits,
        }
    }

    /// Makes a page for a refused request.
    pub fn refusal(&self, status: StatusCode, word: &str) -> Response {
        self.stop(status, &self.words.get(word))
    }

    /// Makes a page for an error of the store.
    pub fn failure(&self, error: &StoreError) -> Response {
        self.stop(status_of(error), &failure_text::of_store(self.words, error))
    }

    fn stop(&self, status: StatusCode, sentence: &str) -> Response {
        let content = html! { p.problem role="alert" { (sentence) } };
        self.page_with(status, &self.words.get("refused"), content)
    }

    /// Makes the hidden field that every form of a change contains.
    pub fn token(&self) -> Markup {
        html! { input type="hidden" name="token" value=(self.form_token); }
    }

    /// Shows a time: how long ago or ahead, and the exact time on hover.
    pub fn time(&self, at: UnixMillis) -> Markup {
        let exact = time_text::format(at, &self.zone);
        let shown = exact.get(..19).unwrap_or(&exact).replace('T', " ");
        html! { time datetime=(exact) title=(shown) { (relative(self.words, at, self.now)) } }
    }

    /// Shows the exact time, to the second.
    pub fn exact(&self, at: UnixMillis) -> Markup {
        let exact = time_text::format(at, &self.zone);
        let shown = exact.get(..19).unwrap_or(&exact).replace('T', " ");
        html! { time datetime=(exact) { (shown) } }
    }
}

/// Returns the sentence that a redirect after a change shows, by one of our own words; any other
/// word gives none.
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

#[cfg(test)]
mod tests {
    use super::super::words::Language;
    use super::*;

    #[test]
    fn done_shows_only_our_own_words() {
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

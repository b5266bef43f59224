//! Credentials and port: user, password, port; and the signing key, which is shown to a visitor who
//! enters the password again.

use axum::http::{StatusCode, header};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::json;
use url::Url;

use super::failure_text;
use super::layout::{self, back, copyable};
use super::problem::Problem;
use super::visit::{Posted, Visit};
use super::words::Words;
use crate::gateway::{AccessChange, ChangeSettingsError};
use crate::settings::Mode;
use crate::store::AccessError;

/// The parts of the screen that are not stored.
#[derive(Default)]
struct Shown<'a> {
    /// The contents of a refused form.
    entered: Option<&'a Posted>,
    problem: Problem,
    /// The signing key, if the visitor entered the password.
    key: Option<String>,
}

impl Shown<'_> {
    /// Returns the typed value of a field, otherwise the stored one.
    fn value(&self, field: &str, stored: String) -> String {
        let entered = self.entered.and_then(|posted| posted.fields.get(field));
        entered.cloned().unwrap_or(stored)
    }

    /// Asks the visitor to type a field again, because it is never sent back.
    fn again(&self, w: &Words, field: &str) -> Markup {
        let typed = self.entered.is_some_and(|it| !it.field(field).is_empty());
        html! { @if typed { small.why { (w.get("type-again")) } } }
    }
}

pub(super) async fn show(visit: Visit) -> Response {
    screen(&visit, StatusCode::OK, &Shown::default())
}

fn screen(visit: &Visit, status: StatusCode, shown: &Shown<'_>) -> Response {
    let w = visit.words;
    let gateway = &visit.web.gateway;
    let problem = &shown.problem;
    let user = shown.value("new_user", gateway.credentials().user.clone());
    let port = shown.value("port", gateway.port().to_string());
    let content = html! {
        (problem.line())
        section.card {
            h2 { (w.get("access-change")) }
            form.stack method="post" action="/ui/access" {
                (visit.token())
                (password_now(w, problem, "password"))
                label { (w.get("user"))
                    input id="user" name="new_user" autocomplete="username" maxlength="64" value=(user) aria-invalid=[problem.invalid("user")] aria-describedby=[problem.described("user", "")];
                    (problem.beside("user"))
                }
                label { (w.get("password-new"))
                    input id="new-password" name="new_password" type="password" autocomplete="new-password" minlength="8" maxlength="128" placeholder=(w.get("unchanged")) aria-invalid=[problem.invalid("new-password")] aria-describedby=[problem.described("new-password", "")];
                    (problem.beside("new-password"))
                    (shown.again(w, "new_password"))
                    small.faint { (w.get("password-new-hint")) }
                }
                @if !visit.web.fixed_port {
                    label { (w.get("port"))
                        input id="port" name="port" type="number" min="1024" max="65535" value=(port) aria-invalid=[problem.invalid("port")] aria-describedby=[problem.described("port", "")];
                        (problem.beside("port"))
                        small.faint { (w.get("port-hint")) }
                    }
                } @else {
                    p.faint { (w.get("port-elsewhere")) " " code dir="ltr" { "--listen 127.0.0.1:8080" } " · " code dir="ltr" { "SIMRELAY_LISTEN" } }
                }
                button type="submit" { (w.get("save")) }
            }
        }
        section.card {
            h2 { (w.get("signing-key")) }
            p { (w.get("signing-key-why")) }
            @if let Some(key) = &shown.key { p id="signing-key" { (copyable(w, &w.get("signing-key"), key)) } }
            form.stack method="post" action="/ui/access/signing-key" {
                (visit.token())
                input type="text" autocomplete="username" value=(gateway.credentials().user) readonly hidden;
                (password_now(w, problem, "key-password"))
                label { (w.get("signing-key-new"))
                    input id="key" name="key" dir="ltr" maxlength="512" autocomplete="off" placeholder=(w.get("signing-key-random")) aria-invalid=[problem.invalid("key")] aria-describedby=[problem.described("key", "")];
                    (problem.beside("key"))
                    (shown.again(w, "key"))
                }
                p.bar {
                    button type="submit" name="do" value="show" { (w.get("show")) }
                    button.danger type="submit" name="do" value="replace" { (w.get("replace")) }
                }
            }
        }
    };
    visit.page_with(status, &w.get("menu-access"), content)
}

fn password_now(w: &Words, problem: &Problem, id: &str) -> Markup {
    html! {
        label { (w.get("password-now"))
            input id=(id) name="password" type="password" autocomplete="current-password" required aria-invalid=[problem.invalid(id)] aria-describedby=[problem.described(id, "")];
            (problem.beside(id))
        }
    }
}

/// Shows the form again, with its typed values.
fn refused(posted: &Posted, status: StatusCode, field: &str, sentence: String) -> Response {
    let shown = Shown {
        entered: Some(posted),
        problem: Problem::new(field, sentence),
        key: None,
    };
    screen(&posted.visit, status, &shown)
}

/// Refuses the form unless this field holds the password; wrong ones are slowed down as everywhere.
fn check_again(posted: &Posted, field: &str) -> Option<Response> {
    let visit = &posted.visit;
    let w = visit.words;
    if let Some(wait) = visit.web.throttle.wait(visit.peer) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let mut refused = refused(posted, status, field, w.get("sign-in-throttled"));
        let seconds = wait.as_secs().max(1);
        refused
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
        return Some(refused);
    }
    let credentials = visit.web.gateway.credentials();
    if credentials.fits(&credentials.user, posted.field("password")) {
        return None;
    }
    visit.web.throttle.wrong_password(visit.peer);
    let status = StatusCode::FORBIDDEN;
    Some(refused(posted, status, field, w.get("password-wrong")))
}

pub(super) async fn save(posted: Posted) -> Response {
    if let Some(refused) = check_again(&posted, "password") {
        return refused;
    }
    let visit = &posted.visit;
    let gateway = &visit.web.gateway;
    let filled = |name: &str| Some(posted.field(name).to_owned()).filter(|text| !text.is_empty());
    let change = AccessChange {
        user: filled("new_user"),
        password: filled("new_password"),
        port: filled("port").map(|text| text.parse().unwrap_or(0)),
        device_id: None,
    };
    let before = gateway.port();
    match gateway.set_access(change).await {
        Ok(()) if gateway.port() != before => moved(visit),
        Ok(()) => back("/ui/access?done=saved"),
        Err(AccessError::Store(error)) => visit.failure(&error),
        Err(error) => {
            let (field, word) = match error {
                AccessError::User => ("user", "user-wrong"),
                AccessError::Password => ("new-password", "password-new-hint"),
                _ => ("port", "port-hint"),
            };
            let sentence = visit.words.get(word);
            refused(&posted, StatusCode::BAD_REQUEST, field, sentence)
        }
    }
}

/// Redirects to the new port, because the port of this answer is being closed.
fn moved(visit: &Visit) -> Response {
    let w = visit.words;
    let port = visit.web.gateway.port();
    let mut address = Url::parse(&format!("http://{}/ui/access?done=saved", visit.host));
    let is_set = address
        .as_mut()
        .is_ok_and(|it| it.set_port(Some(port)).is_ok());
    let content = html! {
        p role="status" { (w.get("port-moved")) " "
            @match address {
                Ok(address) if is_set => a href=(address) { bdi dir="ltr" { (address.origin().ascii_serialization()) } },
                _ => bdi dir="ltr" { (port) },
            }
        }
    };
    layout::alone(w, StatusCode::OK, &w.get("menu-access"), content)
}

/// Shows or replaces the signing key.
pub(super) async fn signing_key(posted: Posted) -> Response {
    if let Some(refused) = check_again(&posted, "key-password") {
        return refused;
    }
    let visit = &posted.visit;
    let gateway = &visit.web.gateway;
    if posted.field("do") == "replace" {
        let key = Some(posted.field("key")).filter(|key| !key.is_empty());
        let document = json!({"webhooks": {"signing_key": key}});
        match gateway.change_settings(&document, Mode::Form).await {
            Ok(_) => {}
            Err(ChangeSettingsError::Invalid(error)) => {
                let sentence = failure_text::of_settings(visit.words, &error);
                return refused(&posted, StatusCode::BAD_REQUEST, "key", sentence);
            }
            Err(ChangeSettingsError::Store(error)) => return visit.failure(&error),
        }
    }
    let shown = Shown {
        key: gateway.settings().signing_key(),
        ..Shown::default()
    };
    screen(visit, StatusCode::OK, &shown)
}

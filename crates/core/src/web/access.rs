//! Who may come in and where: user, password, port; and the signing key, for whoever gives the
//! password once more.

use axum::http::{StatusCode, header};
use axum::response::Response;
use maud::html;
use serde_json::json;

use super::frame::{self, back, copyable};
use super::guard::{Posted, Visit};
use super::reasons;
use crate::gateway::{AccessChange, AccessError, ChangeSettingsError};
use crate::settings::Mode;

pub(super) async fn show(visit: Visit) -> Response {
    screen(&visit, StatusCode::OK, None, None)
}

fn screen(visit: &Visit, status: StatusCode, problem: Option<&str>, key: Option<&str>) -> Response {
    let w = visit.words;
    let gateway = &visit.web.gateway;
    let content = html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        section.card {
            h2 { (w.get("access-change")) }
            form.stack method="post" action="/ui/access" {
                (visit.token())
                label { (w.get("password-now"))
                    input name="password" type="password" autocomplete="current-password" required;
                }
                label { (w.get("user"))
                    input name="new_user" autocomplete="username" maxlength="64" value=(gateway.credentials().user);
                }
                label { (w.get("password-new"))
                    input name="new_password" type="password" autocomplete="new-password" minlength="8" maxlength="128" placeholder=(w.get("unchanged"));
                    small.faint { (w.get("password-new-hint")) }
                }
                @if !visit.web.simulator {
                    label { (w.get("port"))
                        input name="port" type="number" min="1024" max="65535" value=(gateway.port());
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
            @if let Some(key) = key { p id="signing-key" { (copyable(w, key)) } }
            form.stack method="post" action="/ui/access/signing-key" {
                (visit.token())
                label { (w.get("password-now"))
                    input name="password" type="password" autocomplete="current-password" required;
                }
                label { (w.get("signing-key-new"))
                    input name="key" dir="ltr" maxlength="512" autocomplete="off" placeholder=(w.get("signing-key-random"));
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

/// The refusal unless the password was given once more; wrong ones are slowed down as everywhere.
fn check_again(posted: &Posted) -> Option<Response> {
    let visit = &posted.visit;
    let w = visit.words;
    if let Some(wait) = visit.web.throttle.wait(visit.peer) {
        let problem = w.get("sign-in-throttled");
        let mut refused = screen(visit, StatusCode::TOO_MANY_REQUESTS, Some(&problem), None);
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
    let problem = w.get("password-wrong");
    Some(screen(visit, StatusCode::FORBIDDEN, Some(&problem), None))
}

pub(super) async fn save(posted: Posted) -> Response {
    if let Some(refused) = check_again(&posted) {
        return refused;
    }
    let visit = &posted.visit;
    let filled = |name: &str| Some(posted.field(name).to_owned()).filter(|text| !text.is_empty());
    let change = AccessChange {
        user: filled("new_user"),
        password: filled("new_password"),
        port: filled("port").map(|text| text.parse().unwrap_or(0)),
    };
    match visit.web.gateway.set_access(change).await {
        Ok(()) => back("/ui/access?done=saved"),
        Err(AccessError::Store(error)) => frame::failure(visit.words, &error),
        Err(error) => {
            let word = match error {
                AccessError::User => "user-wrong",
                AccessError::Password => "password-new-hint",
                _ => "port-hint",
            };
            let problem = visit.words.get(word);
            screen(visit, StatusCode::BAD_REQUEST, Some(&problem), None)
        }
    }
}

/// Shows or replaces the signing key.
pub(super) async fn signing_key(posted: Posted) -> Response {
    if let Some(refused) = check_again(&posted) {
        return refused;
    }
    let visit = &posted.visit;
    let gateway = &visit.web.gateway;
    if posted.field("do") == "replace" {
        let key = Some(posted.field("key")).filter(|key| !key.is_empty());
        let document = json!({"webhooks": {"signing_key": key}});
        match gateway.change_settings(&document, Mode::Merge).await {
            Ok(_) => {}
            Err(ChangeSettingsError::Invalid(error)) => {
                let sentence = reasons::of_settings(visit.words, &error);
                return screen(visit, StatusCode::BAD_REQUEST, Some(&sentence), None);
            }
            Err(ChangeSettingsError::Store(error)) => return frame::failure(visit.words, &error),
        }
    }
    let key = gateway.settings().signing_key();
    screen(visit, StatusCode::OK, None, key.as_deref())
}

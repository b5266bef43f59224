//! The only list of the API's routes, both as served and as described.
//!
//! The description is made from the `utoipa::path` attributes of the handlers when they change, not
//! on every phone at every start: `cargo xtask openapi` writes `docs/openapi.json`, a test compares
//! it with the code, and the code that makes it is in no program.

use axum::Router;
use axum::routing::MethodRouter;

use super::{
    ApiState, attachments, deliveries, devices, docs, health, inbox, inbox_requests, logs,
    messages, root, settings, tokens, webhook_test, webhooks,
};

/// Takes `path => method handler, …;` and makes [`served`] of it, and `described` for the test.
macro_rules! routes {
    ($($path:literal => $($method:ident $file:ident :: $handler:ident),+;)+) => {
        /// Returns the routes.
        pub(super) fn served() -> Router<ApiState> {
            Router::new()
                $(.route($path, MethodRouter::new()$(.$method($file::$handler))+))+
        }

        /// Paths and methods, as in [`served`].
        #[cfg(test)]
        const SERVED: &[(&str, &[&str])] = &[$(($path, &[$(stringify!($method)),+])),+];

        /// Returns the description made from the handlers.
        #[cfg(test)]
        fn described() -> utoipa::openapi::OpenApi {
            utoipa_axum::router::OpenApiRouter::<ApiState>::with_openapi(docs::base())
                $(.routes(utoipa_axum::routes!($($file::$handler),+)))+
                .into_openapi()
        }
    };
}

routes! {
    "/" => get root::root;
    "/health" => get health::health;
    "/health/live" => get health::live;
    "/health/ready" => get health::ready;
    "/health/startup" => get health::startup;
    "/devices" => get devices::list;
    "/devices/{id}" => delete devices::delete;
    "/messages" => get messages::list, post messages::send;
    "/messages/{id}" => get messages::get, delete messages::cancel;
    "/inbox" => get inbox::list;
    "/inbox/{id}/attachments/{partId}" => get attachments::get;
    "/inbox/refresh" => post inbox_requests::refresh;
    "/messages/inbox/export" => post inbox_requests::export;
    "/webhooks" => get webhooks::list, post webhooks::register;
    "/webhooks/{id}" => delete webhooks::delete;
    "/webhooks/{id}/deliveries" => get deliveries::list;
    "/deliveries/{id}" => get deliveries::one;
    "/deliveries/{id}/replay" => post deliveries::replay;
    "/webhooks/{id}/replay" => post deliveries::replay_all;
    "/webhooks/{id}/test" => post webhook_test::test;
    "/settings" => get settings::get, patch settings::patch, put settings::put;
    "/logs" => get logs::list;
    "/auth/token" => post tokens::issue;
    "/auth/token/refresh" => post tokens::refresh;
    "/auth/token/{jti}" => delete tokens::revoke;
    "/docs/openapi.json" => get docs::openapi;
    "/docs" => get docs::page;
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;

    use super::*;

    /// If `SIMRELAY_WRITE_OPENAPI` is set, this test writes the file, for `cargo xtask openapi`.
    #[test]
    fn the_description_is_that_of_the_code() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/docs/openapi.json");
        let made = described().to_pretty_json().unwrap() + "\n";
        if std::env::var_os("SIMRELAY_WRITE_OPENAPI").is_some() {
            fs::write(file, &made).unwrap();
        }
        let kept = fs::read_to_string(file).unwrap();
        assert!(
            kept == made,
            "the routes changed; run `cargo xtask openapi`"
        );
    }

    #[test]
    fn routes_are_described_exactly_as_served() {
        let description = serde_json::to_value(described()).unwrap();
        let described: BTreeMap<_, BTreeSet<_>> = description["paths"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(path, methods)| {
                let methods = methods.as_object().unwrap().keys();
                (path.as_str(), methods.map(String::as_str).collect())
            })
            .collect();
        let served: BTreeMap<_, BTreeSet<_>> = SERVED
            .iter()
            .map(|(path, methods)| (*path, methods.iter().copied().collect()))
            .collect();
        assert_eq!(served, described);
    }
}

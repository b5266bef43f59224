//! The integration tests: a real gateway, a real database, real sockets, a clock that stands still.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod access;
mod api;
mod astray;
mod auth;
mod behind;
mod cross_site;
mod deliveries;
mod disk;
mod dropin;
mod events;
mod exports;
mod faults;
mod forms;
mod framing;
mod identity;
mod inbox;
mod looks;
mod malformed;
mod messages;
mod moving;
mod network;
mod page;
mod pings;
mod receivers;
mod receiving;
mod reconciliation;
mod restart;
mod results;
mod retries;
mod screens;
mod secrets;
mod sending;
mod settings;
mod simulator;
mod slow;
mod store;
mod strangers;
mod tls;
mod tls_causes;
mod tokens;
mod urls;
mod wake;
mod webhook_forms;
mod webhooks;

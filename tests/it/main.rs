//! The integration tests: a real gateway, a real database, real sockets, a clock that stands still.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod access;
mod api;
mod astray;
mod auth;
mod behind;
mod damage;
mod deliveries;
mod disk;
mod events;
mod faults;
mod forms;
mod identity;
mod inbox;
mod looks;
mod messages;
mod network;
mod page;
mod pings;
mod receiving;
mod reconciliation;
mod recovery;
mod restart;
mod results;
mod retries;
mod screens;
mod sending;
mod settings;
mod simulator;
mod slow;
mod store;
mod tls;
mod tokens;
mod wake;
mod webhook_forms;
mod webhooks;

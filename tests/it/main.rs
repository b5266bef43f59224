//! The integration tests: a real gateway, a real database, real sockets, a clock that stands still.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod access;
mod api;
mod auth;
mod behind;
mod disk;
mod events;
mod faults;
mod identity;
mod inbox;
mod network;
mod pings;
mod receiving;
mod reconciliation;
mod restart;
mod retries;
mod settings;
mod store;
mod tls;
mod wake;
mod webhooks;

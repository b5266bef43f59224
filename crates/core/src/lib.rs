//! SimRelay's core: an SMS gateway that does not lose messages.
//!
//! The modules, in the order in which a message passes through them:
//!
//! * [`Gateway`] ([`mod@gateway`]) takes the facts that its shell reports;
//! * [`receiving`] turns an incoming message into a row and an event;
//! * [`sending`] hands outgoing messages to the modem and tracks their results;
//! * [`events`] makes the body that receivers get;
//! * `store` stores both in one transaction;
//! * [`webhooks`] makes the deliveries and their retries, and records every attempt;
//! * [`device`] and [`settings`] hold the state of the phone and the owner's choices;
//! * `web` is the page for people;
//! * [`api`] is the same for programs; [`server`] serves both over HTTP.
//!
//! The core knows nothing of JNI or Android, keeps no process-wide state, and takes its side
//! effects from [`Deps`].

pub mod api;
pub mod events;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzz;
pub mod gateway;
mod http;
mod loops;
mod model;
mod net;
pub mod phone_inbox;
pub mod receiving;
pub mod sending;
pub mod server;
pub mod settings;
mod store;
mod tokens;
mod web;
pub mod webhooks;

pub use gateway::deps::Deps;
pub use gateway::{AccessChange, Gateway, OpenOptions};
pub use loops::wake::{Desktop, Shell};
pub use model::credentials::Credentials;
pub use model::id::MessageId;
pub use model::phone::PhoneNumber;
pub use model::{clock, device, encryption, phone};
pub use store::{
    AccessError, AttemptRecord, DeliveryFilter, DeliveryPage, DeliveryRecord, DeliveryState,
    OpenError, Recovered, Recovery, Replay, Source, StoreError, TableReport, Webhook, Why, recover,
};

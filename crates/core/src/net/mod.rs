//! The only room that opens connections outward: names and their addresses ([`lookup`]), the way to
//! a receiver ([`connect`]), connections that are kept ([`pool`]), one request with its answer
//! ([`exchange`], read by [`answer`]).
//!
//! HTTP/1 is read here and not by a library, because a delivery is decided by the status line alone:
//! a library gives up the status where it does not like what follows.

mod answer;
pub(crate) mod client;
mod connect;
mod exchange;
mod lookup;
pub(crate) mod outcome;
mod pool;
pub(crate) mod tls;
pub(crate) mod url_rules;

pub(crate) use connect::{ConnectError, Connector, Origin, Session, Stream, Trace};
pub(crate) use exchange::{Broken, Exchange};
pub(crate) use pool::Pool;

//! The only module that opens outgoing connections: name lookup ([`lookup`]), connecting to a
//! receiver ([`connect`]), kept-alive connections ([`pool`]), and one request with its response
//! ([`exchange`], parsed by [`answer`]).
//!
//! HTTP/1 is parsed here and not by a library, because the status line alone decides a delivery: a
//! library discards the status if it rejects the rest of the response.

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

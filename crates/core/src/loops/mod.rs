//! Code that all loops of the gateway share: requests to the shell to wake them ([`wake`]), and the
//! restart ([`keep_running`]) after a panic ([`panics`]).

pub(crate) mod keep_running;
pub(crate) mod panics;
pub(crate) mod wake;

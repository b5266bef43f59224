//! What the gateway's loops have in common: how they ask the shell to be woken ([`wake`]), and
//! that one which panicked ([`panics`]) is started again ([`keep_running`]).

pub(crate) mod keep_running;
pub(crate) mod panics;
pub(crate) mod wake;

//! What the gateway's loops have in common: how they ask the shell to be woken ([`wake`]), and what
//! happens when one panics ([`panics`]).

pub(crate) mod panics;
pub(crate) mod wake;

//! The parts of HTTP that the API and the page share, and the connections below them.

pub(crate) mod body;
pub(crate) mod encoding;
pub(crate) mod packed;
pub(crate) mod permits;
pub(crate) mod request;
pub(crate) mod site;
pub(crate) mod throttle;

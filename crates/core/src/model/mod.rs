//! The base of all other modules: values and pure rules. It imports no other module of the core.

pub(crate) mod backoff;
pub(crate) mod certificate;
pub mod clock;
pub(crate) mod credentials;
pub mod device;
pub(crate) mod device_fault;
pub mod encryption;
pub(crate) mod hex;
pub(crate) mod id;
pub(crate) mod ignored;
pub(crate) mod inbox_identity;
pub(crate) mod json_values;
pub(crate) mod parts;
pub mod phone;
pub mod phone_store;
pub(crate) mod recipient_state;
pub(crate) mod time_text;
pub(crate) mod version;

//! Messages in the form that mobile networks carry: decodes the data from a radio, and splits a
//! text into the parts to send. Pure: no clock, no store, no phone.
//!
//! * [`decode`]: the SMS-DELIVER of a received message, all parts of it (3GPP TS 23.040, 23.038);
//! * [`status_report`]: what the network reports about a sent part;
//! * [`split()`]: the parts of a text, and [`Submit`]: the SMS-SUBMIT of each;
//! * [`mms`]: the notification of an MMS.

mod address;
mod alphabet;
mod deliver;
mod error;
mod header;
mod hex;
pub mod mms;
mod split;
pub mod status_report;
mod submit;
mod tables;
mod time;
mod tpdu;

#[cfg(test)]
mod encoder;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use deliver::{Content, Decoded, decode};
pub use error::PduError;
pub use hex::from_hex;
pub use split::{count_parts, split};
pub use submit::{Submit, SubmitError};

//! Support for the integration tests: a real gateway on a temporary directory with a clock that
//! moves only when told to, a scripted receiver on loopback, and a small HTTP client.

mod client;
mod lab;
mod modem;
mod phone;
mod receiver;
pub mod visitor;
mod wire;

pub use client::{Answer, Client, Followed};
pub use lab::{GUARD, Lab, START, device, network, sms, within};
pub use modem::{FakeModem, part};
pub use phone::{PhoneStore, row};
pub use receiver::{Arrival, Receiver, Reply};

//! What comes in from the world around a simulated phone. A phone takes whatever its network brings;
//! this was typed by somebody, so a slip of the hand is told.

use super::Gateway;
use crate::model::phone::PhoneNumber;
use crate::receiving::{IncomingSms, Origin};

/// The most characters of a text: 255 parts of 153.
const LONGEST_TEXT: usize = 39_015;

/// What was typed wrong, as a sentence that says what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Slip {
    /// The sender.
    #[error("from must have 1 to 64 characters.")]
    From,
    /// The text.
    #[error("text must have at most {LONGEST_TEXT} characters.")]
    Text,
    /// The SIM is no number of one.
    #[error("simNumber must be 1 or 2.")]
    SimNumber,
    /// The device has no such SIM.
    #[error("simNumber {0} does not exist; this device has no such SIM.")]
    NoSuchSim(u32),
}

impl Gateway {
    /// The SIM that something comes in by, if one was named.
    pub fn simulated_sim(&self, number: Option<i64>) -> Result<Option<u32>, Slip> {
        match number.map(u32::try_from) {
            None => Ok(None),
            Some(Ok(number)) if self.has_sim(number) => Ok(Some(number)),
            Some(Ok(number)) => Err(Slip::NoSuchSim(number)),
            Some(Err(_)) => Err(Slip::SimNumber),
        }
    }

    /// Where a message comes from, and by which SIM.
    pub fn simulated_origin(&self, from: &str, sim_number: Option<i64>) -> Result<Origin, Slip> {
        let sim_number = self.simulated_sim(sim_number)?;
        if !(1..=64).contains(&from.chars().count()) {
            return Err(Slip::From);
        }
        Ok(Origin {
            sender: PhoneNumber::new(from),
            sim_number,
            ..Origin::default()
        })
    }

    /// A text message.
    pub fn simulated_sms(
        &self,
        from: &str,
        text: String,
        sim_number: Option<i64>,
    ) -> Result<IncomingSms, Slip> {
        let origin = self.simulated_origin(from, sim_number)?;
        if text.chars().count() > LONGEST_TEXT {
            return Err(Slip::Text);
        }
        Ok(IncomingSms { origin, text })
    }
}

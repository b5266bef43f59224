//! Input from the world around a simulated phone. A phone takes whatever its network brings; this
//! input was typed by a person, so mistakes are refused with a sentence.

use simrelay_core::receiving::{IncomingSms, Origin};
use simrelay_core::server::SimulatedInputError;
use simrelay_core::{Gateway, PhoneNumber};

/// The most characters of a text: 255 parts of 153.
const LONGEST_TEXT: usize = 39_015;

/// Returns the SIM that receives a message, if one was named.
pub fn sim(gateway: &Gateway, number: Option<i64>) -> Result<Option<u32>, SimulatedInputError> {
    match number.map(u32::try_from) {
        None => Ok(None),
        Some(Ok(number)) if gateway.has_sim(number) => Ok(Some(number)),
        Some(Ok(number)) => Err(SimulatedInputError::NoSuchSim(number)),
        Some(Err(_)) => Err(SimulatedInputError::SimNumber),
    }
}

/// Returns the origin of a message.
pub fn origin(
    gateway: &Gateway,
    from: &str,
    sim_number: Option<i64>,
) -> Result<Origin, SimulatedInputError> {
    let sim_number = sim(gateway, sim_number)?;
    if !(1..=64).contains(&from.chars().count()) {
        return Err(SimulatedInputError::From);
    }
    Ok(Origin {
        sender: PhoneNumber::new(from),
        sim_number,
        ..Origin::default()
    })
}

/// Makes a text message.
pub fn sms(
    gateway: &Gateway,
    from: &str,
    text: String,
    sim_number: Option<i64>,
) -> Result<IncomingSms, SimulatedInputError> {
    let origin = origin(gateway, from, sim_number)?;
    if text.chars().count() > LONGEST_TEXT {
        return Err(SimulatedInputError::Text { most: LONGEST_TEXT });
    }
    Ok(IncomingSms { origin, text })
}

//! Phone numbers of recipients: valid ones only, and how they are dialled.

use crate::device::Sim;

/// The number in international form, `+12025550143`. `sim_number` 0 stands for any SIM.
pub(crate) fn international(text: &str, _sim_number: u32, _sims: &[Sim]) -> Result<String, String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+-. ()".contains(c));
    if plain && text.starts_with('+') && (8..=15).contains(&digits.len()) {
        return Ok(format!("+{digits}"));
    }
    Err("This is not a valid phone number. Write it as +12025550143.".into())
}

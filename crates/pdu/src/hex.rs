//! PDUs as hexadecimal text.

use crate::error::PduError;

/// Reads hexadecimal digits of either case, with whitespace only around them.
///
/// # Errors
///
/// Returns an error if there is another character or an odd number of digits.
pub fn from_hex(text: &str) -> Result<Vec<u8>, PduError> {
    let mut digits = Vec::with_capacity(text.len());
    for (index, character) in text.trim().chars().enumerate() {
        let digit = character
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok());
        digits.push(digit.ok_or(PduError::NotHex {
            position: index + 1,
        })?);
    }
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(PduError::OddHexDigits {
            digits: digits.len(),
        });
    }
    Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

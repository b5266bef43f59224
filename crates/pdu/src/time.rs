//! The service centre time stamp (3GPP TS 23.040 9.2.3.11).

use jiff::{SignedDuration, Timestamp, civil, tz::Offset};

/// Two-digit years from here on are in the last century, as on Android.
const FIRST_YEAR_OF_1900S: i8 = 90;

/// No place on earth is more than 14 hours from UTC.
const MAXIMUM_QUARTERS: i8 = 14 * 4;

/// Returns the instant of a time stamp, or `None` if it is not valid.
pub(super) fn timestamp(octets: [u8; 7]) -> Option<Timestamp> {
    let [year, month, day, hour, minute, second, zone] = octets;
    let year = decimal(year)?;
    let century = if year < FIRST_YEAR_OF_1900S {
        2000
    } else {
        1900
    };
    let local = civil::DateTime::new(
        century + i16::from(year),
        decimal(month)?,
        decimal(day)?,
        decimal(hour)?,
        decimal(minute)?,
        decimal(second)?,
        0,
    );
    let utc = Offset::UTC.to_timestamp(local.ok()?).ok()?;
    utc.checked_sub(zone_offset(zone)?).ok()
}

/// Reads quarters of an hour; the sign is in bit 3, the top bit of the tens digit.
fn zone_offset(octet: u8) -> Option<SignedDuration> {
    let quarters = decimal(octet & !0x08)?;
    let sign = if octet & 0x08 == 0 { 1 } else { -1 };
    (quarters <= MAXIMUM_QUARTERS)
        .then(|| SignedDuration::from_mins(sign * 15 * i64::from(quarters)))
}

/// Reads a swapped pair of decimal digits: the tens are in the low semi-octet.
fn decimal(octet: u8) -> Option<i8> {
    let (tens, units) = (octet & 0x0F, octet >> 4);
    if tens > 9 || units > 9 {
        return None;
    }
    i8::try_from(tens * 10 + units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamp_converts_to_an_instant() {
        fn check(octets: [u8; 7], expected: &str) {
            let found = timestamp(octets).map(|instant| instant.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{octets:02X?}");
        }
        check(
            [0x20, 0x80, 0x62, 0x91, 0x73, 0x14, 0x08],
            "2002-08-26T19:37:41Z",
        );
        check(
            [0x99, 0x30, 0x92, 0x51, 0x61, 0x95, 0x80],
            "1999-03-29T13:16:59Z",
        );
        check(
            [0x60, 0x60, 0x60, 0x51, 0x30, 0x30, 0x8A],
            "2006-06-06T22:03:03Z",
        );
        check(
            [0x09, 0x10, 0x10, 0x00, 0x00, 0x00, 0x00],
            "1990-01-01T00:00:00Z",
        );
        check(
            [0x98, 0x21, 0x13, 0x32, 0x95, 0x95, 0x00],
            "2089-12-31T23:59:59Z",
        );
        check(
            [0x42, 0x20, 0x92, 0x00, 0x00, 0x00, 0x65],
            "2024-02-28T10:00:00Z",
        );
        check(
            [0x42, 0x20, 0x92, 0x00, 0x00, 0x00, 0x23],
            "2024-02-28T16:00:00Z",
        );
    }

    #[test]
    fn timestamp_of_an_impossible_time_is_none() {
        fn check(octets: [u8; 7]) {
            assert_eq!(timestamp(octets), None, "{octets:02X?}");
        }
        check([0x00; 7]);
        check([0xFF; 7]);
        check([0x42, 0x00, 0x10, 0, 0, 0, 0]);
        check([0x42, 0x31, 0x10, 0, 0, 0, 0]);
        check([0x32, 0x20, 0x92, 0, 0, 0, 0]);
        check([0x42, 0x10, 0x10, 0x42, 0, 0, 0]);
        check([0x42, 0x10, 0x10, 0, 0x06, 0, 0]);
        check([0x42, 0x10, 0x10, 0, 0, 0x06, 0]);
        check([0xA2, 0x10, 0x10, 0, 0, 0, 0]);
        check([0x4A, 0x10, 0x10, 0, 0, 0, 0]);
        check([0x42, 0x10, 0x10, 0, 0, 0, 0x75]);
        check([0x42, 0x10, 0x10, 0, 0, 0, 0xA0]);
    }
}

//! Parses and formats times (protocol.md 1.1).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::clock::UnixMillis;

/// Formats a time by RFC 3339 with exactly three fraction digits and the zone's offset:
/// `2024-06-22T15:46:11.000+07:00`, or `Z` if the offset is zero.
pub fn format(at: UnixMillis, zone: &TimeZone) -> String {
    let zoned = to_timestamp(at).to_zoned_datetime(zone.clone());
    let pattern = if zoned.offset() == Offset::UTC {
        "%Y-%m-%dT%H:%M:%S.%3fZ"
    } else {
        "%Y-%m-%dT%H:%M:%S.%3f%:z"
    };
    zoned.strftime(pattern).to_string()
}

/// Parses a time of a request: date and time with `T` or a space, seconds optional, 0 to 9 fraction
/// digits, offset `Z`, `±hh:mm`, `±hhmm` or none (then the device's zone; gaps and folds as jiff's
/// `compatible`). Accepts a `+` that arrived as a space. Rounds down to the millisecond. Many
/// clients write the last day of 9999 for "no end"; it is limited to 22:00:00.999 of the day
/// before. Returns `None` for any other text.
pub fn parse(text: &str, zone: &TimeZone) -> Option<UnixMillis> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let offset_at = rest.find(['Z', 'z', '+', '-', ' ']);
    let (time, offset) = rest.split_at(offset_at.unwrap_or(rest.len()));
    let civil = DateTime::from_parts(parse_date(date)?, parse_time(time)?);
    let timestamp = match offset {
        "" => {
            let zoned = zone.to_ambiguous_zoned_datetime(civil).compatible();
            zoned.map(|zoned| zoned.timestamp())
        }
        "Z" | "z" => Offset::UTC.to_timestamp(civil),
        _ => parse_offset(offset)?.to_timestamp(civil),
    };
    // A date that exists but is no timestamp is on the last day of the year 9999.
    let timestamp = timestamp.unwrap_or(Timestamp::MAX);
    Some(UnixMillis(
        timestamp
            .as_nanosecond()
            .div_euclid(1_000_000)
            .try_into()
            .ok()?,
    ))
}

/// Converts a point to jiff's type, or to the nearest one that it can represent.
pub fn to_timestamp(at: UnixMillis) -> Timestamp {
    Timestamp::from_millisecond(at.0).unwrap_or(if at.0 < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

fn parse_date(text: &str) -> Option<Date> {
    let [year, month, day] = fields(text, '-', [4, 2, 2])?;
    Date::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
    )
    .ok()
}

fn parse_time(text: &str) -> Option<Time> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) if !fraction.is_empty() && clock.len() == 8 => (clock, fraction),
        Some(_) => return None,
        None => (text, ""),
    };
    let [hour, minute, second] = match clock.len() {
        5 => fields(clock, ':', [2, 2]).map(|[hour, minute]| [hour, minute, 0])?,
        _ => fields(clock, ':', [2, 2, 2])?,
    };
    if fraction.len() > 9 {
        return None;
    }
    let nanosecond = digits(&format!("{fraction:0<9}"))?;
    let small = |number: u32| i8::try_from(number).ok();
    Time::new(
        small(hour)?,
        small(minute)?,
        small(second)?,
        nanosecond.try_into().ok()?,
    )
    .ok()
}

fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, rest) = text.split_at_checked(1)?;
    let [hours, minutes] = match rest.len() {
        4 => {
            let (hours, minutes) = rest.split_at_checked(2)?;
            [digits(hours)?, digits(minutes)?]
        }
        _ => fields(rest, ':', [2, 2])?,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    // An unescaped `+` in a query arrives as a space.
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

/// Splits `text` at `separator` into exactly the fields of these lengths, each all digits.
fn fields<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next().filter(|part| part.len() == length)?;
        *number = digits(part)?;
    }
    parts.next().is_none().then_some(numbers)
}

fn digits(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("the zone data is bundled")
    }

    #[test]
    fn format_writes_three_digits_and_an_offset() {
        let at = UnixMillis(1_719_045_971_000);
        assert_eq!(
            format(at, &zone("Asia/Bangkok")),
            "2024-06-22T15:46:11.000+07:00"
        );
        assert_eq!(format(at, &TimeZone::UTC), "2024-06-22T08:46:11.000Z");
        assert_eq!(
            format(UnixMillis(-1), &TimeZone::UTC),
            "1969-12-31T23:59:59.999Z"
        );
        assert_eq!(format(UnixMillis(i64::MAX), &TimeZone::UTC).len(), 24);
    }

    #[test]
    fn parse_reads_every_documented_form() {
        let noon = 1_719_057_600_000;
        for (text, expected) in [
            ("2024-06-22T12:00:00Z", Some(noon)),
            ("2024-06-22T12:00Z", Some(noon)),
            ("2024-06-22 12:00:00", Some(noon - 7 * 3_600_000)),
            ("2024-06-22 12:00", Some(noon - 7 * 3_600_000)),
            ("2024-06-22T12:00:00.1Z", Some(noon + 100)),
            ("2024-06-22T12:00:00.123999999Z", Some(noon + 123)),
            ("2024-06-22T12:00:00+02:30", Some(noon - 9_000_000)),
            ("2024-06-22T12:00:00-0230", Some(noon + 9_000_000)),
            ("2024-06-22T12:00:00 02:30", Some(noon - 9_000_000)),
            ("2024-06-22 12:00:00 0230", Some(noon - 9_000_000)),
            ("9999-12-31T23:59:59Z", Some(253_402_207_200_999)),
            ("9999-12-31T23:59:59.999", Some(253_402_207_200_999)),
            ("2024-06-22", None),
            ("2024-06-22T12", None),
            ("2024-06-22T24:00:00Z", None),
            ("2024-02-30T12:00:00Z", None),
            ("2024-06-22T12:00:00.Z", None),
            ("2024-06-22T12:00.5Z", None),
            ("2024-06-22T12:00:00.1234567890Z", None),
            ("2024-06-22T12:00:00+25:00", None),
            ("2024-06-22T12:00:00+2:00", None),
            ("2024-06-22T12:00:00Zjunk", None),
            ("1719057600", None),
            ("", None),
        ] {
            assert_eq!(
                parse(text, &zone("Asia/Bangkok")).map(|at| at.0),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn parse_moves_a_gap_forward_and_takes_the_first_of_a_fold() {
        let berlin = zone("Europe/Berlin");
        let check = |text, expected| assert_eq!(parse(text, &berlin), parse(expected, &berlin));
        check("2024-03-31T02:30:00", "2024-03-31T03:30:00+02:00");
        check("2024-10-27T02:30:00", "2024-10-27T02:30:00+02:00");
    }

    proptest! {
        #[test]
        fn parse_reads_every_formatted_time(millis in 0i64..4_000_000_000_000, name in prop::sample::select(vec!["UTC", "Asia/Bangkok", "America/St_Johns"])) {
            let zone = zone(name);
            prop_assert_eq!(parse(&format(UnixMillis(millis), &zone), &zone), Some(UnixMillis(millis)));
        }

        #[test]
        fn parse_never_panics(text in "\\PC{0,40}|[0-9TZ:.+ -]{0,40}") {
            let _ = parse(&text, &TimeZone::UTC);
        }
    }
}

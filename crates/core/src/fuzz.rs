//! What must hold for any input that comes from outside, as one function per reader. The fuzz targets
//! in `tests/fuzz` call them with what libFuzzer makes up, the property tests below with what proptest
//! does. Not a part of the gateway: only there in tests, and by the feature `fuzzing` for the targets.
//!
//! Each takes any octets, panics if something does not hold, and says nothing otherwise.

use jiff::tz::TimeZone;

use crate::model::clock::UnixMillis;
use crate::model::encryption::{self, DecryptError};
use crate::model::phone::NumberRules;
use crate::model::time_text;
use simrelay_pdu::status_report::{Meaning, Report};
use simrelay_pdu::{self as pdu, mms};

/// Deriving a key must not cost so much that nothing else is tried.
const FEW_ITERATIONS: u32 = 100;
const PASSPHRASE: &str = "correct horse";

/// PDUs of one message, each after an octet that tells its length: the order of its parts does not
/// matter, nor that one comes twice.
pub fn pdus(octets: &[u8]) {
    let pdus = chunks(octets);
    let Ok(decoded) = pdu::decode(&pdus) else {
        return;
    };
    let reversed: Vec<Vec<u8>> = pdus.iter().rev().cloned().collect();
    assert!(
        pdu::decode(&reversed) == Ok(decoded.clone()),
        "another order of the parts is another message"
    );
    let again: Vec<Vec<u8>> = pdus.iter().chain(pdus.first()).cloned().collect();
    if pdus.len() < 255 {
        assert!(
            pdu::decode(&again) == Ok(decoded),
            "a repeated part changes the message"
        );
    }
}

/// A time of a request, in zones of every kind: what was read is written and read again.
pub fn time(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else {
        return;
    };
    for name in [
        "UTC",
        "Asia/Bangkok",
        "Europe/Berlin",
        "America/St_Johns",
        "Australia/Lord_Howe",
    ] {
        let zone = TimeZone::get(name).unwrap_or(TimeZone::UTC);
        // Before 1970 zones had offsets in seconds, which times of the contract cannot tell.
        if let Some(at) = time_text::parse(text, &zone).filter(|at| at.0 >= 0) {
            let written = time_text::format(at, &zone);
            let read = time_text::parse(&written, &zone);
            assert!(is_same_time(at, read), "{text} is written as {written}");
        }
    }
}

/// Returns whether both are the same time, or later than any that can be written: the last one is
/// 9999-12-30T22:00:00Z, because the end of the year 9999 is another year in some zones.
fn is_same_time(at: UnixMillis, read: Option<UnixMillis>) -> bool {
    const LAST_WRITABLE: i64 = 253_402_207_200_000;
    read == Some(at) || at.0 > LAST_WRITABLE
}

/// A phone number after an octet that chooses the country of the SIM: how it is dialled is a number
/// again, and is dialled the same from any country.
pub fn phone_number(octets: &[u8]) {
    let Some((country, number)) = octets.split_first() else {
        return;
    };
    let Ok(number) = std::str::from_utf8(number) else {
        return;
    };
    let countries = ["", "US", "DE", "BR", "RU", "IT", "AR", "MX", "XX"];
    let country = countries.get(usize::from(*country) % countries.len());
    RULES.with(|rules| {
        let Ok(dialled) = rules.validate(number, country.copied()) else {
            return;
        };
        let digits = dialled.as_str().strip_prefix('+').unwrap_or_default();
        assert!(
            !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()),
            "{number} is dialled as {}",
            dialled.as_str()
        );
        for country in [None, Some("US"), Some("RU")] {
            let again = rules.validate(dialled.as_str(), country);
            assert!(
                again.as_ref() == Ok(&dialled),
                "{number} is dialled as {}, and that as {again:?} from {country:?}",
                dialled.as_str()
            );
        }
    });
}

thread_local! {
    static RULES: NumberRules = NumberRules::default();
}

/// An encrypted field: without a passphrase nothing is opened, and what is opened is shorter than
/// its ciphertext.
pub fn encrypted_field(octets: &[u8]) {
    let Ok(field) = std::str::from_utf8(octets) else {
        return;
    };
    let Err(error) = encryption::decrypt(None, field) else {
        panic!("a field was opened without a passphrase");
    };
    let count = field
        .split(['$', ',', '='])
        .filter_map(|word| word.parse().ok())
        .max();
    let is_cheap = count.is_none_or(|count: u32| count <= FEW_ITERATIONS);
    if is_cheap && let Ok(text) = encryption::decrypt(Some(PASSPHRASE), field) {
        assert_eq!(error, DecryptError::NoPassphrase, "it has the right shape");
        assert!(text.len() < field.len() * 3 / 4, "it grew by decrypting");
    }
}

/// An SMS-STATUS-REPORT: what is read of it is judged, and has a reason to tell.
pub fn status_report(octets: &[u8]) {
    let Ok(verdict) = Report::Pdu(octets.to_vec()).judge() else {
        return;
    };
    let may_be = |status: &u8| Report::Status(*status).judge() == Ok(verdict.clone());
    assert!(octets.iter().any(may_be), "a status that is nowhere in it");
    if let Meaning::Lost(reason) = verdict {
        assert!(reason.starts_with("delivery report 0x"), "{reason}");
    }
}

/// The notification of an MMS: it is read as far as it goes, and what comes after it changes nothing
/// of what was read.
pub fn mms_notification(octets: &[u8]) {
    let (notification, error) = mms::read(octets);
    if error.is_some() {
        return;
    }
    // A field that nobody reads.
    let longer = [octets, &[0x8D, 0x92]].concat();
    let (again, error) = mms::read(&longer);
    assert!(error.is_none() && again == notification, "it was read anew");
}

/// Each after an octet that tells its length; the last one may be cut.
fn chunks(mut octets: &[u8]) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    while let Some((length, rest)) = octets.split_first() {
        let (chunk, after) = rest.split_at(usize::from(*length).min(rest.len()));
        chunks.push(chunk.to_vec());
        octets = after;
    }
    chunks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PDUS: &str = include_str!("../../../tests/fuzz/seeds/pdus.hex");
    const MMS_NOTIFICATION: &str = include_str!("../../../tests/fuzz/seeds/mms_notification.hex");
    const STATUS_REPORT: &str = include_str!("../../../tests/fuzz/seeds/status_report.hex");
    const TIME: &str = include_str!("../../../tests/fuzz/seeds/time.txt");
    const PHONE_NUMBER: &str = include_str!("../../../tests/fuzz/seeds/phone_number.txt");
    const ENCRYPTED_FIELD: &str = include_str!("../../../tests/fuzz/seeds/encrypted_field.txt");

    /// The seeds of the fuzz targets: one a line, in hexadecimal or as text.
    fn seeds(lines: &str, read: impl Fn(&str) -> Vec<u8>, check: impl Fn(&[u8])) {
        let lines = lines.lines().filter(|line| !line.starts_with("//"));
        let seeds: Vec<Vec<u8>> = lines.map(read).collect();
        assert!(seeds.len() > 2, "no seeds");
        seeds.iter().for_each(|seed| check(seed));
    }

    fn hex(line: &str) -> Vec<u8> {
        pdu::from_hex(line).unwrap()
    }

    fn text(line: &str) -> Vec<u8> {
        line.into()
    }

    #[test]
    fn the_seeds_hold_and_are_what_they_are_meant_to_be() {
        seeds(PDUS, hex, |octets| {
            pdus(octets);
            assert!(pdu::decode(&chunks(octets)).is_ok(), "{octets:02X?}");
        });
        seeds(MMS_NOTIFICATION, hex, |octets| {
            mms_notification(octets);
            assert_eq!(mms::read(octets).1, None);
        });
        seeds(STATUS_REPORT, hex, |octets| {
            status_report(octets);
            assert!(Report::Pdu(octets.to_vec()).judge().is_ok());
        });
        seeds(TIME, text, |octets| {
            time(octets);
            let text = std::str::from_utf8(octets).unwrap();
            assert!(time_text::parse(text, &TimeZone::UTC).is_some(), "{text}");
        });
        seeds(PHONE_NUMBER, text, phone_number);
        seeds(ENCRYPTED_FIELD, text, |octets| {
            encrypted_field(octets);
            let text = std::str::from_utf8(octets).unwrap();
            let refused = encryption::decrypt(None, text);
            assert_eq!(refused, Err(DecryptError::NoPassphrase), "{text}");
        });
    }

    /// Any octets, and those of a seed with some changed.
    fn near(seeds: &'static str) -> impl Strategy<Value = Vec<u8>> {
        let lines = seeds.lines().filter(|line| !line.starts_with("//"));
        let seeds: Vec<Vec<u8>> = lines
            .map(|line| pdu::from_hex(line).unwrap_or_else(|_| line.into()))
            .collect();
        let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
        let changed = (prop::sample::select(seeds), changes).prop_map(|(mut seed, changes)| {
            for (place, octet) in changes {
                let place = place.index(seed.len());
                seed[place] = octet;
            }
            seed
        });
        prop_oneof![1 => prop::collection::vec(any::<u8>(), 0..200), 3 => changed]
    }

    proptest! {
        #[test]
        fn any_pdus(octets in near(PDUS)) {
            pdus(&octets);
        }

        #[test]
        fn any_notification(octets in near(MMS_NOTIFICATION)) {
            mms_notification(&octets);
        }

        #[test]
        fn any_report(octets in near(STATUS_REPORT)) {
            status_report(&octets);
        }

        #[test]
        fn any_time(octets in near(TIME)) {
            time(&octets);
        }

        #[test]
        fn any_phone_number(octets in near(PHONE_NUMBER)) {
            phone_number(&octets);
        }

        #[test]
        fn any_encrypted_field(octets in near(ENCRYPTED_FIELD)) {
            encrypted_field(&octets);
        }
    }
}

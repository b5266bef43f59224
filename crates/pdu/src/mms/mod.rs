//! Reads the notification of an MMS: an M-Notification.ind (OMA-TS-MMS_ENC-V1_3 6.2) in the binary
//! headers of WSP (WAP-230-WSP 8.4), as Android delivers the body of the WAP push.
//!
//! Only the fields of `mms:received` are read. A value that cannot be understood is left out, and
//! reading continues at the next field that can be found. All other fields are kept, because a
//! notification is never refused.

mod character_set;
mod octets;

use octets::Octets;

/// The content of a notification; missing fields are empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Notification {
    /// The sender's number or address, without its type.
    pub from: String,
    /// The id that the reply to the network must carry.
    pub transaction_id: String,
    /// The subject.
    pub subject: Option<String>,
    /// The size of the whole message in bytes; 0 if unknown.
    pub size: u64,
    /// X-Mms-Content-Class as SMSGate names it, for example `IMAGE_BASIC`; `""` if unknown.
    pub content_class: &'static str,
    /// When it was sent, in Unix seconds; only some operators set it.
    pub date: Option<u64>,
}

/// Why a field of a notification is unknown. Positions are counted in octets from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MmsError {
    /// The first field is not that of a notification.
    #[error("it does not begin as a notification does")]
    NotANotification,
    /// The value of the field at this position cannot be understood.
    #[error("the value of the field at octet {0} cannot be understood")]
    Value(usize),
    /// The character set with this IANA number, at this position, is unknown.
    #[error("the character set {1} of the field at octet {0} is not known")]
    CharacterSet(usize, u64),
}

// The assigned numbers of header fields (OMA-TS-MMS_ENC-V1_3 7.4), as short integers.
const DATE: u8 = 0x85;
const FROM: u8 = 0x89;
const MESSAGE_TYPE: u8 = 0x8C;
const MESSAGE_SIZE: u8 = 0x8E;
const SUBJECT: u8 = 0x96;
const TRANSACTION_ID: u8 = 0x98;
const CONTENT_CLASS: u8 = 0xBA;

/// The fields whose value is a text, or a character set and a text: Bcc, Cc, content location,
/// message id, response text, subject, To, transaction id, retrieve text, reply charging id, the
/// three of applications, and the ids of a message to replace or to cancel.
const TEXTS: [u8; 15] = [
    0x81,
    0x82,
    0x83,
    0x8B,
    0x93,
    SUBJECT,
    0x97,
    TRANSACTION_ID,
    0x9A,
    0x9E,
    0xB7,
    0xB8,
    0xB9,
    0xBD,
    0xBE,
];

/// The message type of a notification, as a short integer.
const NOTIFICATION_IND: u8 = 0x82;

/// Returns whether the octets begin like a notification.
pub fn is_notification(octets: &[u8]) -> bool {
    octets.starts_with(&[MESSAGE_TYPE, NOTIFICATION_IND])
}

/// Reads as much as possible, and returns the first reason why a field is unknown.
pub fn read(octets: &[u8]) -> (Notification, Option<MmsError>) {
    let mut notification = Notification::default();
    // X-Mms-Message-Type is always first.
    let mut error = (!is_notification(octets)).then_some(MmsError::NotANotification);
    let mut rest = Octets(octets);
    while let Some(&name) = rest.0.first() {
        if name == 0 {
            // No field name begins like this: the text before it had two terminating zeros.
            rest.octet();
            continue;
        }
        let place = octets.len() - rest.0.len();
        let taken = notification.take(name, &mut rest);
        error = error.or(match taken {
            Ok(()) => None,
            Err(Fault::Value) => Some(MmsError::Value(place)),
            Err(Fault::CharacterSet(set)) => Some(MmsError::CharacterSet(place, set)),
        });
        if taken == Err(Fault::Value) {
            rest.skip_to_a_field();
        }
    }
    (notification, error)
}

/// Why a value is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It cannot be understood. Its end is either unknown or the reader's present position.
    Value,
    /// It was read to its end, but its character set is unknown.
    CharacterSet(u64),
}

impl From<character_set::Unknown> for Fault {
    fn from(character_set::Unknown(set): character_set::Unknown) -> Self {
        Self::CharacterSet(set)
    }
}

impl Notification {
    /// Reads the next field, and stores it if it is one of ours.
    fn take(&mut self, name: u8, rest: &mut Octets<'_>) -> Result<(), Fault> {
        if name < 0x80 {
            // A field whose name is a text has a text as its value; none of those is ours.
            rest.text().ok_or(Fault::Value)?;
            return rest.text().map(drop).ok_or(Fault::Value);
        }
        rest.octet();
        match name {
            DATE => self.date = Some(rest.long_integer().ok_or(Fault::Value)?),
            MESSAGE_SIZE => self.size = rest.long_integer().ok_or(Fault::Value)?,
            FROM => self.from = rest.address()?,
            TRANSACTION_ID => self.transaction_id = rest.encoded()?,
            SUBJECT => self.subject = Some(rest.encoded()?).filter(|text| !text.is_empty()),
            CONTENT_CLASS => {
                let class = rest.octet().and_then(|octet| octet.checked_sub(128));
                let class = CONTENT_CLASSES.get(usize::from(class.ok_or(Fault::Value)?));
                self.content_class = class.ok_or(Fault::Value)?;
            }
            name if TEXTS.contains(&name) => rest.encoded().map(drop)?,
            _ => rest.value().ok_or(Fault::Value)?,
        }
        Ok(())
    }
}

/// The names of X-Mms-Content-Class (OMA-TS-MMS_ENC-V1_3 7.3.9), from 128 on.
const CONTENT_CLASSES: [&str; 8] = [
    "TEXT",
    "IMAGE_BASIC",
    "IMAGE_RICH",
    "VIDEO_BASIC",
    "VIDEO_RICH",
    "MEGAPIXEL",
    "CONTENT_BASIC",
    "CONTENT_RICH",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns a notification as an operator sends it: type, transaction id, version, sender,
    /// subject, class, size, expiry, content location.
    fn whole() -> Vec<u8> {
        let mut octets = vec![0x8C, 0x82, 0x98];
        octets.extend(b"T16d2a8\0");
        octets.extend([0x8D, 0x92, 0x89, 0x18, 0x80]);
        octets.extend(b"+12025550123/TYPE=PLMN\0");
        octets.extend([0x96, 0x08, 0xEA]); // UTF-8
        octets.extend("Grüß\0".as_bytes());
        octets.extend([0x8A, 0x80, 0x8E, 0x03, 0x01, 0xD4, 0xC0]);
        octets.extend([0x88, 0x05, 0x81, 0x03, 0x03, 0xF4, 0x80]);
        octets.extend([0xBA, 0x81, 0x83]);
        octets.extend(b"http://mmsc.example/m?id=1\0");
        octets
    }

    #[test]
    fn read_returns_all_fields_of_a_whole_notification() {
        let (read, error) = read(&whole());
        assert_eq!(error, None);
        assert_eq!(read.from, "+12025550123");
        assert_eq!(read.transaction_id, "T16d2a8");
        assert_eq!(read.subject.as_deref(), Some("Grüß"));
        assert_eq!(read.size, 120_000);
        assert_eq!(read.content_class, "IMAGE_BASIC");
    }

    /// Notifications of operators, from the tests of SMSGate and of MuditaOS.
    #[test]
    fn read_understands_notifications_of_real_operators() {
        fn check(hex: &str, from: &str, transaction_id: &str, size: u64, date: Option<u64>) {
            let octets = crate::from_hex(hex).unwrap();
            let (read, error) = read(&octets);
            assert_eq!(error, None, "{transaction_id}");
            assert_eq!(read.from, from);
            assert_eq!(read.transaction_id, transaction_id);
            assert_eq!((read.size, read.date), (size, date), "{transaction_id}");
            assert_eq!((read.subject, read.content_class), (None, ""));
        }
        check(
            "8C829874312D505A4A4B6E446F3772008D938917803139313632323535383837\
             2F545950453D504C4D4E008A808805810303F47F8E020539836874747\
             03A2F2F7878782E787878787878782E7878782F6D6D73633F78782D78787878787878787800",
            "19162255887",
            "t1-PZJKnDo7r",
            1_337,
            None,
        );
        check(
            "8C82986D2D372D3131322D332D6365663765662D62392D35312D32008D92890F\
             800D8331393136323235353838370\
             08A808E0202838805810303F480836874\
             74703A2F2F78782E782D78787878782E7878782F6D6D3F543D6D2D7800\
             8680",
            "19162255887",
            "m-7-112-3-cef7ef-b9-51-2",
            643,
            None,
        );
        check(
            "8C829869645F3135363339343838343000\
             8D928B353863666336406D6D73632E6D74732E727500850468A7CD31891880\
             2B31393136323235353838372F545950453D504C4D4E008A808E0400018BD8\
             8805810303F48083687474703A2F2F31302E34372E3133332E33352F3F69643D3100",
            "+19162255887",
            "id_1563948840",
            101_336,
            Some(1_755_827_505),
        );
        check(
            "8C82983132333435363738008D918A808E0302BF5F8805810303F47F83687474703A2F2F\
             6D6D73632E706C61792E706C2F6D6D732F776170656E632F3132333435363738008918802B\
             34383938373635343332312F545950453D504C4D4E00",
            "+48987654321",
            "12345678",
            180_063,
            None,
        );
    }

    #[test]
    fn subject_is_read_in_every_character_set() {
        fn check(value: &[u8], expected: Option<&str>) {
            let octets = [&[SUBJECT], value, &[TRANSACTION_ID], b"after\0"].concat();
            let (read, _) = read(&octets);
            assert_eq!(read.subject.as_deref(), expected, "{value:02X?}");
            assert_eq!(read.transaction_id, "after", "{value:02X?}");
        }
        check(b"plain\0", Some("plain"));
        check(b"\0", None);
        check(b"\x7F\xC3\xBC\0", Some("ü"));
        check(b"\x05\xEA\xC3\xBC!\0", Some("ü!"));
        check(b"\x04\x84\xFC!\0", Some("ü!"));
        check(b"\x09\x02\x03\xF7\xFE\xFF\x00\xFC\x00!", Some("ü!"));
        check(b"\x09\x02\x03\xF7\xFF\xFE\xFC\x00!\x00", Some("ü!"));
        check(b"\x07\x02\x03\xF5\xD8\x3D\xDE\x00", Some("😀"));
        check(b"\x1F\x06\xEAlong\0", Some("long"));
    }

    #[test]
    fn sender_is_read_without_its_type() {
        fn check(value: &[u8], expected: &str) {
            assert_eq!(read(&[&[FROM], value].concat()).0.from, expected);
        }
        check(b"\x08\x80+12345\0", "+12345");
        check(b"\x0B\x80\x09\xEA+123456\0", "+123456");
        check(b"\x01\x81", "");
        check(b"\x12\x80mail@example.com\0", "mail@example.com");
    }

    #[test]
    fn read_returns_the_fault_and_keeps_the_other_fields() {
        let type_of = [MESSAGE_TYPE, NOTIFICATION_IND];
        let check = |rest: &[u8], expected| {
            let (read, error) = read(&[&type_of, rest].concat());
            assert_eq!(read.transaction_id, "T1");
            assert_eq!(error, expected, "{rest:02X?}");
        };
        check(b"X-Header\0value\0\x98T1\0", None);
        check(b"\x98T1\0\x89\x18\x80+1", Some(MmsError::Value(6)));
        check(b"\x98T1\0\x83http://cut", Some(MmsError::Value(6)));
        check(b"\x8E\x81\x98T1\0", Some(MmsError::Value(2)));
        check(b"\xBA\xFF\x98T1\0", Some(MmsError::Value(2)));
        let (read, error) = read(b"\x98T1\0");
        assert_eq!(read.transaction_id, "T1");
        assert_eq!(error, Some(MmsError::NotANotification));
    }

    /// The fields around the broken one are kept; the first fault is returned with its position.
    #[test]
    fn read_loses_only_the_field_with_a_wrong_length_or_a_strange_octet() {
        fn check(field: &[u8], from: &str, subject: Option<&str>, error: Option<MmsError>) {
            let octets = [b"\x8C\x82\x8E\x02\x04\x00", field, b"\x98T1\0\xBA\x81"].concat();
            let (read, told) = read(&octets);
            assert_eq!(read.transaction_id, "T1", "{field:02X?}");
            assert_eq!((read.size, read.content_class), (1_024, "IMAGE_BASIC"));
            assert_eq!((&*read.from, read.subject.as_deref()), (from, subject));
            assert_eq!(told, error, "{field:02X?}");
        }
        // A string is read as a string, even if it begins with or holds octets over 127.
        check(
            "\u{96}Über\0".as_bytes().split_at(1).1,
            "",
            Some("Über"),
            None,
        );
        check(b"\x96\xDCber\0", "", Some("Über"), None);
        check(b"\x83\xE9\x98x\0", "", None, None);
        check(b"\x89\x05\x80\xE9\x98x\0", "é\u{98}x", None, None);
        // Lengths that are too long, too short, and beyond the end.
        check(b"\x89\x09\x80+123\0", "+123", None, None);
        check(b"\x89\x03\x80+123\0", "+123", None, None);
        check(b"\x89\x1E\x80+123\0", "+123", None, None);
        check(b"\x89\x08\x80\xEA+123\0\0", "ê+123", None, None);
        check(b"\x96\x09\xEAx\0", "", Some("x"), None);
        check(b"\x96\x02\xEAxyz\0", "", Some("xyz"), None);
        check(b"\x96\x03\xEAxy", "", Some("xy"), None);
        check(b"\x85\x09\x01", "", None, Some(MmsError::Value(6)));
        check(b"\x88\x1F\xFF\xFF", "", None, Some(MmsError::Value(6)));
        // An unknown character set.
        let unknown = MmsError::CharacterSet(6, 1_012);
        check(b"\x96\x05\x02\x03\xF4x\0", "", None, Some(unknown));
    }

    proptest! {
        #[test]
        fn read_never_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&octets);
        }

        #[test]
        fn read_returns_nothing_wrong_from_a_cut_notification(end in 0..whole().len()) {
            let (part, error) = read(&whole()[..end]);
            let (whole, _) = read(&whole());
            prop_assert!(part.transaction_id.is_empty() || part.transaction_id == whole.transaction_id);
            prop_assert!(part.from.is_empty() || part.from == whole.from);
            prop_assert!(part.size == 0 || part.size == whole.size);
            prop_assert!(part == whole || error.is_some() || end > 1);
        }
    }
}

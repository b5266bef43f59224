//! Reads the notification of an MMS: an M-Notification.ind (OMA-TS-MMS_ENC-V1_3 6.2) in the binary
//! headers of WSP (WAP-230-WSP 8.4), as Android hands over the body of the WAP push.
//!
//! Only what `mms:received` tells is read. A value that cannot be understood is left out, and a field
//! without an end ends the reading; all else stands, because a notification is never refused.

/// What a notification tells; what is missing is empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Notification {
    /// The sender's number or address, without its type.
    pub from: String,
    pub transaction_id: String,
    pub subject: Option<String>,
    /// The size of the whole message in bytes; 0 if unknown.
    pub size: u64,
    /// X-Mms-Content-Class as SMSGate names it, for example `IMAGE_BASIC`; `""` if unknown.
    pub content_class: &'static str,
    /// When it was sent, Unix seconds; some operators tell it.
    pub date: Option<u64>,
}

/// Why something of a notification stayed unknown. Places are counted in octets from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MmsError {
    #[error("it does not begin as a notification does")]
    NotANotification,
    #[error("the value of the field at octet {0} cannot be understood")]
    Value(usize),
    #[error("the field at octet {0} has no end")]
    Endless(usize),
}

// The assigned numbers of header fields (OMA-TS-MMS_ENC-V1_3 7.4), as short integers.
const DATE: u8 = 0x85;
const FROM: u8 = 0x89;
const MESSAGE_TYPE: u8 = 0x8C;
const MESSAGE_SIZE: u8 = 0x8E;
const SUBJECT: u8 = 0x96;
const TRANSACTION_ID: u8 = 0x98;
const CONTENT_CLASS: u8 = 0xBA;

/// The message type of a notification, as a short integer.
const NOTIFICATION_IND: u8 = 0x82;

/// Reads as much as there is, and tells the first reason why something stayed unknown.
pub(crate) fn read(octets: &[u8]) -> (Notification, Option<MmsError>) {
    let mut notification = Notification::default();
    // X-Mms-Message-Type always stands first.
    let begins = octets.starts_with(&[MESSAGE_TYPE, NOTIFICATION_IND]);
    let mut error = (!begins).then_some(MmsError::NotANotification);
    let mut rest = Octets(octets);
    while !rest.0.is_empty() {
        let place = octets.len() - rest.0.len();
        let Some((name, value)) = rest.field() else {
            return (notification, error.or(Some(MmsError::Endless(place))));
        };
        if notification.take(name, Octets(value)).is_none() {
            error = error.or(Some(MmsError::Value(place)));
        }
    }
    (notification, error)
}

impl Notification {
    /// Takes over a field; `None` if its value cannot be understood.
    fn take(&mut self, name: u8, mut value: Octets<'_>) -> Option<()> {
        match name {
            DATE => self.date = Some(value.long_integer()?),
            FROM => self.from = value.address()?,
            TRANSACTION_ID => self.transaction_id = value.text().map(plain)?,
            SUBJECT => self.subject = Some(value.encoded()?).filter(|text| !text.is_empty()),
            MESSAGE_SIZE => self.size = value.long_integer()?,
            CONTENT_CLASS => {
                let class = usize::from(value.octet()?).checked_sub(128)?;
                self.content_class = CONTENT_CLASSES.get(class)?;
            }
            _ => {}
        }
        Some(())
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

/// What is still to be read.
struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    /// The next header field: its name and the octets of its value; `None` if it has no end.
    fn field(&mut self) -> Option<(u8, &'a [u8])> {
        let name = *self.0.first()?;
        if name < 0x80 {
            // A field that is named by text has a text as its value; none of those is ours.
            self.text()?;
            return Some((0, self.text()?));
        }
        self.octet()?;
        Some((name, self.value()?))
    }

    fn octet(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The octets of a value of any kind, with what tells its length (WAP-230-WSP 8.4.1.2).
    fn value(&mut self) -> Option<&'a [u8]> {
        let whole = self.0;
        match *whole.first()? {
            0..=31 => {
                let length = self.length()?;
                self.take(length)?;
            }
            32..=127 => {
                self.text()?;
            }
            128..=255 => {
                self.octet()?;
            }
        }
        whole.get(..whole.len() - self.0.len())
    }

    /// A value's length: one octet up to 30, or 31 and a variable-length number.
    fn length(&mut self) -> Option<usize> {
        match self.octet()? {
            length @ 0..=30 => Some(length.into()),
            31 => self.variable(),
            _ => None,
        }
    }

    /// A number of seven bits an octet, the highest first (WAP-230-WSP 8.1.2).
    fn variable(&mut self) -> Option<usize> {
        let mut number: usize = 0;
        for _ in 0..5 {
            let octet = self.octet()?;
            number = number << 7 | usize::from(octet & 0x7F);
            if octet & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// The octets of a text up to the zero that ends it.
    fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|octet| *octet == 0)?;
        let text = self.take(end)?;
        self.octet()?;
        // A quote before an octet over 127, and one before a quoted text.
        Some(match text {
            [0x7F | b'"', quoted @ ..] => quoted,
            plain => plain,
        })
    }

    /// An integer of up to eight octets after its length.
    fn long_integer(&mut self) -> Option<u64> {
        let length = usize::from(self.octet()?);
        if !(1..=8).contains(&length) {
            return None;
        }
        let octets = self.take(length)?;
        Some(
            octets
                .iter()
                .fold(0, |number, octet| number << 8 | u64::from(*octet)),
        )
    }

    /// A text, or a character set and a text in it (OMA-TS-MMS_ENC-V1_3 7.3.11 and 7.3.61).
    fn encoded(&mut self) -> Option<String> {
        if *self.0.first()? > 31 {
            return self.text().map(plain);
        }
        let length = self.length()?;
        let mut value = Octets(self.take(length)?);
        if value.0.is_empty() {
            // The zero that ends an empty text.
            return Some(String::new());
        }
        let set = value.character_set()?;
        Some(decode(set, value.0))
    }

    /// The IANA MIBenum of a character set: a short integer, or a long one.
    fn character_set(&mut self) -> Option<u64> {
        match *self.0.first()? {
            short @ 128.. => {
                self.octet()?;
                Some(u64::from(short & 0x7F))
            }
            _ => self.long_integer(),
        }
    }

    /// From: an address, or the token that the network is to insert it; its type is cut off.
    fn address(&mut self) -> Option<String> {
        const ADDRESS_PRESENT: u8 = 0x80;
        self.length()?;
        if self.octet()? != ADDRESS_PRESENT {
            return Some(String::new());
        }
        let address = self.encoded()?;
        let bare = address.split("/TYPE=").next().unwrap_or_default();
        Some(bare.to_owned())
    }
}

const MIB_ISO_8859_1: u64 = 4;
const MIB_UCS_2: u64 = 1000;
const MIB_UTF_16BE: u64 = 1013;
const MIB_UTF_16LE: u64 = 1014;
const MIB_UTF_16: u64 = 1015;

fn decode(set: u64, octets: &[u8]) -> String {
    match set {
        MIB_ISO_8859_1 => until_zero(octets).iter().copied().map(char::from).collect(),
        MIB_UCS_2 | MIB_UTF_16BE => utf16(octets, u16::from_be_bytes),
        MIB_UTF_16LE => utf16(octets, u16::from_le_bytes),
        MIB_UTF_16 => match octets {
            [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
            _ => utf16(octets, u16::from_be_bytes),
        },
        // UTF-8, and ASCII within it; what else there is has its ASCII part in common.
        _ => plain(match until_zero(octets) {
            [0x7F, quoted @ ..] => quoted,
            text => text,
        }),
    }
}

fn utf16(octets: &[u8], order: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = octets.as_chunks::<2>();
    let units = pairs.iter().map(|pair| order(*pair));
    char::decode_utf16(units.take_while(|unit| *unit != 0))
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn until_zero(octets: &[u8]) -> &[u8] {
    octets.split(|octet| *octet == 0).next().unwrap_or_default()
}

fn plain(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A notification as an operator sends it: type, transaction id, version, sender, subject, class,
    /// size, expiry, content location.
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
    fn a_whole_notification() {
        let (read, error) = read(&whole());
        assert_eq!(error, None);
        assert_eq!(read.from, "+12025550123");
        assert_eq!(read.transaction_id, "T16d2a8");
        assert_eq!(read.subject.as_deref(), Some("Grüß"));
        assert_eq!(read.size, 120_000);
        assert_eq!(read.content_class, "IMAGE_BASIC");
    }

    /// What operators sent, from the tests of SMSGate and of MuditaOS.
    #[test]
    fn notifications_of_real_operators() {
        fn check(hex: &str, from: &str, transaction_id: &str, size: u64, date: Option<u64>) {
            let octets = super::super::pdu::from_hex(hex).unwrap();
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
    fn subjects_in_every_character_set() {
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
    fn senders() {
        fn check(value: &[u8], expected: &str) {
            assert_eq!(read(&[&[FROM], value].concat()).0.from, expected);
        }
        check(b"\x08\x80+12345\0", "+12345");
        check(b"\x0B\x80\x09\xEA+123456\0", "+123456");
        check(b"\x01\x81", "");
        check(b"\x12\x80mail@example.com\0", "mail@example.com");
    }

    #[test]
    fn what_is_broken_is_told_and_the_rest_stands() {
        let type_of = [MESSAGE_TYPE, NOTIFICATION_IND];
        let check = |rest: &[u8], expected| {
            let (read, error) = read(&[&type_of, rest].concat());
            assert_eq!(read.transaction_id, "T1");
            assert_eq!(error, expected, "{rest:02X?}");
        };
        check(b"X-Header\0value\0\x98T1\0", None);
        check(b"\x98T1\0\x89\x18\x80+1", Some(MmsError::Endless(6)));
        check(b"\x98T1\0\x83http://cut", Some(MmsError::Endless(6)));
        check(b"\x8E\x81\x98T1\0", Some(MmsError::Value(2)));
        check(b"\xBA\xFF\x98T1\0", Some(MmsError::Value(2)));
        let (read, error) = read(b"\x98T1\0");
        assert_eq!(read.transaction_id, "T1");
        assert_eq!(error, Some(MmsError::NotANotification));
    }

    proptest! {
        #[test]
        fn arbitrary_octets_never_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&octets);
        }

        #[test]
        fn a_cut_notification_tells_nothing_wrong(end in 0..whole().len()) {
            let (part, error) = read(&whole()[..end]);
            let (whole, _) = read(&whole());
            prop_assert!(part.transaction_id.is_empty() || part.transaction_id == whole.transaction_id);
            prop_assert!(part.from.is_empty() || part.from == whole.from);
            prop_assert!(part.size == 0 || part.size == whole.size);
            prop_assert!(part == whole || error.is_some() || end > 1);
        }
    }
}

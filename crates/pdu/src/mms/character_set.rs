//! Decodes texts in the character sets of MMS, which have IANA numbers (MIBenum), with the names of
//! Android's CharacterSets. The tables are those of encoding_rs, the encodings of the web; it lacks
//! UTF-7, UTF-32, HZ and ISO-2022-KR, so these are unknown.

use encoding_rs::Encoding;

/// An unknown character set, by its MIBenum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unknown(pub u64);

const ANY: u64 = 0;
const ISO_8859_1: u64 = 4;
const UTF_8: u64 = 106;
const UCS_2: u64 = 1000;
const UTF_16BE: u64 = 1013;
const UTF_16LE: u64 = 1014;
const UTF_16: u64 = 1015;

/// Decodes a text in a character set, up to its terminating zero.
pub(super) fn decode(set: u64, octets: &[u8]) -> Result<String, Unknown> {
    match set {
        ANY | UTF_8 => Ok(unmarked(octets)),
        ISO_8859_1 => Ok(latin(until_zero(unquoted(octets)))),
        UCS_2 | UTF_16BE => Ok(utf16(octets, u16::from_be_bytes)),
        UTF_16LE => Ok(utf16(octets, u16::from_le_bytes)),
        UTF_16 => Ok(match octets {
            // WSP's quote octet is before the byte order mark, because that is over 127.
            [0x7F, 0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0x7F, 0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
            [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
            _ => utf16(octets, u16::from_be_bytes),
        }),
        _ => {
            let label = label(set).ok_or(Unknown(set))?;
            let encoding = Encoding::for_label(label.as_bytes()).ok_or(Unknown(set))?;
            let text = until_zero(unquoted(octets));
            Ok(encoding.decode_without_bom_handling(text).0.into_owned())
        }
    }
}

/// Decodes a text without a character set as UTF-8 or, if it is not valid UTF-8, as ISO 8859-1, the
/// set of WSP's texts (WAP-230-WSP 8.4.2.1).
pub(super) fn unmarked(octets: &[u8]) -> String {
    let text = until_zero(unquoted(octets));
    String::from_utf8(text.to_vec()).unwrap_or_else(|_| latin(text))
}

/// Returns the label that the encodings of the web use for a set.
fn label(set: u64) -> Option<&'static str> {
    Some(match set {
        3 => "us-ascii",
        5 => "iso-8859-2",
        6 => "iso-8859-3",
        7 => "iso-8859-4",
        8 => "iso-8859-5",
        9 | 81 | 82 => "iso-8859-6",
        10 => "iso-8859-7",
        11 | 84 => "iso-8859-8",
        85 => "iso-8859-8-i",
        12 => "iso-8859-9",
        13 => "iso-8859-10",
        17 => "shift_jis",
        18 => "euc-jp",
        36 | 38 => "euc-kr",
        39 => "iso-2022-jp",
        109 => "iso-8859-13",
        110 => "iso-8859-14",
        111 => "iso-8859-15",
        112 => "iso-8859-16",
        57 | 113 | 2025 => "gbk",
        114 => "gb18030",
        2024 => "windows-31j",
        2026 | 2101 => "big5",
        2027 => "macintosh",
        2084 => "koi8-r",
        2086 => "ibm866",
        2088 => "koi8-u",
        2109 | 2259 => "windows-874",
        2250 => "windows-1250",
        2251 => "windows-1251",
        2252 => "windows-1252",
        2253 => "windows-1253",
        2254 => "windows-1254",
        2255 => "windows-1255",
        2256 => "windows-1256",
        2257 => "windows-1257",
        2258 => "windows-1258",
        _ => return None,
    })
}

fn latin(octets: &[u8]) -> String {
    octets.iter().copied().map(char::from).collect()
}

fn utf16(octets: &[u8], order: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = octets.as_chunks::<2>();
    let units = pairs.iter().map(|pair| order(*pair));
    char::decode_utf16(units.take_while(|unit| *unit != 0))
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Returns whether a text in this set ends at its first zero octet.
pub(super) fn ends_at_zero(set: u64) -> bool {
    ![UCS_2, UTF_16BE, UTF_16LE, UTF_16].contains(&set)
}

/// Removes the quote octet before an octet over 127, and the quotation mark before a quoted text.
fn unquoted(octets: &[u8]) -> &[u8] {
    match octets {
        [0x7F | b'"', quoted @ ..] => quoted,
        plain => plain,
    }
}

fn until_zero(octets: &[u8]) -> &[u8] {
    octets.split(|octet| *octet == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decode_knows_the_sets_of_android() {
        let check = |set: u64, octets: &[u8], expected: &str| {
            assert_eq!(decode(set, octets).as_deref(), Ok(expected), "{set}");
        };
        check(3, b"plain\0", "plain");
        check(4, b"\xFC\0", "ü");
        check(4, b"\x7F\xFC\0", "ü");
        check(1015, b"\x7F\xFF\xFE\xFC\0", "ü");
        check(5, b"\xB3\0", "ł");
        check(8, b"\xBF\0", "П");
        check(9, b"\xC7\0", "ا");
        check(10, b"\xE1\0", "α");
        check(11, b"\xE0\0", "א");
        check(12, b"\xFD\0", "ı");
        check(17, b"\x93\xFA\x96\x7B\0", "日本");
        check(18, b"\xC6\xFC\xCB\xDC\0", "日本");
        check(38, b"\xC7\xD1\0", "한");
        check(106, "Grüß\0".as_bytes(), "Grüß");
        check(113, b"\xD6\xD0\xCE\xC4\0", "中文");
        check(114, b"\xD6\xD0\0", "中");
        check(1000, b"\x4E\x2D\0\0", "中");
        check(1014, b"\x2D\x4E\0\0", "中");
        check(1015, b"\xFF\xFE\x2D\x4E", "中");
        check(2025, b"\xD6\xD0\xCE\xC4\0", "中文");
        check(2026, b"\xA4\xA4\xA4\xE5\0", "中文");
        check(2084, b"\xD0\xD2\xC9\xD7\xC5\xD4\0", "привет");
        check(2251, b"\xEF\xF0\xE8\xE2\xE5\xF2\0", "привет");
        check(2252, b"\x80\0", "€");
        check(2256, b"\xE3\0", "م");
        check(2259, b"\xA1\0", "ก");
    }

    #[test]
    fn decode_returns_an_unknown_set_and_does_not_guess() {
        for set in [1, 1012, 1017, 2085, 37, 99_999] {
            assert_eq!(decode(set, b"text\0"), Err(Unknown(set)));
        }
    }

    #[test]
    fn unmarked_text_is_utf_8_or_latin() {
        for (octets, expected) in [
            (&b"plain"[..], "plain"),
            ("Grüß".as_bytes(), "Grüß"),
            (b"\x7F\xC3\xBC", "ü"),
            (b"Gr\xFC\xDF", "Grüß"),
            (b"\"quoted", "quoted"),
        ] {
            assert_eq!(unmarked(octets), expected);
        }
    }

    #[test]
    fn labels_are_all_known() {
        for set in 0..3_000 {
            if let Some(label) = label(set) {
                assert!(Encoding::for_label(label.as_bytes()).is_some(), "{label}");
            }
        }
    }
}

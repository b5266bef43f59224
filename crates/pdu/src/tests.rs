//! Tests with whole messages: published ones, and constructed ones for each rule.

use super::encoder::{Body, Deliver, utf16};
use super::{Content, PduError, decode, from_hex};

fn pdus(hex: &[&str]) -> Vec<Vec<u8>> {
    hex.iter().map(|one| from_hex(one).unwrap()).collect()
}

fn septets(text: &str) -> Body {
    Body::Septets(text.bytes().collect())
}

fn part(total: u8, number: u8, text: &str) -> Deliver {
    Deliver::new(0x00, septets(text)).with(&[0, 3, 7, total, number])
}

fn text_of(parts: &[Vec<u8>]) -> Result<String, PduError> {
    match decode(parts)?.content {
        Content::Text(text) => Ok(text),
        Content::Data { .. } => panic!("data instead of text"),
    }
}

#[test]
fn decode_reads_published_text_messages() {
    fn check(hex: &[&str], sender: &str, sent_at: Option<&str>, text: &str) {
        let decoded = decode(&pdus(hex)).unwrap();
        assert_eq!(decoded.sender, sender);
        assert_eq!(decoded.sent_at.map(|at| at.to_string()).as_deref(), sent_at);
        assert!(decoded.content == Content::Text(text.to_owned()), "{text}");
    }
    check(
        &["07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"],
        "+31641600986",
        Some("2002-08-26T19:37:41Z"),
        "How are you?",
    );
    check(
        &["07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"],
        "27838890001",
        Some("1999-03-29T13:16:59Z"),
        "hellohello",
    );
    // The messages from here on are from Android's GsmSmsTest.
    check(
        &["07914151551512f2040B916105551511f100006060605130308A04D4F29C0E"],
        "+16505551111",
        Some("2006-06-06T22:03:03Z"),
        "Test",
    );
    check(
        &["07914151551512f2040B916105551511f100036060924180008A0DA8695DAC2E8FE9296A794E07"],
        "+16505551111",
        Some("2006-06-29T21:08:00Z"),
        "(Subject)Test",
    );
    check(
        &["07912160130300F4040B914151245584F600087010807121352B10212200A900AE00680065006C006C006F"],
        "+14154255486",
        Some("2007-01-09T01:12:53Z"),
        "™©®hello",
    );
    check(
        &["07912160130310F20404D0110041006060627171118A0120"],
        "_@",
        Some("2006-06-27T00:17:11Z"),
        " ",
    );
    check(
        &["07912180958750F84401800500C87020026195702B06040102000200"],
        "5",
        Some("2007-02-21T00:59:07Z"),
        "",
    );
    check(
        &[concat!(
            "07914151551512f204038105f300007011103164638a28e6f71b50c687db",
            "7076d9357eb7412f7a794e07cdeb6275794c07bde8e5391d247e93f3"
        )],
        "503",
        Some("2007-11-01T20:46:36Z"),
        "foo@example.com /test subject /test body",
    );
    check(
        &[concat!(
            "07914151551512f2040B916105551511f100006080615131728A44D4F29C0E2",
            "AE3E96537B94C068DD16179784C2FCB41F4B0985D06B958ADD00FB0E94536AF9749",
            "74DA6D281BA00E95E26D509B946FC3DBF87A25D56A04"
        )],
        "+16505551111",
        Some("2006-08-16T22:13:27Z"),
        "Test extended character table .,-!?@~_\\/&\"';^|:()<{}>[]=%*+#",
    );
}

#[test]
fn decode_joins_a_published_message_of_two_parts() {
    let first = concat!(
        "07916163838408F6440B816105224431F700007060217175830AA0050003",
        "00020162B1582C168BC562B1582C168BC562B1582C168BC562B1582C",
        "168BC562B1582C168BC562B1582C168BC562B1582C168BC562B1582C",
        "168BC562B1582C168BC562B1582C168BC562B1582C168BC562B1582C",
        "168BC562B1582C168BC562B1582C168BC562B1582C168BC562B1582C",
        "168BC562B1582C168BC562B1582C168BC562B1582C168BC562"
    );
    let second = concat!(
        "07916163838408F6440B816105224431F700007060217185000A23050003",
        "00020262B1582C168BC96432994C2693C96432994C2693C96432990C"
    );
    for hex in [[first, second], [second, first]] {
        let decoded = decode(&pdus(&hex)).unwrap();
        assert_eq!(decoded.sender, "16502244137");
        let sent_at = decoded.sent_at.map(|at| at.to_string());
        assert_eq!(sent_at.as_deref(), Some("2007-06-12T22:57:38Z"));
        let text = format!("{}{}", "1".repeat(153 + 7), "2".repeat(21));
        assert!(decoded.content == Content::Text(text));
    }
}

#[test]
fn decode_reads_a_published_wap_push_as_data_for_its_port() {
    let hex = [
        concat!(
            "07914140279510F6440A8111110301003BF56080207130138A8C0B05040B8423F",
            "000032A02010106276170706C69636174696F6E2F766E642E7761702E6D6D732D",
            "6D65737361676500AF848D0185B4848C8298524E453955304A6D7135514141426",
            "66C414141414D7741414236514141414141008D908918802B3135313232393737",
            "3638332F545950453D504C4D4E008A808E022B918805810306977F83687474703",
            "A2F2F36"
        ),
        concat!(
            "07914140279510F6440A8111110301003BF56080207130238A3B0B05040B8423F",
            "000032A0202362E3130322E3137312E3135302F524E453955304A6D7135514141",
            "42666C414141414D774141423651414141414100"
        ),
    ];
    let decoded = decode(&pdus(&hex)).unwrap();
    let Content::Data { port, bytes } = decoded.content else {
        panic!("text instead of data");
    };
    assert_eq!((port, bytes.len()), (Some(2948), 140 - 12 + 59 - 12));
    assert!(bytes.starts_with(b"\x01\x06'application/vnd.wap.mms-message\0"));
    assert!(bytes.ends_with(b"http://66.102.171.150/RNE9U0Jmq5QAABflAAAAMwAAB6QAAAAA\0"));
}

#[test]
fn content_depends_on_coding_and_port() {
    fn check(deliver: &Deliver, expected: Content) {
        assert!(
            decode(&[deliver.encode()]).unwrap().content == expected,
            "{deliver:?}"
        );
    }
    let text = |text: &str| Content::Text(text.to_owned());
    let data = |port, bytes: &[u8]| Content::Data {
        port,
        bytes: bytes.to_vec(),
    };
    let to_port = [5, 4, 0x1F, 0x90, 0, 0];
    check(&Deliver::new(0x00, septets("")), text(""));
    check(&Deliver::new(0x08, Body::Octets(vec![])), text(""));
    check(&Deliver::new(0x04, Body::Octets(vec![])), data(None, b""));
    check(&Deliver::new(0x00, septets("")).with(&[0x70, 0]), text(""));
    check(&Deliver::new(0x10, septets("flash")), text("flash"));
    check(
        &Deliver::new(0xC8, septets("voice mail")),
        text("voice mail"),
    );
    check(
        &Deliver::new(0xE8, Body::Octets(utf16("голос"))),
        text("голос"),
    );
    check(&Deliver::new(0x84, septets("reserved")), text("reserved"));
    check(
        &Deliver::new(0xF5, Body::Octets(vec![0, 255])),
        data(None, &[0, 255]),
    );
    check(
        &Deliver::new(0x04, Body::Octets(vec![1, 2])).with(&to_port),
        data(Some(8080), &[1, 2]),
    );
    check(
        &Deliver::new(0x08, Body::Octets(vec![1])).with(&to_port),
        data(Some(8080), &[1]),
    );
    check(
        &Deliver::new(0x04, Body::Octets(vec![1])).with(&[4, 2, 240, 0]),
        data(Some(240), &[1]),
    );
    // A header of 7 octets leaves no fill bits, so the packed octets are the letters themselves.
    check(
        &Deliver::new(0x00, septets("A")).with(&to_port),
        data(Some(8080), b"A"),
    );
}

#[test]
fn parts_are_joined_before_they_are_decoded() {
    fn check(parts: &[Deliver], expected: &str) {
        let encoded: Vec<_> = parts.iter().rev().map(Deliver::encode).collect();
        assert_eq!(text_of(&encoded).as_deref(), Ok(expected));
    }
    fn turkish(total: u8, number: u8, text: &str) -> Deliver {
        part(total, number, text).with(&[0x24, 1, 1])
    }
    fn unicode(total: u8, number: u8, octets: &[u8]) -> Deliver {
        Deliver::new(0x08, Body::Octets(octets.to_vec())).with(&[8, 4, 1, 2, total, number])
    }
    check(&[part(2, 1, "a\x1B"), part(2, 2, "eb")], "a€b");
    check(
        &[part(3, 1, "a\x1B"), part(3, 2, ""), part(3, 3, "e")],
        "a€",
    );
    check(&[turkish(2, 1, "\x1B"), turkish(2, 2, "g")], "ğ");
    // The next part uses other tables, so the escape does not apply to it.
    check(&[part(2, 1, "a\x1B"), turkish(2, 2, "g\x1Bg")], "agğ");
    check(
        &[
            part(3, 1, "\x1Bg"),
            turkish(3, 2, "\x1Bg"),
            part(3, 3, "\x1Bg"),
        ],
        "gğg",
    );
    check(
        &[unicode(2, 1, &[0xD8, 0x3D]), unicode(2, 2, &[0xDE, 0x00])],
        "😀",
    );
    check(
        &[unicode(2, 1, &[0xD8]), unicode(2, 2, &[0x3D, 0xDE, 0x00])],
        "😀",
    );
    check(
        &[unicode(2, 1, &[0xD8, 0x3D]), unicode(2, 2, &[0, b'a'])],
        "\u{FFFD}a",
    );
    check(&[unicode(1, 1, &[0xDE, 0x00])], "\u{FFFD}");
    check(&[part(255, 0, "void")], "void");
}

#[test]
fn sent_at_is_the_time_of_part_one() {
    let mut first = part(2, 1, "a");
    first.time = [0; 7];
    let second = part(2, 2, "b");
    let decoded = decode(&[second.encode(), first.encode()]).unwrap();
    assert_eq!(decoded.sent_at, None);
}

#[test]
fn part_delivered_twice_counts_once() {
    fn check(parts: &[Deliver], expected: &str) {
        let encoded: Vec<_> = parts.iter().map(Deliver::encode).collect();
        assert_eq!(text_of(&encoded).as_deref(), Ok(expected));
    }
    let whole = Deliver::new(0x00, septets("once"));
    let mut other_smsc = part(2, 1, "a");
    other_smsc.smsc = vec![];
    other_smsc.flags = 0;
    check(&[whole.clone(), whole.clone(), whole], "once");
    check(&[part(2, 2, "b"), part(2, 1, "a"), part(2, 2, "b")], "ab");
    check(&[part(2, 1, "a"), other_smsc, part(2, 2, "b")], "ab");
}

#[test]
fn parts_that_contradict_are_refused() {
    fn check(parts: &[Deliver], expected: &str) {
        let encoded: Vec<_> = parts.iter().map(Deliver::encode).collect();
        assert_eq!(decode(&encoded).unwrap_err().to_string(), expected);
    }
    let second = part(3, 2, "b");
    let mut stranger = part(3, 1, "a");
    stranger.sender = vec![4, 0x81, 0x21, 0x43];
    let whole = |text| Deliver::new(0x00, septets(text));
    let in_place = |elements: &[u8]| whole("a").with(elements);
    let differs =
        |what| format!("PDU 2 has another {what} than PDU 1, so they are not parts of one message");
    check(&[second.clone(), stranger], &differs("sender"));
    check(
        &[second.clone(), in_place(&[0, 3, 8, 3, 1])],
        &differs("reference number"),
    );
    check(
        &[second.clone(), in_place(&[8, 4, 0, 7, 3, 1])],
        &differs("reference number"),
    );
    check(
        &[second.clone(), part(4, 1, "a")],
        &differs("number of parts"),
    );
    check(
        &[second.clone(), part(3, 1, "a").with(&[4, 2, 1, 1])],
        &differs("application port"),
    );
    check(
        &[second.clone(), part(3, 1, "a"), part(3, 2, "other")],
        "PDU 3 and PDU 1 are both part 2, but differ",
    );
    check(
        &[part(3, 3, "c"), part(3, 1, "a")],
        "part 2 of 3 is missing",
    );
    check(&[part(3, 3, "c")], "part 1 of 3 is missing");
    check(&[part(2, 1, "a")], "part 2 of 2 is missing");
    check(
        &[whole("a"), whole("b")],
        "these PDUs are 2 messages; send each on its own",
    );
    check(
        &[whole("a"), part(2, 1, "a"), whole("b"), part(2, 2, "b")],
        "these PDUs are 3 messages; send each on its own",
    );
}

#[test]
fn decode_refuses_malformed_pdus() {
    fn check(pdu: Vec<u8>, expected: PduError) {
        assert_eq!(decode(&[pdu]), Err(expected));
    }
    fn cut(length: usize, field: &'static str) {
        let whole = part(1, 1, "text").encode();
        check(
            whole[..length].to_vec(),
            PduError::Truncated { pdu: 1, field },
        );
    }
    cut(0, "SMSC address");
    cut(3, "SMSC address");
    cut(4, "message type");
    cut(5, "sender address");
    cut(8, "sender address");
    cut(9, "protocol identifier");
    cut(10, "data coding scheme");
    cut(17, "time stamp");
    cut(18, "user data length");
    check(
        vec![0; 513],
        PduError::TooLong {
            pdu: 1,
            octets: 513,
            maximum: 512,
        },
    );
    for message_type in 1..=2 {
        let mut other = part(1, 1, "");
        other.flags |= message_type;
        check(
            other.encode(),
            PduError::NotDeliver {
                pdu: 1,
                message_type,
            },
        );
    }
    check(
        Deliver::new(0x20, septets("")).encode(),
        PduError::Compressed { pdu: 1 },
    );
}

#[test]
fn decode_reads_texts_that_break_the_rules() {
    fn check(pdu: &[u8], expected: &str) {
        assert_eq!(
            text_of(&[pdu.to_vec()]).as_deref(),
            Ok(expected),
            "{pdu:02X?}"
        );
    }
    let plain = || Deliver::new(0x00, septets("text"));
    let unicode = |octets: &[u8]| Deliver::new(0x08, Body::Octets(octets.to_vec()));
    // Octets after the user data, a cut user data, a length beyond what a short message holds.
    check(&[plain().encode(), vec![0, 0]].concat(), "text");
    let whole = plain().encode();
    check(&whole[..whole.len() - 1], "tex");
    check(
        &unicode("a".repeat(141).as_bytes()).encode(),
        &"慡".repeat(70),
    );
    check(
        &Deliver::new(0x00, septets(&"x".repeat(161))).encode(),
        &"x".repeat(161),
    );
    // An SMSC address of 12 octets, a reserved message type, a long sender.
    let mut other = plain();
    other.smsc = vec![0x91; 12];
    other.flags |= 3;
    other.sender = vec![21, 0x91, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    check(&other.encode(), "text");
    // An odd octet at the end, and one in the middle.
    check(&unicode(&[0, b'a', 0]).encode(), "a");
    let odd = [
        unicode(&[0, b'a', 0]).with(&[0, 3, 7, 2, 1]).encode(),
        unicode(&[0, b'b']).with(&[0, 3, 7, 2, 2]).encode(),
    ];
    assert_eq!(text_of(&odd).as_deref(), Ok("ab"));
}

#[test]
fn header_that_is_malformed_leaves_its_text() {
    fn check(deliver: &Deliver, expected: &str) {
        assert_eq!(text_of(&[deliver.encode()]).as_deref(), Ok(expected));
    }
    let plain = || Deliver::new(0x00, septets("text"));
    check(&plain().with(&[0x24, 2, 1]), "text");
    check(&plain().with(&[8, 3, 1, 2, 1]), "text");
    check(&plain().with(&[0x25, 0]), "text");
    check(&plain().with(&[0, 3, 1, 0, 0]), "text");
    // A header that is longer than the user data is no header, so all of it is text.
    let mut beyond = plain();
    beyond.flags |= 0x40;
    check(&beyond, "text");
    let mut empty = Deliver::new(0x00, septets(""));
    empty.flags |= 0x40;
    check(&empty, "");
}

#[test]
fn parts_in_different_alphabets_are_joined() {
    let unicode = Deliver::new(0x08, Body::Octets(utf16("ж"))).with(&[0, 3, 7, 3, 2]);
    let octets = Deliver::new(0x04, Body::Octets(b"c".to_vec())).with(&[0, 3, 7, 3, 3]);
    let parts = [
        part(3, 1, "a\x1B").encode(),
        unicode.encode(),
        octets.encode(),
    ];
    assert_eq!(text_of(&parts).as_deref(), Ok("aжc"));
}

#[test]
fn decode_limits_the_number_of_pdus() {
    fn check(parts: &[Vec<u8>], expected: PduError) {
        assert_eq!(decode(parts), Err(expected));
    }
    check(&[], PduError::NoPdus);
    check(&vec![vec![]; 256], PduError::TooManyPdus { count: 256 });
    let all: Vec<_> = (1..=255)
        .map(|number| part(255, number, "x").encode())
        .collect();
    assert_eq!(text_of(&all), Ok("x".repeat(255)));
}

#[test]
fn errors_name_the_pdu() {
    fn check(bad: Vec<u8>, expected: &str) {
        let message = decode(&[part(2, 1, "a").encode(), bad])
            .unwrap_err()
            .to_string();
        assert_eq!(message, expected);
    }
    check(vec![], "PDU 2 is cut off: it ends inside the SMSC address");
    check(
        Deliver::new(0x20, septets("")).encode(),
        "compressed text is not supported (PDU 2)",
    );
}

#[test]
fn from_hex_reads_hexadecimal_text() {
    fn check(text: &str, expected: Result<&[u8], PduError>) {
        assert_eq!(from_hex(text), expected.map(<[u8]>::to_vec), "{text:?}");
    }
    check("", Ok(&[]));
    check(" 00fFA9\r\n", Ok(&[0x00, 0xFF, 0xA9]));
    check("0 1", Err(PduError::NotHex { position: 2 }));
    check("0x01", Err(PduError::NotHex { position: 2 }));
    check("0١", Err(PduError::NotHex { position: 2 }));
    check("012", Err(PduError::OddHexDigits { digits: 3 }));
}

#[test]
fn debug_output_hides_personal_data() {
    fn check(deliver: &Deliver, expected: &str) {
        assert_eq!(
            format!("{:?}", decode(&[deliver.encode()]).unwrap()),
            expected
        );
    }
    check(
        &Deliver::new(0x00, septets("secret")),
        "Decoded { sent_at: Some(2024-02-29T12:34:56Z), content: Text(6 characters), .. }",
    );
    check(
        &Deliver::new(0x04, Body::Octets(vec![1, 2])).with(&[4, 2, 9, 9]),
        concat!(
            "Decoded { sent_at: Some(2024-02-29T12:34:56Z), ",
            "content: Data(port Some(9), 2 octets), .. }"
        ),
    );
}

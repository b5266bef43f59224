//! What the other phone's network says became of a part: the status of an SMS-STATUS-REPORT
//! (3GPP TS 23.040 9.2.3.15). Pure.

/// What a shell hands over of a status report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The octet TP-Status.
    Status(u8),
    /// The whole SMS-STATUS-REPORT as the radio has it, with the service centre's address before it.
    Pdu(Vec<u8>),
}

/// What a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// 0x00 to 0x1F.
    Delivered,
    /// 0x20 to 0x3F: the service centre still tries.
    StillTrying,
    /// From 0x40 on: it does not try any more.
    Lost,
}

/// A status report that cannot be read. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is not a whole 3GPP SMS-STATUS-REPORT.")]
pub struct ReportError;

impl Report {
    /// The octet TP-Status.
    pub(crate) fn status(&self) -> Result<u8, ReportError> {
        match self {
            Self::Status(status) => Ok(*status),
            Self::Pdu(pdu) => status_of(pdu).ok_or(ReportError),
        }
    }
}

/// The status in an SMS-STATUS-REPORT: service centre, first octet, reference, recipient, two times
/// of seven octets, status (3GPP TS 23.040 9.2.2.3).
fn status_of(pdu: &[u8]) -> Option<u8> {
    let (service_centre, rest) = pdu.split_first()?;
    let report = rest.get(usize::from(*service_centre)..)?;
    if report.first()? & 0b11 != 0b10 {
        return None;
    }
    let digits = usize::from(*report.get(2)?);
    let times = 4 + digits.div_ceil(2);
    report.get(times + 14).copied()
}

/// What the status means.
pub(crate) fn judge(status: u8) -> Verdict {
    match status {
        0x00..=0x1F => Verdict::Delivered,
        0x20..=0x3F => Verdict::StillTrying,
        0x40.. => Verdict::Lost,
    }
}

/// Why the part was not delivered, for people.
pub(crate) fn reason(status: u8) -> String {
    let meaning = match status {
        0x40 => "remote procedure error",
        0x41 => "incompatible destination",
        0x42 => "connection rejected by the other phone",
        0x43 => "the number is not obtainable",
        0x44 | 0x64 => "quality of service not available",
        0x45 => "no interworking available",
        0x46 => "its validity period expired",
        0x47 => "deleted by its sender",
        0x48 => "deleted by the service centre",
        0x49 => "it does not exist",
        0x60 => "congestion",
        0x61 => "the other phone is busy",
        0x62 => "no response from the other phone",
        0x63 => "service rejected",
        0x65 => "error in the other phone",
        _ => "not delivered",
    };
    format!("delivery report 0x{status:02X}: {meaning}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_status_says_delivered_still_trying_or_lost() {
        for (status, expected) in [
            (0x00, Verdict::Delivered),
            (0x1F, Verdict::Delivered),
            (0x20, Verdict::StillTrying),
            (0x3F, Verdict::StillTrying),
            (0x40, Verdict::Lost),
            (0x7F, Verdict::Lost),
            (0xFF, Verdict::Lost),
        ] {
            assert_eq!(judge(status), expected, "{status}");
        }
        assert_eq!(
            reason(0x46),
            "delivery report 0x46: its validity period expired"
        );
        assert_eq!(reason(0x7F), "delivery report 0x7F: not delivered");
    }

    /// A report as a phone's radio has it: a service centre of seven octets, an international number
    /// of eleven digits.
    fn pdu(first: u8, status: u8) -> Vec<u8> {
        let mut pdu = vec![7, 0x91, 0x13, 0x26, 0x04, 0x00, 0x00, 0xF0];
        pdu.extend([first, 0x2A, 11, 0x91, 0x21, 0x20, 0x55, 0x05, 0x10, 0xF0]);
        pdu.extend([0x42, 0x60, 0x22, 0x51, 0x64, 0x11, 0x82].repeat(2));
        pdu.push(status);
        pdu
    }

    #[test]
    fn the_status_is_found_in_a_whole_report_and_nowhere_else() {
        let check = |pdu: Vec<u8>, expected| assert_eq!(Report::Pdu(pdu).status(), expected);
        check(pdu(0x06, 0x46), Ok(0x46));
        check(pdu(0x02, 0x00), Ok(0x00));
        check(pdu(0x04, 0x00), Err(ReportError));
        check(Vec::new(), Err(ReportError));
        let mut short = pdu(0x06, 0x46);
        short.pop();
        check(short, Err(ReportError));
        assert_eq!(Report::Status(0x30).status(), Ok(0x30));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = Report::Pdu(bytes).status();
        }
    }
}

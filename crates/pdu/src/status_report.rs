//! Interprets the status of a sent part from the recipient's network: of an SMS-STATUS-REPORT (3GPP
//! TS 23.040 9.2.3.15), or of an SMS Delivery Acknowledgment (3GPP2 C.S0015-B 4.5.21). Pure.

/// A status report in the form in which the shell has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The octet TP-Status.
    Status(u8),
    /// The whole SMS-STATUS-REPORT from the radio, after the service centre's address.
    Pdu(Vec<u8>),
    /// From a 3GPP2 network (CDMA), in the form of Android's `SmsMessage.getStatus`: the error
    /// class in bits 24 and 25, the status code in bits 16 to 21.
    Status3gpp2(i32),
}

/// The meaning of a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// 0x00 to 0x1F.
    Delivered,
    /// 0x20 to 0x3F: the service centre is still trying.
    StillTrying,
    /// From 0x40 on: the service centre has given up. With the reason, for people.
    Lost(String),
}

/// A status report that cannot be read. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is not a whole 3GPP SMS-STATUS-REPORT.")]
pub struct ReportError;

impl Report {
    /// Returns the meaning of the report.
    pub fn judge(&self) -> Result<Meaning, ReportError> {
        Ok(match self {
            Self::Status(status) => judge(*status),
            Self::Pdu(pdu) => judge(status_of(pdu).ok_or(ReportError)?),
            Self::Status3gpp2(status) => judge_3gpp2(*status),
        })
    }
}

/// Returns the status of an SMS-STATUS-REPORT: service centre, first octet, reference, recipient,
/// two times of seven octets, status (3GPP TS 23.040 9.2.2.3).
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

fn judge(status: u8) -> Meaning {
    match status {
        0x00..=0x1F => Meaning::Delivered,
        0x20..=0x3F => Meaning::StillTrying,
        0x40.. => Meaning::Lost(reason(status)),
    }
}

/// Interprets a status of 3GPP2. Without an error class the part was delivered, or at least
/// accepted: an acknowledgment without any status means a delivery, and Android reads it as 0. A
/// cancelled part is not delivered.
fn judge_3gpp2(status: i32) -> Meaning {
    let (class, code) = (status >> 24 & 0b11, status >> 16 & 0x3F);
    let meaning = match (class, code) {
        (0b00, 0x03) => "deleted by its sender",
        (0b00, _) => return Meaning::Delivered,
        (0b10, _) => return Meaning::StillTrying,
        (_, 0x04) => "congestion",
        (_, 0x05) => "network error",
        (_, 0x06) => "the message could not be deleted",
        (_, 0x07) => "the number is blocked",
        (_, 0x08) => "the text is too long",
        (_, 0x09) => "it is a duplicate",
        (_, 0x0A) => "the number does not exist",
        (_, 0x0D) => "not delivered before its validity period expired",
        _ => "not delivered",
    };
    Meaning::Lost(format!("delivery report 0x{code:02X} (3GPP2): {meaning}"))
}

/// Returns why the part was not delivered, for people.
fn reason(status: u8) -> String {
    let meaning = match status {
        0x40 => "remote procedure error",
        0x41 => "incompatible destination",
        0x42 => "connection rejected by the other phone",
        0x43 => "the number is not obtainable",
        0x44 | 0x64 => "quality of service not available",
        0x45 => "no interworking available",
        0x46 => "not delivered before its validity period expired",
        0x47 => "deleted by its sender",
        0x48 => "deleted by the service centre",
        0x49 => "the message does not exist",
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
    fn status_means_delivered_still_trying_or_lost() {
        for (status, expected) in [
            (0x00, Meaning::Delivered),
            (0x1F, Meaning::Delivered),
            (0x20, Meaning::StillTrying),
            (0x3F, Meaning::StillTrying),
            lost(0x40, "delivery report 0x40: remote procedure error"),
            lost(
                0x46,
                "delivery report 0x46: not delivered before its validity period expired",
            ),
            lost(0x7F, "delivery report 0x7F: not delivered"),
            lost(0xFF, "delivery report 0xFF: not delivered"),
        ] {
            let judged = Report::Status(status).judge();
            assert_eq!(judged, Ok(expected), "{status}");
        }
    }

    fn lost<Status>(status: Status, reason: &str) -> (Status, Meaning) {
        (status, Meaning::Lost(reason.into()))
    }

    #[test]
    fn status_of_3gpp2_has_an_error_class_and_a_code() {
        for (status, expected) in [
            (0x0000_0000, Meaning::Delivered),
            (0x0001_0000, Meaning::Delivered),
            (0x0002_0000, Meaning::Delivered),
            lost(
                0x0003_0000,
                "delivery report 0x03 (3GPP2): deleted by its sender",
            ),
            (0x0204_0000, Meaning::StillTrying),
            (0x021F_0000, Meaning::StillTrying),
            lost(
                0x030A_0000,
                "delivery report 0x0A (3GPP2): the number does not exist",
            ),
            lost(0x031F_0000, "delivery report 0x1F (3GPP2): not delivered"),
        ] {
            let judged = Report::Status3gpp2(status).judge();
            assert_eq!(judged, Ok(expected), "{status:08X}");
        }
    }

    /// Returns a report as a phone's radio has it: a service centre of seven octets, an
    /// international number of eleven digits.
    fn pdu(first: u8, status: u8) -> Vec<u8> {
        let mut pdu = vec![7, 0x91, 0x13, 0x26, 0x04, 0x00, 0x00, 0xF0];
        pdu.extend([first, 0x2A, 11, 0x91, 0x21, 0x20, 0x55, 0x05, 0x10, 0xF0]);
        pdu.extend([0x42, 0x60, 0x22, 0x51, 0x64, 0x11, 0x82].repeat(2));
        pdu.push(status);
        pdu
    }

    #[test]
    fn status_of_finds_the_status_only_in_a_whole_report() {
        let check = |pdu: Vec<u8>, expected| assert_eq!(Report::Pdu(pdu).judge(), expected);
        check(pdu(0x06, 0x46), Ok(judge(0x46)));
        check(pdu(0x02, 0x00), Ok(Meaning::Delivered));
        check(pdu(0x02, 0x30), Ok(Meaning::StillTrying));
        check(pdu(0x04, 0x00), Err(ReportError));
        check(Vec::new(), Err(ReportError));
        let mut short = pdu(0x06, 0x46);
        short.pop();
        check(short, Err(ReportError));
    }

    proptest! {
        #[test]
        fn status_of_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = Report::Pdu(bytes).judge();
        }
    }
}

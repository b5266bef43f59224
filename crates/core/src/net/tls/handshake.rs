//! Maps the error of a failed handshake to its cause.

use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};

use super::chain;
use super::fault::TlsFault;

/// Returns the fault in the error of a failed handshake.
pub(crate) fn fault_in(error: &Error) -> TlsFault {
    match error {
        Error::InvalidCertificate(error) => chain::general(error),
        Error::NoCertificatesPresented => TlsFault::NoCertificate,
        Error::UnsupportedNameType => TlsFault::WrongName,
        Error::AlertReceived(alert) => of_alert(*alert),
        Error::PeerIncompatible(peer) => of_incompatible(peer),
        Error::PeerMisbehaved(PeerMisbehaved::SignedKxWithWrongAlgorithm) => {
            TlsFault::NothingInCommon
        }
        Error::PeerMisbehaved(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. } => TlsFault::Misbehaved,
        // The data does not begin like a TLS record.
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType
            | InvalidMessage::UnknownProtocolVersion
            | InvalidMessage::MessageTooLarge,
        ) => TlsFault::NotTls,
        Error::InvalidMessage(_) | Error::DecryptError | Error::PeerSentOversizedRecord => {
            TlsFault::Damaged
        }
        Error::NoApplicationProtocol => TlsFault::NoHttp1,
        // The clock is set before 1970.
        Error::FailedToGetCurrentTime => TlsFault::NotYetValid,
        _ => TlsFault::Handshake,
    }
}

fn of_incompatible(peer: &PeerIncompatible) -> TlsFault {
    match peer {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => TlsFault::OldVersion,
        PeerIncompatible::ServerSentHelloRetryRequestWithUnknownExtension => TlsFault::Misbehaved,
        _ => TlsFault::NothingInCommon,
    }
}

/// Maps an alert (RFC 8446, 6.2). This side has no certificate, so an alert about a client
/// certificate means that it is missing.
fn of_alert(alert: AlertDescription) -> TlsFault {
    match alert {
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            TlsFault::NothingInCommon
        }
        AlertDescription::ProtocolVersion | AlertDescription::InappropriateFallback => {
            TlsFault::OldVersion
        }
        AlertDescription::UnrecognisedName => TlsFault::UnknownName,
        AlertDescription::CertificateRequired
        | AlertDescription::NoCertificate
        | AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA => TlsFault::ClientCertificate,
        AlertDescription::InternalError => TlsFault::InternalError,
        AlertDescription::AccessDenied => TlsFault::AccessDenied,
        AlertDescription::NoApplicationProtocol => TlsFault::NoHttp1,
        other => TlsFault::Alert { name: name(other) },
    }
}

/// Returns the name that RFC 8446 uses.
fn name(alert: AlertDescription) -> String {
    let name = match alert {
        AlertDescription::CloseNotify => "close_notify",
        AlertDescription::UnexpectedMessage => "unexpected_message",
        AlertDescription::BadRecordMac => "bad_record_mac",
        AlertDescription::DecryptionFailed => "decryption_failed",
        AlertDescription::RecordOverflow => "record_overflow",
        AlertDescription::DecompressionFailure => "decompression_failure",
        AlertDescription::IllegalParameter => "illegal_parameter",
        AlertDescription::DecodeError => "decode_error",
        AlertDescription::DecryptError => "decrypt_error",
        AlertDescription::ExportRestriction => "export_restriction",
        AlertDescription::UserCanceled => "user_canceled",
        AlertDescription::NoRenegotiation => "no_renegotiation",
        AlertDescription::MissingExtension => "missing_extension",
        AlertDescription::UnsupportedExtension => "unsupported_extension",
        AlertDescription::CertificateUnobtainable => "certificate_unobtainable",
        AlertDescription::BadCertificateStatusResponse => "bad_certificate_status_response",
        AlertDescription::BadCertificateHashValue => "bad_certificate_hash_value",
        AlertDescription::UnknownPSKIdentity => "unknown_psk_identity",
        AlertDescription::EncryptedClientHelloRequired => "ech_required",
        other => return format!("alert {}", u8::from(other)),
    };
    name.to_owned()
}

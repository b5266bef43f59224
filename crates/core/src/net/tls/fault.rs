//! The causes of a failed TLS handshake, each with its remedy.

use std::fmt;

/// Why a TLS handshake failed. Texts in it come from a certificate and were made safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TlsFault {
    /// `issuer` is the authority's distinguished name, `""` if it cannot be read.
    UnknownIssuer {
        issuer: String,
    },
    /// The receiver's certificate is self-signed, and the owner did not list it.
    SelfSigned,
    /// The certificate of an intermediate authority was not sent.
    ChainIncomplete {
        issuer: String,
    },
    /// SMSGate's own authority signed it, and the owner does not trust that.
    SmsGate {
        issuer: String,
    },
    /// SMSGate's own authority signed it for an address that is not private.
    SmsGatePublic,
    WrongName,
    /// It has only a common name, which has not counted since RFC 6125.
    NoNames,
    Expired,
    NotYetValid,
    /// A certificate other than the receiver's own has expired or is not valid yet.
    ChainDates {
        name: String,
    },
    DatesReversed,
    /// It is X.509 version 1 or 2, which have no names.
    Version {
        version: u8,
    },
    /// The receiver's own certificate has a kind of key that cannot be checked.
    Key {
        kind: String,
    },
    ShortKey {
        bits: usize,
    },
    /// An authority has a kind of key that cannot be checked.
    IssuerKey {
        kind: String,
    },
    /// The signature algorithm cannot be checked or is not safe any more, such as SHA-1.
    Algorithm {
        name: String,
    },
    /// An authority of that name is known, but its key did not sign this certificate.
    Signature {
        issuer: String,
    },
    /// The handshake was not signed with the certificate's key.
    KeyMismatch,
    /// The receiver uses an authority's certificate as its own.
    CaAsServer,
    /// Another certificate cannot be that of an authority: its form is old or damaged, or it is not
    /// marked as one.
    ChainUnusable {
        name: String,
    },
    Purpose,
    NameConstraint,
    PathLength,
    ChainLong,
    Extension,
    Encoding,
    NoCertificate,
    /// Any other fault of a certificate, such as a revoked one.
    BadCertificate,
    /// The receiver does not speak TLS.
    NotTls,
    PlainHttp,
    OldVersion,
    NothingInCommon,
    UnknownName,
    ClientCertificate,
    InternalError,
    AccessDenied,
    NoHttp1,
    /// Another alert, by its name in RFC 8446.
    Alert {
        name: String,
    },
    Misbehaved,
    Damaged,
    /// The connection ended within the handshake, without an alert.
    Closed,
    /// The receiver sent nothing.
    Silent,
    /// Any other failed negotiation.
    Handshake,
}

impl fmt::Display for TlsFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.told("the receiver").cause)
    }
}

impl std::error::Error for TlsFault {}

#[cfg(test)]
impl TlsFault {
    /// Returns one fault of every kind, for tests that check all of them.
    pub fn every() -> Vec<Self> {
        let name = || "CN=Home".to_owned();
        vec![
            Self::UnknownIssuer {
                issuer: String::new(),
            },
            Self::UnknownIssuer { issuer: name() },
            Self::SelfSigned,
            Self::ChainIncomplete { issuer: name() },
            Self::SmsGate { issuer: name() },
            Self::SmsGatePublic,
            Self::WrongName,
            Self::NoNames,
            Self::Expired,
            Self::NotYetValid,
            Self::ChainDates { name: name() },
            Self::DatesReversed,
            Self::Version { version: 1 },
            Self::Key {
                kind: "P-521".into(),
            },
            Self::ShortKey { bits: 1024 },
            Self::IssuerKey {
                kind: "P-521".into(),
            },
            Self::Algorithm {
                name: "sha1WithRSAEncryption".into(),
            },
            Self::Signature { issuer: name() },
            Self::KeyMismatch,
            Self::CaAsServer,
            Self::ChainUnusable { name: name() },
            Self::Purpose,
            Self::NameConstraint,
            Self::PathLength,
            Self::ChainLong,
            Self::Extension,
            Self::Encoding,
            Self::NoCertificate,
            Self::BadCertificate,
            Self::NotTls,
            Self::PlainHttp,
            Self::OldVersion,
            Self::NothingInCommon,
            Self::UnknownName,
            Self::ClientCertificate,
            Self::InternalError,
            Self::AccessDenied,
            Self::NoHttp1,
            Self::Alert {
                name: "decode_error".into(),
            },
            Self::Misbehaved,
            Self::Damaged,
            Self::Closed,
            Self::Silent,
            Self::Handshake,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_a_word_and_a_remedy_each() {
        let mut causes = Vec::new();
        for fault in TlsFault::every() {
            let told = fault.told("example.com");
            assert!(told.reason.contains(&told.about), "{fault:?}");
            assert!(!told.fix.is_empty(), "{fault:?}");
            causes.push(told.cause);
        }
        let all = causes.len();
        causes.sort_unstable();
        causes.dedup();
        assert_eq!(causes.len(), all);
    }
}

//! Why a TLS handshake failed: every cause that can be told apart, with what helps.

use std::fmt;

/// Why a TLS handshake failed. Texts in it were read from a certificate, and are plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TlsFault {
    /// `issuer` is the authority's distinguished name, `""` if it cannot be read.
    UnknownIssuer {
        issuer: String,
    },
    /// The receiver vouches for itself, and the owner did not list its certificate.
    SelfSigned,
    /// An authority between the receiver and a root, whose certificate was not sent.
    ChainIncomplete {
        issuer: String,
    },
    /// SMSGate's own authority signed it, which the owner does not trust.
    SmsGate {
        issuer: String,
    },
    /// The same for what is no private address.
    SmsGatePublic,
    WrongName,
    /// Only a common name, which has not counted since RFC 6125.
    NoNames,
    Expired,
    NotYetValid,
    /// Another certificate than the receiver's own has expired or is not valid yet.
    ChainDates {
        name: String,
    },
    DatesReversed,
    /// X.509 version 1 or 2, which have no names.
    Version {
        version: u8,
    },
    /// A kind of key that cannot be checked, of the receiver's own certificate.
    Key {
        kind: String,
    },
    ShortKey {
        bits: usize,
    },
    /// The same of an authority.
    IssuerKey {
        kind: String,
    },
    /// Signed in a way that cannot be checked or is not safe any more, such as SHA-1.
    Algorithm {
        name: String,
    },
    /// There is a key of that authority, but it did not sign this.
    Signature {
        issuer: String,
    },
    /// The handshake was not signed with the certificate's key.
    KeyMismatch,
    /// The receiver shows an authority's certificate as its own.
    CaAsServer,
    /// Another certificate cannot be an authority's: its form is old or damaged, or it is none.
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
    /// What is left over, such as a revoked one.
    BadCertificate,
    /// What answers speaks something else.
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
    /// Nothing came.
    Silent,
    /// What is left over of failed agreements.
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
    /// One of every kind, for tests that hold something against all of them.
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
    fn every_fault_has_a_word_and_a_remedy_of_its_own() {
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

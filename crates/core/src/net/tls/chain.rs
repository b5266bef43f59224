//! Determines why a chain of certificates is not trusted. webpki reports most causes, but several
//! of them only as an unknown issuer or a wrong signature; these are distinguished here by
//! inspecting the chain.

use rustls::{CertificateError, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use x509_cert::Certificate;
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_PE_AUTHORITY_INFO_ACCESS};
use x509_cert::der::{Decode, Encode, Tag};
use x509_cert::ext::pkix::AuthorityInfoAccessSyntax;
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::fault::TlsFault;
use super::{certificate, keys};

/// The certificates that a receiver sent, and the known authorities.
pub(crate) struct Chain<'a> {
    leaf: Certificate,
    /// The leaf and the issuers above it, as far as they were sent.
    path: Vec<Certificate>,
    sent: usize,
    roots: &'a RootCertStore,
}

impl<'a> Chain<'a> {
    /// Reads the chain; returns `None` if the receiver's certificate cannot be read.
    pub fn read(
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        roots: &'a RootCertStore,
    ) -> Option<Self> {
        let leaf = Certificate::from_der(leaf).ok()?;
        let others: Vec<_> = others
            .iter()
            .filter_map(|other| Certificate::from_der(other).ok())
            .collect();
        let mut path = vec![leaf.clone()];
        while let Some(last) = path.last()
            && !is_self_signed(last)
            && path.len() <= others.len()
            && let Some(next) = others.iter().find(|other| issued(other, last))
        {
            path.push(next.clone());
        }
        Some(Self {
            leaf,
            path,
            sent: others.len() + 1,
            roots,
        })
    }

    /// Returns the last certificate of the path that was sent.
    pub fn end(&self) -> &Certificate {
        self.path.last().unwrap_or(&self.leaf)
    }

    /// Returns the cause behind webpki's error.
    pub fn judge(
        &self,
        error: &CertificateError,
        host: &ServerName<'_>,
        now: UnixTime,
    ) -> TlsFault {
        match error {
            CertificateError::UnknownIssuer => self.unknown(),
            CertificateError::BadSignature => {
                self.unchecked().unwrap_or_else(|| TlsFault::Signature {
                    issuer: certificate::name(&self.end().tbs_certificate.issuer),
                })
            }
            // If the names are known, the parameters are at fault: a salt or a digest of RSA-PSS.
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                self.unchecked().unwrap_or_else(|| TlsFault::Algorithm {
                    name: keys::signature(self.end()),
                })
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYetContext { .. } => self.dates(now),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                self.names(host)
            }
            CertificateError::Other(other) => match other.0.downcast_ref::<webpki::Error>() {
                Some(error) => self.judge_other(error),
                None => TlsFault::BadCertificate,
            },
            other => general(other),
        }
    }

    fn judge_other(&self, error: &webpki::Error) -> TlsFault {
        use webpki::Error;
        let unusable = || TlsFault::ChainUnusable {
            name: self.authority(),
        };
        match error {
            Error::CaUsedAsEndEntity if is_self_signed(&self.leaf) => TlsFault::SelfSigned,
            Error::CaUsedAsEndEntity => TlsFault::CaAsServer,
            Error::EndEntityUsedAsCa => unusable(),
            Error::UnsupportedCertVersion => match certificate::version(&self.leaf) {
                3 => unusable(),
                version => TlsFault::Version { version },
            },
            Error::NameConstraintViolation => TlsFault::NameConstraint,
            Error::PathLenConstraintViolated => TlsFault::PathLength,
            Error::MaximumPathDepthExceeded
            | Error::MaximumPathBuildCallsExceeded
            | Error::MaximumSignatureChecksExceeded
            | Error::MaximumNameConstraintComparisonsExceeded => TlsFault::ChainLong,
            Error::UnsupportedCriticalExtension => TlsFault::Extension,
            Error::EmptyEkuExtension => TlsFault::Purpose,
            Error::CertDistrusted => TlsFault::BadCertificate,
            _ => TlsFault::Encoding,
        }
    }

    /// Returns the fault for a chain without a known issuer. If its signature could not be checked
    /// anyway, adding its authority would not help.
    fn unknown(&self) -> TlsFault {
        if is_self_signed(&self.leaf) {
            return TlsFault::SelfSigned;
        }
        if let Some(fault) = self.unchecked() {
            return fault;
        }
        let end = self.end();
        let issuer = certificate::name(&end.tbs_certificate.issuer);
        let unused = self.path.len() < self.sent;
        if !is_self_signed(end) && (unused || names_where_its_issuer_is(end)) {
            return TlsFault::ChainIncomplete { issuer };
        }
        TlsFault::UnknownIssuer { issuer }
    }

    /// Returns the first signature on the path that cannot be checked.
    fn unchecked(&self) -> Option<TlsFault> {
        let mut above = self.path.iter().skip(1);
        for certificate in &self.path {
            let next = above.next();
            if is_self_signed(certificate) {
                return None;
            }
            let fault = match next {
                Some(issuer) => keys::fault_of(issuer),
                None => self.fault_of_root(&certificate.tbs_certificate.issuer),
            };
            if let Some(fault) = fault {
                return Some(of_issuer(fault));
            }
            if let Some(name) = keys::odd_signature(certificate) {
                return Some(TlsFault::Algorithm { name });
            }
        }
        None
    }

    /// Returns the fault in the key of a trusted authority of that name.
    fn fault_of_root(&self, issuer: &Name) -> Option<TlsFault> {
        let der = issuer.to_der().ok()?;
        let name = AnyRef::from_der(&der).ok()?.value().to_vec();
        let root = self
            .roots
            .roots
            .iter()
            .find(|root| root.subject.as_ref() == name)?;
        let key = AnyRef::new(Tag::Sequence, root.subject_public_key_info.as_ref()).ok()?;
        keys::fault(&key.decode_as::<SubjectPublicKeyInfoRef<'_>>().ok()?)
    }

    fn dates(&self, now: UnixTime) -> TlsFault {
        match certificate::out_of_date(&self.leaf, now) {
            Some(fault) => fault,
            None => TlsFault::ChainDates {
                name: self.authority(),
            },
        }
    }

    fn names(&self, host: &ServerName<'_>) -> TlsFault {
        match certificate::only_common_name_fits(&self.leaf, host) {
            true => TlsFault::NoNames,
            false => TlsFault::WrongName,
        }
    }

    /// Returns the authority that the receiver's certificate names.
    fn authority(&self) -> String {
        certificate::name(&self.leaf.tbs_certificate.issuer)
    }
}

/// Returns the fault for an error that needs no look at the certificates.
pub(crate) fn general(error: &CertificateError) -> TlsFault {
    match error {
        CertificateError::UnknownIssuer => TlsFault::UnknownIssuer {
            issuer: String::new(),
        },
        CertificateError::BadEncoding => TlsFault::Encoding,
        // This variant has no context: the dates are in the wrong order.
        CertificateError::Expired => TlsFault::DatesReversed,
        CertificateError::ExpiredContext { .. } => TlsFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsFault::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsFault::WrongName
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            TlsFault::Purpose
        }
        CertificateError::UnhandledCriticalExtension => TlsFault::Extension,
        CertificateError::Other(other) => match other.0.downcast_ref::<TlsFault>() {
            Some(fault) => fault.clone(),
            None => TlsFault::BadCertificate,
        },
        _ => TlsFault::BadCertificate,
    }
}

fn of_issuer(fault: TlsFault) -> TlsFault {
    match fault {
        TlsFault::Key { kind } => TlsFault::IssuerKey { kind },
        TlsFault::ShortKey { bits } => TlsFault::IssuerKey {
            kind: format!("RSA {bits}"),
        },
        other => other,
    }
}

fn is_self_signed(certificate: &Certificate) -> bool {
    certificate.tbs_certificate.issuer == certificate.tbs_certificate.subject
}

fn issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    issuer.tbs_certificate.subject == certificate.tbs_certificate.issuer
}

/// Returns whether the certificate says where its issuer's certificate can be downloaded.
/// Intermediate authorities write that into the certificates that they sign; roots need not,
/// because they are known or not.
fn names_where_its_issuer_is(certificate: &Certificate) -> bool {
    let access = certificate
        .tbs_certificate
        .extensions
        .iter()
        .flatten()
        .find(|extension| extension.extn_id == ID_PE_AUTHORITY_INFO_ACCESS);
    access
        .and_then(|access| AuthorityInfoAccessSyntax::from_der(access.extn_value.as_bytes()).ok())
        .is_some_and(|access| {
            access
                .0
                .iter()
                .any(|one| one.access_method == ID_AD_CA_ISSUERS)
        })
}

//! Why a chain of certificates is not trusted. webpki tells most causes, but says of several that the
//! issuer is unknown or a signature is wrong; those are told apart here, by looking at what was sent.

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

/// What a receiver sent, and what is known here.
pub(crate) struct Chain<'a> {
    leaf: Certificate,
    /// The leaf and what leads up from it, as far as it was sent.
    path: Vec<Certificate>,
    sent: usize,
    roots: &'a RootCertStore,
}

impl<'a> Chain<'a> {
    /// `None` if the receiver's certificate cannot be read.
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

    /// The certificate that ends what was sent.
    pub fn end(&self) -> &Certificate {
        self.path.last().unwrap_or(&self.leaf)
    }

    /// The cause that webpki's error stands for.
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
            // Where the names are known, it is the parameters: a salt, a digest of RSA-PSS.
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

    /// Nobody known signed it. Where its signature could not be checked anyway, to add its authority
    /// would not help.
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

    /// The first signature on the way up that cannot be checked.
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

    /// What is wrong with the key of a trusted authority of that name.
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

    /// The authority that the receiver's certificate names.
    fn authority(&self) -> String {
        certificate::name(&self.leaf.tbs_certificate.issuer)
    }
}

/// What an error tells where no certificate is at hand or needed.
pub(crate) fn general(error: &CertificateError) -> TlsFault {
    match error {
        CertificateError::UnknownIssuer => TlsFault::UnknownIssuer {
            issuer: String::new(),
        },
        CertificateError::BadEncoding => TlsFault::Encoding,
        // Without a context: its dates are the wrong way round.
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

/// Authorities between write into what they sign where their own certificate is to be had; roots
/// need not, because they are known or not.
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

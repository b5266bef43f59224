//! Whom we trust: the platform's roots, the owner's extra ones, and a receiver's own certificate
//! that the owner named.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};

use super::certificate;
use super::outcome::TlsFault;
use crate::clock::Clock;
use crate::settings::Settings;

/// A TLS configuration with ring and our verifier. `platform_roots` are DER.
pub(crate) fn client_config(
    platform_roots: &[CertificateDer<'static>],
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<ClientConfig, Error> {
    let own = settings
        .ca_certificates()
        .and_then(|pem| crate::settings::parse_certificates(&pem))
        .unwrap_or_default();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new(platform_roots, own, Arc::clone(&provider));
    let config = ClientConfig::builder_with_details(provider, Arc::new(WallTime(clock)))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

#[derive(Debug)]
struct WallTime(Arc<dyn Clock>);

impl TimeProvider for WallTime {
    fn current_time(&self) -> Option<UnixTime> {
        let millis = u64::try_from(self.0.now().0).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(millis)))
    }
}

#[derive(Debug)]
struct Verifier {
    /// `None` where there is no root at all, and so nobody to trust but `own`.
    webpki: Option<Arc<WebPkiServerVerifier>>,
    /// The owner's certificates. One that is the receiver's own is trusted for its names and dates:
    /// what `openssl req -x509` makes is authority and server at once, which webpki refuses.
    own: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(
        platform_roots: &[CertificateDer<'static>],
        own: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Self {
        let mut roots = RootCertStore::empty();
        // A platform's store may hold certificates that webpki cannot use; the others still count.
        roots.add_parsable_certificates(platform_roots.iter().chain(&own).cloned());
        let webpki = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        Self {
            webpki: webpki.build().ok(),
            own,
            provider,
        }
    }

    fn verify_own(
        leaf: &CertificateDer<'_>,
        host: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), TlsFault> {
        let (first, last) = certificate::validity(leaf).ok_or(TlsFault::BadCertificate)?;
        if now < first {
            return Err(TlsFault::NotYetValid);
        }
        if now > last {
            return Err(TlsFault::Expired);
        }
        let parsed = ParsedCertificate::try_from(leaf).map_err(|_| TlsFault::BadCertificate)?;
        if verify_server_name(&parsed, host).is_err() && !certificate::common_name_fits(leaf, host)
        {
            return Err(TlsFault::WrongName);
        }
        Ok(())
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.own.iter().any(|own| own.as_ref() == leaf.as_ref()) {
            return match Self::verify_own(leaf, host, now) {
                Ok(()) => Ok(ServerCertVerified::assertion()),
                Err(fault) => Err(carry(fault)),
            };
        }
        let topmost = intermediates.last().unwrap_or(leaf);
        let unknown = || TlsFault::UnknownIssuer {
            issuer: certificate::issuer(topmost),
        };
        match &self.webpki {
            None => Err(carry(unknown())),
            Some(webpki) => webpki
                .verify_server_cert(leaf, intermediates, host, ocsp, now)
                .map_err(|error| carry(fault_of(&error, unknown))),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn fault_of(error: &Error, unknown: impl FnOnce() -> TlsFault) -> TlsFault {
    match error {
        Error::InvalidCertificate(error) => match error {
            // A receiver that sends its own authority's certificate as if it were its own.
            CertificateError::UnknownIssuer => unknown(),
            CertificateError::Other(_) => unknown(),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                TlsFault::Expired
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                TlsFault::NotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsFault::WrongName
            }
            _ => TlsFault::BadCertificate,
        },
        _ => TlsFault::Handshake,
    }
}

/// Puts our fault where the handshake's error can carry it to [`fault_in`].
fn carry(fault: TlsFault) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(fault))))
}

/// The fault in a failed handshake's error.
pub(super) fn fault_in(error: &Error) -> TlsFault {
    match error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => inner
            .downcast_ref::<TlsFault>()
            .cloned()
            .unwrap_or(TlsFault::BadCertificate),
        other => fault_of(other, || TlsFault::UnknownIssuer {
            issuer: String::new(),
        }),
    }
}

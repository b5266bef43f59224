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
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::chain::Chain;
use super::tls_fault::TlsFault;
use super::{certificate, handshake, keys};
use crate::clock::Clock;
use crate::settings::Settings;

/// A TLS configuration with ring and our verifier. `platform_roots` are DER.
pub(super) fn client_config(
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
    roots: Arc<RootCertStore>,
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
        let roots = Arc::new(roots);
        let webpki =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), provider.clone());
        Self {
            roots,
            webpki: webpki.build().ok(),
            own,
            provider,
        }
    }

    fn verify(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), TlsFault> {
        let read = Certificate::from_der(leaf).ok();
        if let Some(fault) = read.as_ref().and_then(keys::fault_of) {
            return Err(fault);
        }
        if let Some(certificate) = &read
            && self.own.iter().any(|own| own.as_ref() == leaf.as_ref())
        {
            return verify_own(leaf, certificate, host, now);
        }
        let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let verified = match &self.webpki {
            None => Err(unknown),
            Some(webpki) => webpki.verify_server_cert(leaf, others, host, ocsp, now),
        };
        let Err(error) = verified else {
            return Ok(());
        };
        Err(match (&error, Chain::read(leaf, others, &self.roots)) {
            (Error::InvalidCertificate(error), Some(chain)) => chain.judge(error, host, now),
            _ => handshake::fault_in(&error),
        })
    }
}

/// A certificate that the owner named has no authority to ask.
fn verify_own(
    leaf: &CertificateDer<'_>,
    certificate: &Certificate,
    host: &ServerName<'_>,
    now: UnixTime,
) -> Result<(), TlsFault> {
    if let Some(fault) = certificate::out_of_date(certificate, now) {
        return Err(fault);
    }
    let version = certificate::version(certificate);
    if version != 3 {
        return Err(TlsFault::Version { version });
    }
    let parsed = ParsedCertificate::try_from(leaf).map_err(|_| TlsFault::Encoding)?;
    if verify_server_name(&parsed, host).is_err()
        && !certificate::only_common_name_fits(certificate, host)
    {
        return Err(TlsFault::WrongName);
    }
    Ok(())
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
        match self.verify(leaf, intermediates, host, ocsp, now) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(fault) => Err(carry(fault)),
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
            .map_err(of_signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
            .map_err(of_signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// The certificate's key was found good before, so what does not fit is the receiver's private one.
fn of_signature(error: Error) -> Error {
    match error {
        Error::InvalidCertificate(_) => carry(TlsFault::KeyMismatch),
        other => other,
    }
}

/// Puts our fault where the handshake's error can carry it to [`handshake::fault_in`].
fn carry(fault: TlsFault) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(fault))))
}

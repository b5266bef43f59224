//! The trusted certificates: the platform's roots, the owner's additional ones, and a receiver's
//! own certificate that the owner listed.

pub(crate) mod certificate;
mod chain;
pub(super) mod fault;
pub(super) mod handshake;
mod keys;
pub(super) mod probe;
mod smsgate;
mod words;

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

use super::tls::chain::Chain;
use super::tls::fault::TlsFault;
use crate::model::clock::Clock;
use crate::settings::Settings;

/// Returns a TLS configuration with ring and our verifier. `platform_roots` are DER.
pub(crate) fn client_config(
    platform_roots: &[CertificateDer<'static>],
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<ClientConfig, Error> {
    let own = settings
        .webhooks
        .ca_certificates
        .as_deref()
        .and_then(crate::settings::parse_certificates)
        .unwrap_or_default();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let smsgate = settings
        .webhooks
        .trust_smsgate_ca
        .then(smsgate::root)
        .flatten();
    let verifier = Verifier::new(platform_roots, own, smsgate, Arc::clone(&provider));
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

/// Trusted authorities.
#[derive(Debug)]
struct Anchors {
    roots: Arc<RootCertStore>,
    /// `None` if there is no root at all.
    webpki: Option<Arc<WebPkiServerVerifier>>,
}

impl Anchors {
    fn new<'a>(
        certificates: impl Iterator<Item = &'a CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Self {
        let mut roots = RootCertStore::empty();
        // A platform's store may hold certificates that webpki cannot use; the others still count.
        roots.add_parsable_certificates(certificates.cloned());
        let roots = Arc::new(roots);
        let webpki =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider));
        Self {
            roots,
            webpki: webpki.build().ok(),
        }
    }

    fn verify(&self, shown: &Shown<'_>) -> Result<(), TlsFault> {
        let verified = match &self.webpki {
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
            Some(webpki) => {
                webpki.verify_server_cert(shown.leaf, shown.others, shown.host, &[], shown.now)
            }
        };
        let Err(error) = verified else {
            return Ok(());
        };
        let chain = Chain::read(shown.leaf, shown.others, &self.roots);
        Err(match (&error, chain) {
            (Error::InvalidCertificate(error), Some(chain)) => {
                chain.judge(error, shown.host, shown.now)
            }
            _ => handshake::fault_in(&error),
        })
    }
}

/// The certificates that a receiver sent, its name, and the time.
struct Shown<'a> {
    leaf: &'a CertificateDer<'a>,
    others: &'a [CertificateDer<'a>],
    host: &'a ServerName<'a>,
    now: UnixTime,
}

#[derive(Debug)]
struct Verifier {
    anchors: Anchors,
    /// SMSGate's authority, if the owner trusts it.
    smsgate: Option<Anchors>,
    /// The owner's certificates. If one of them is the receiver's own certificate, it is trusted
    /// once its names and dates are checked: `openssl req -x509` makes a certificate that is
    /// authority and server at once, which webpki refuses.
    own: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(
        platform_roots: &[CertificateDer<'static>],
        own: Vec<CertificateDer<'static>>,
        smsgate: Option<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Self {
        Self {
            anchors: Anchors::new(platform_roots.iter().chain(&own), &provider),
            smsgate: smsgate.map(|root| Anchors::new([root].iter(), &provider)),
            own,
            provider,
        }
    }

    fn verify(&self, shown: &Shown<'_>) -> Result<(), TlsFault> {
        let read = Certificate::from_der(shown.leaf).ok();
        if let Some(fault) = read.as_ref().and_then(keys::fault_of) {
            return Err(fault);
        }
        if let Some(certificate) = &read
            && self
                .own
                .iter()
                .any(|own| own.as_ref() == shown.leaf.as_ref())
        {
            return verify_own(shown, certificate);
        }
        match self.anchors.verify(shown) {
            Err(fault @ (TlsFault::UnknownIssuer { .. } | TlsFault::ChainIncomplete { .. })) => {
                self.verify_smsgate(shown, fault)
            }
            outcome => outcome,
        }
    }

    /// Returns `unknown` if SMSGate's authority did not issue the certificate.
    fn verify_smsgate(&self, shown: &Shown<'_>, unknown: TlsFault) -> Result<(), TlsFault> {
        let chain = Chain::read(shown.leaf, shown.others, &self.anchors.roots);
        let Some(chain) = chain.filter(|chain| smsgate::issued(chain.end())) else {
            return Err(unknown);
        };
        if !smsgate::may_sign_for(shown.host) {
            return Err(TlsFault::SmsGatePublic);
        }
        match &self.smsgate {
            Some(anchors) => anchors.verify(shown),
            None => Err(TlsFault::SmsGate {
                issuer: certificate::name(&chain.end().tbs_certificate.issuer),
            }),
        }
    }
}

/// Checks a certificate that the owner listed, which needs no authority.
fn verify_own(shown: &Shown<'_>, certificate: &Certificate) -> Result<(), TlsFault> {
    if let Some(fault) = certificate::out_of_date(certificate, shown.now) {
        return Err(fault);
    }
    let version = certificate::version(certificate);
    if version != 3 {
        return Err(TlsFault::Version { version });
    }
    let parsed = ParsedCertificate::try_from(shown.leaf).map_err(|_| TlsFault::Encoding)?;
    if verify_server_name(&parsed, shown.host).is_err()
        && !certificate::only_common_name_fits(certificate, shown.host)
    {
        return Err(TlsFault::WrongName);
    }
    Ok(())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Shown {
            leaf,
            others,
            host,
            now,
        };
        match self.verify(&shown) {
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

/// Maps a signature error. The certificate's key was accepted before, so the receiver's private key
/// does not match it.
fn of_signature(error: Error) -> Error {
    match error {
        Error::InvalidCertificate(_) => carry(TlsFault::KeyMismatch),
        other => other,
    }
}

/// Wraps our fault in a rustls error, so that [`handshake::fault_in`] can find it there.
fn carry(fault: TlsFault) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(fault))))
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, DnType, DnValue, IsCa, Issuer, KeyPair, date_time_ymd,
    };

    use super::*;

    struct Authority {
        der: CertificateDer<'static>,
        issuer: Issuer<'static, KeyPair>,
    }

    /// An authority with SMSGate's name and a key of ours.
    fn authority() -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = &mut params.distinguished_name;
        name.push(DnType::OrganizationName, DnValue::from("SMS Gate"));
        name.push(DnType::CommonName, "SMS Gate Cloud Root CA test");
        let key = KeyPair::generate().unwrap();
        Authority {
            der: params.self_signed(&key).unwrap().der().clone(),
            issuer: Issuer::new(params, key),
        }
    }

    #[test]
    fn smsgate_authority_counts_only_if_trusted_and_for_private_addresses() {
        let (trusted, forged) = (authority(), authority());
        let unknown = |host: &str, on| {
            let public = Err(TlsFault::SmsGatePublic);
            match (host.starts_with("192.168."), on) {
                (true, true) => Ok(()),
                (true, false) => Err(TlsFault::SmsGate {
                    issuer: "CN=SMS Gate Cloud Root CA test".into(),
                }),
                _ => public,
            }
        };
        for on in [false, true] {
            for host in ["192.168.1.10", "8.8.8.8", "nas.local"] {
                let outcome = verify(&trusted, &trusted, host, on);
                assert_eq!(outcome, unknown(host, on), "{host} {on}");
            }
        }
        let outcome = verify(&trusted, &forged, "192.168.1.10", true);
        assert!(matches!(outcome, Err(TlsFault::Signature { .. })));
    }

    fn verify(
        trusted: &Authority,
        signer: &Authority,
        host: &str,
        on: bool,
    ) -> Result<(), TlsFault> {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2024, 1, 1);
        params.not_after = date_time_ymd(2025, 1, 1);
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &signer.issuer).unwrap();
        let smsgate = on.then(|| trusted.der.clone());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Verifier::new(&[], Vec::new(), smsgate, provider).verify(&Shown {
            leaf: leaf.der(),
            others: &[],
            host: &ServerName::try_from(host).unwrap(),
            now: UnixTime::since_unix_epoch(Duration::from_secs(1_719_045_971)),
        })
    }
}

//! Finds out why a receiver broke off a handshake before it sent its certificate: a second
//! handshake offers kinds of keys that this gateway cannot check, sees which one the receiver has,
//! and ends. If these were always offered, receivers that also have a better key might choose them.
//!
//! Cost: one more connection for an attempt that has already failed.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{ActiveKeyExchange, SupportedKxGroup};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, NamedGroup, SignatureScheme,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::fault::TlsFault;
use super::keys;
use crate::model::clock::Clock;

const TIMEOUT: Duration = Duration::from_secs(5);

/// Returns a more exact cause than `fault`, if a second handshake finds one.
pub(crate) async fn explain(fault: TlsFault, host: &str, port: u16, clock: &dyn Clock) -> TlsFault {
    let vague = matches!(
        fault,
        TlsFault::NothingInCommon
            | TlsFault::NotTls
            | TlsFault::InternalError
            | TlsFault::Alert { .. }
            | TlsFault::Closed
            | TlsFault::Handshake
    );
    if !vague {
        return fault;
    }
    let found = tokio::select! {
        biased;
        found = look(host, port) => found,
        () = clock.sleep(TIMEOUT) => None,
    };
    found.unwrap_or(fault)
}

async fn look(host: &str, port: u16) -> Option<TlsFault> {
    let bare = host.trim_matches(['[', ']']);
    let name = ServerName::try_from(bare.to_owned()).ok()?;
    let witness = Arc::new(Witness::default());
    let config = config(&witness).ok()?;
    let connection = ClientConnection::new(Arc::new(config), name).ok()?;
    let stream = TcpStream::connect((bare, port)).await.ok()?;
    let mut head = Vec::new();
    let shaken = shake_hands(connection, stream, &mut head).await;
    let key = witness.key.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(fault) = key.clone() {
        return Some(fault);
    }
    // HTML without a status line is how HTTP/0.9 answers a request that it does not understand.
    if head.starts_with(b"HTTP/") || head.starts_with(b"<") {
        return Some(TlsFault::PlainHttp);
    }
    (shaken.is_err() && witness.asked.load(Ordering::Relaxed))
        .then_some(TlsFault::ClientCertificate)
}

/// Completes the handshake, and sends nothing after it.
async fn shake_hands(
    mut connection: ClientConnection,
    mut stream: TcpStream,
    head: &mut Vec<u8>,
) -> io::Result<()> {
    let mut room = [0; 4096];
    loop {
        let mut out = Vec::new();
        while connection.wants_write() {
            connection.write_tls(&mut out)?;
        }
        stream.write_all(&out).await?;
        if !connection.is_handshaking() {
            return Ok(());
        }
        let count = stream.read(&mut room).await?;
        let mut came = room.get(..count).unwrap_or_default();
        if came.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if head.len() < 8 {
            head.extend_from_slice(came);
        }
        while !came.is_empty() {
            connection.read_tls(&mut came)?;
            connection
                .process_new_packets()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }
}

fn config(witness: &Arc<Witness>) -> Result<ClientConfig, Error> {
    let mut provider = rustls::crypto::ring::default_provider();
    provider.kx_groups.extend(FOREIGN_GROUPS);
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(witness) as _)
        .with_client_cert_resolver(Arc::clone(witness) as _);
    Ok(config)
}

/// Records the second handshake. It accepts any certificate, because no data is ever sent over that
/// connection.
#[derive(Debug, Default)]
struct Witness {
    key: Mutex<Option<TlsFault>>,
    /// The receiver asked for a client certificate.
    asked: AtomicBool,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _host: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let read = Certificate::from_der(leaf).ok();
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) =
            read.as_ref().and_then(keys::fault_of);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider = rustls::crypto::ring::default_provider();
        let mut schemes = provider
            .signature_verification_algorithms
            .supported_schemes();
        schemes.extend([
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ED448,
            SignatureScheme::RSA_PKCS1_SHA1,
            SignatureScheme::ECDSA_SHA1_Legacy,
        ]);
        schemes.extend(FOREIGN_SCHEMES.map(SignatureScheme::from));
        schemes
    }
}

/// The IANA numbers of schemes for RSA-PSS keys, brainpool curves, SM2, ML-DSA and DSA.
const FOREIGN_SCHEMES: [u16; 15] = [
    0x0809, 0x080a, 0x080b, 0x081a, 0x081b, 0x081c, 0x0708, 0x0904, 0x0905, 0x0906, 0x0602, 0x0502,
    0x0402, 0x0302, 0x0202,
];

impl ResolvesClientCert for Witness {
    fn resolve(
        &self,
        _issuers: &[&[u8]],
        _schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// A curve that is only listed: a TLS 1.2 receiver sends an EC certificate only to a client that
/// lists its curve. It is never used for the key exchange, because the groups before it are
/// preferred.
#[derive(Debug)]
struct ForeignGroup(NamedGroup);

const FOREIGN_GROUPS: [&dyn SupportedKxGroup; 6] = [
    &ForeignGroup(NamedGroup::secp521r1),
    // secp256k1, the brainpool curves of 256, 384 and 512 bits, secp224r1.
    &ForeignGroup(NamedGroup::Unknown(22)),
    &ForeignGroup(NamedGroup::Unknown(26)),
    &ForeignGroup(NamedGroup::Unknown(27)),
    &ForeignGroup(NamedGroup::Unknown(28)),
    &ForeignGroup(NamedGroup::Unknown(21)),
];

impl SupportedKxGroup for ForeignGroup {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        Err(Error::HandshakeNotComplete)
    }

    fn name(&self) -> NamedGroup {
        self.0
    }
}

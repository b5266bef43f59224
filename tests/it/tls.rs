//! Receivers with certificates of their own.

use std::process::Command;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use simrelay_core::clock::{Clock, SystemClock};
use simrelay_tests::{Lab, Receiver};

/// A certificate authority made for the test.
struct Authority {
    pem: String,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

fn authority() -> Authority {
    authority_named("Test Authority", "")
}

fn authority_named(name: &str, organization: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    if !organization.is_empty() {
        let names = &mut params.distinguished_name;
        names.push(DnType::OrganizationName, organization);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Authority {
        pem: certificate.pem(),
        der: certificate.der().clone(),
        issuer: Issuer::new(params, key),
    }
}

fn server(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

/// A receiver's certificate for that name, signed by the authority, valid until that year.
fn signed(authority: &Authority, name: &str, until: i32) -> ServerConfig {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    server(
        vec![certificate.der().clone()],
        PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
    )
}

/// The class and the sentence of the first attempt.
async fn attempt(lab: &Lab, receiver: &Receiver) -> (String, String) {
    lab.register("w", &receiver.url_on("localhost", "/"), "sms:received")
        .await;
    lab.receive("over TLS").await;
    let delivery = lab.after_attempts("w", 1).await;
    (
        delivery.history[0].class.clone(),
        delivery.history[0].reason.clone(),
    )
}

async fn trust(lab: &Lab, pem: &str) {
    lab.set(json!({"webhooks": {"ca_certificates": pem}})).await;
}

fn assert_fault((class, sentence): (String, String), words: &str) {
    assert_eq!(class, "Tls", "{sentence}");
    assert!(sentence.contains(words), "{sentence}");
}

#[tokio::test]
async fn an_unknown_authority_is_named_with_what_to_do() {
    let authority = authority();
    let receiver = Receiver::start_tls(signed(&authority, "localhost", 2030)).await;
    let failed = attempt(&Lab::start().await, &receiver).await;
    assert_fault(
        failed,
        "signed by an unknown authority (CN=Test Authority). Add its CA under webhooks.ca_certificates.",
    );
}

#[tokio::test]
async fn the_right_authority_is_trusted_from_the_platform_or_the_settings() {
    let authority = authority();
    let receiver = Receiver::start_tls(signed(&authority, "localhost", 2030)).await;
    let platform = Lab::start_with(vec![authority.der.clone()]).await;
    assert_eq!(attempt(&platform, &receiver).await.0, "Success");
    let own = Lab::start().await;
    trust(&own, &authority.pem).await;
    assert_eq!(attempt(&own, &receiver).await.0, "Success");
}

#[tokio::test]
async fn a_wrong_name_and_an_expired_certificate_fail() {
    let authority = authority();
    for (name, until, words) in [
        ("other.example", 2030, "not valid for localhost"),
        ("localhost", 2024, "has expired"),
    ] {
        let receiver = Receiver::start_tls(signed(&authority, name, until)).await;
        let lab = Lab::start().await;
        trust(&lab, &authority.pem).await;
        assert_fault(attempt(&lab, &receiver).await, words);
    }
}

/// What plain openssl makes: an authority and a server at once, with a common name alone.
fn openssl(name: &str) -> (String, ServerConfig) {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
        ])
        .arg(format!("/CN={name}"))
        .arg("-out")
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .expect("openssl is installed");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let chain = vec![CertificateDer::from_pem_file(&certificate).unwrap()];
    let config = server(chain, PrivateKeyDer::from_pem_file(&key).unwrap());
    (std::fs::read_to_string(certificate).unwrap(), config)
}

#[tokio::test]
async fn a_certificate_made_by_openssl_is_trusted_once_it_is_listed() {
    let (pem, config) = openssl("localhost");
    let receiver = Receiver::start_tls(config).await;
    for (listed, expected) in [(false, "Tls"), (true, "Success")] {
        let lab = Lab::start().await;
        // openssl dates by the real clock.
        lab.clock.set(SystemClock::default().now());
        if listed {
            trust(&lab, &pem).await;
        }
        let (class, sentence) = attempt(&lab, &receiver).await;
        assert_eq!(class, expected, "{sentence}");
    }
}

#[tokio::test]
async fn a_listed_certificate_still_needs_its_name_and_dates() {
    let (pem, config) = openssl("other.example");
    let receiver = Receiver::start_tls(config).await;
    for (days, words) in [
        (0, "not valid for localhost"),
        (3, "has expired"),
        (-3, "not valid yet"),
    ] {
        let lab = Lab::start().await;
        let now = SystemClock::default().now();
        lab.clock
            .set(simrelay_core::clock::UnixMillis(now.0 + days * 86_400_000));
        trust(&lab, &pem).await;
        assert_fault(attempt(&lab, &receiver).await, words);
    }
}

#[tokio::test]
async fn smsgates_own_authority_is_named_and_not_trusted_for_its_name() {
    let authority = authority_named("SMS Gate Cloud Root CA prod", "SMS Gate");
    let receiver = Receiver::start_tls(signed(&authority, "localhost", 2030)).await;
    let failed = attempt(&Lab::start().await, &receiver).await;
    assert_fault(
        failed,
        "trusted for private addresses only, and localhost is not one",
    );
    let receiver = Receiver::start_tls(signed(&authority, "127.0.0.1", 2030)).await;
    let forged = async |trust: bool| {
        let lab = Lab::start().await;
        lab.set(json!({"webhooks": {"trust_smsgate_ca": trust}}))
            .await;
        lab.register("w", &receiver.url_on("127.0.0.1", "/"), "sms:received")
            .await;
        lab.receive("over TLS").await;
        let first = lab.after_attempts("w", 1).await.history.swap_remove(0);
        (first.class, first.reason)
    };
    assert_fault(
        forged(false).await,
        "comes from SMSGate's own authority (CN=SMS Gate Cloud Root CA prod), which is not trusted \
         here. Set webhooks.trust_smsgate_ca to true",
    );
    assert_fault(
        forged(true).await,
        "signed by an unknown authority (CN=SMS Gate Cloud Root CA prod)",
    );
}

/// A receiver whose key is not the one of its certificate.
#[derive(Debug)]
struct Mismatched(Arc<rustls::sign::CertifiedKey>);

impl rustls::server::ResolvesServerCert for Mismatched {
    fn resolve(
        &self,
        _hello: rustls::server::ClientHello<'_>,
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[tokio::test]
async fn a_key_of_another_certificate_is_told() {
    let authority = authority();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    let other = KeyPair::generate().unwrap().serialize_der();
    let other = PrivateKeyDer::try_from(other).unwrap();
    let signing = rustls::crypto::ring::sign::any_supported_type(&other).unwrap();
    let pair = rustls::sign::CertifiedKey::new(vec![certificate.der().clone()], signing);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Mismatched(Arc::new(pair))));
    let receiver = Receiver::start_tls(config).await;
    let lab = Lab::start_with(vec![authority.der.clone()]).await;
    let failed = attempt(&lab, &receiver).await;
    assert_fault(failed, "private key does not match its certificate");
}

#[tokio::test]
async fn plain_http_under_https_is_told() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    let url = receiver
        .url_on("localhost", "/")
        .replace("http://", "https://");
    lab.register("w", &url, "sms:received").await;
    lab.receive("hello").await;
    let delivery = lab.after_attempts("w", 1).await;
    assert!(["Tls", "Closed"].contains(&delivery.history[0].class.as_str()));
}

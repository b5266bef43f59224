//! SMSGate's own authority. It signs certificates for private addresses, SMSGate's guide recommends
//! it for receivers in the local network, and SMSGate's app trusts it for every address. Here the
//! owner decides whether to trust it, and it is never trusted for any but a private address.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::oid::db::rfc4519::O;

use super::certificate;
use crate::net::url_rules::address_may_go_without_tls;
use crate::settings::AllowHttp;

/// The root in SMSGate's app (res/raw/ca), valid to 2035.
const ROOT: &[u8] = include_bytes!("smsgate_ca.pem");

/// Returns the authority's root.
pub(crate) fn root() -> Option<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(ROOT).ok()
}

/// Returns whether a certificate names this authority, or one below it, as its issuer.
pub(crate) fn issued(certificate: &Certificate) -> bool {
    let issuer = &certificate.tbs_certificate.issuer;
    let named = certificate::attribute(issuer, O).is_some_and(|name| name == "SMS Gate");
    named
        || root()
            .and_then(|root| Certificate::from_der(&root).ok())
            .is_some_and(|root| root.tbs_certificate.subject == *issuer)
}

/// Returns whether the authority may ever be trusted for this host: only for an address that is
/// written in the URL, because the connection goes to that address.
pub(crate) fn may_sign_for(host: &ServerName<'_>) -> bool {
    match host {
        ServerName::IpAddress(address) => {
            address_may_go_without_tls((*address).into(), AllowHttp::Private)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use ring::digest::{SHA256, digest};

    use super::*;

    #[test]
    fn root_is_the_one_that_smsgate_publishes() {
        let root = root().unwrap();
        let fingerprint = crate::model::hex::hex(digest(&SHA256, &root).as_ref());
        assert_eq!(
            fingerprint,
            "494568aeba2e1670bca324c1508c17159f7fbcc03bc685b600e45550177d03e2"
        );
        let certificate = Certificate::from_der(&root).unwrap();
        assert!(issued(&certificate));
        let name = certificate::name(&certificate.tbs_certificate.subject);
        assert_eq!(name, "CN=SMS Gate Cloud Root CA prod");
    }

    #[test]
    fn may_sign_for_only_private_addresses() {
        for (host, expected) in [
            ("192.168.1.10", true),
            ("10.0.0.5", true),
            ("172.31.0.1", true),
            ("fd00::1", true),
            ("127.0.0.1", true),
            ("172.32.0.1", false),
            ("8.8.8.8", false),
            ("2001:db8::1", false),
            ("nas.local", false),
            ("localhost", false),
        ] {
            let name = ServerName::try_from(host).unwrap();
            assert_eq!(may_sign_for(&name), expected, "{host}");
        }
    }
}

//! Certificates as a setting: PEM text, of which only the certificates are stored. Everything else
//! in a pasted file (names, comments, keys) would be shown to anybody who may read the settings.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// The longest text that is accepted.
pub(super) const MAX_LENGTH: usize = 262_144;

/// The length of a PEM line (RFC 7468, 2).
const LINE: usize = 64;

/// Returns the certificates of a PEM text, or `None` if there is none in it or one is broken.
pub(crate) fn parse_certificates(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    // Older labels of a certificate; after a "trusted" one openssl appends trust information.
    let pem = pem
        .replace(" X509 CERTIFICATE-----", " CERTIFICATE-----")
        .replace(" TRUSTED CERTIFICATE-----", " CERTIFICATE-----");
    let certificates: Option<Vec<_>> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(|found| crate::model::certificate::certificate_alone(found.ok()?.as_ref()))
        .collect();
    certificates.filter(|certificates| !certificates.is_empty())
}

/// Returns the certificates as PEM with nothing else in it.
pub(super) fn alone(pem: &str) -> Option<String> {
    parse_certificates(pem).map(|certificates| certificates.iter().map(to_pem).collect())
}

/// Returns whether a text holds a private key of any form: PKCS, SEC 1, OpenSSH, PGP, PuTTY, age.
pub(super) fn holds_secret(pem: &str) -> bool {
    let text = pem.to_ascii_uppercase();
    let labelled = text.split("BEGIN ").skip(1).any(|from_label| {
        let label = from_label.split(['-', '\n', '\r']).next();
        label.is_some_and(|label| label.contains("PRIVATE") || label.contains("SECRET"))
    });
    labelled || text.contains("PRIVATE-LINES:") || text.contains("AGE-SECRET-KEY-")
}

fn to_pem(certificate: &CertificateDer<'static>) -> String {
    let text = BASE64_STANDARD.encode(certificate);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while let Some((line, after)) = rest.split_at_checked(LINE) {
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    if !rest.is_empty() {
        pem.push_str(rest);
        pem.push('\n');
    }
    pem + "-----END CERTIFICATE-----\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> String {
        rcgen::generate_simple_self_signed(["receiver.example".to_owned()])
            .unwrap()
            .cert
            .pem()
            .replace("\r\n", "\n")
    }

    #[test]
    fn alone_keeps_only_certificates() {
        let (one, two) = (certificate(), certificate());
        assert_eq!(alone(&one), Some(one.clone()));
        let crl = "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n";
        let public = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
        let pasted = format!(
            "Bag Attributes\r\n  friendlyName: nas\r\n{}\n# our own\n{crl}{public}{two}AAAA\n",
            one.replace('\n', "\r\n"),
        );
        assert_eq!(alone(&pasted), Some(format!("{one}{two}")));
        for label in ["X509 CERTIFICATE", "TRUSTED CERTIFICATE"] {
            assert_eq!(alone(&one.replace("CERTIFICATE", label)), Some(one.clone()));
        }
        for none in ["", "hello", crl, &one.replace("MI", "!!")] {
            assert_eq!(alone(none), None, "{none}");
        }
    }

    #[test]
    fn parse_certificates_drops_the_trust_information_of_openssl() {
        let one = certificate();
        let mut der = CertificateDer::from_pem_slice(one.as_bytes())
            .unwrap()
            .to_vec();
        der.extend([0x30, 0x0c, 0x30, 0x0a, 6, 8, 43, 6, 1, 5, 5, 7, 3, 1]);
        let trusted = to_pem(&der.into()).replace("CERTIFICATE", "TRUSTED CERTIFICATE");
        assert_eq!(alone(&trusted), Some(one));
    }

    #[test]
    fn holds_secret_recognises_keys_by_their_labels() {
        for (text, expected) in [
            ("-----BEGIN PRIVATE KEY-----", true),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----", true),
            ("-----BEGIN RSA PRIVATE KEY-----", true),
            ("-----BEGIN EC PRIVATE KEY-----", true),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", true),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----", true),
            ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", true),
            ("  -----begin private key-----", true),
            ("PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 14\n", true),
            ("AGE-SECRET-KEY-1QQQ", true),
            ("-----BEGIN CERTIFICATE-----", false),
            ("-----BEGIN PUBLIC KEY-----", false),
            ("-----BEGIN EC PARAMETERS-----", false),
            ("# the private CA of the house", false),
            ("# begin\nprivate", false),
        ] {
            assert_eq!(holds_secret(text), expected, "{text}");
        }
    }
}

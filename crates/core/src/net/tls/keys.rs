//! Determines which keys and signatures of certificates ring can check. Certificates are inspected
//! before the handshake does so, because its error has no reason.

use x509_cert::Certificate;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::oid::db::{DB, rfc5912, rfc8410};
use x509_cert::der::{Decode, Reader, SliceReader};
use x509_cert::spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};

use super::fault::TlsFault;

/// The RSA key sizes that ring accepts.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Returns why a key cannot be checked, or `None` if it can.
pub(crate) fn fault(key: &SubjectPublicKeyInfoRef<'_>) -> Option<TlsFault> {
    let kind = match key.algorithm.oid {
        rfc5912::RSA_ENCRYPTION => {
            let bits = key.subject_public_key.as_bytes().and_then(rsa_bits)?;
            if bits < *RSA_BITS.start() {
                return Some(TlsFault::ShortKey { bits });
            }
            if RSA_BITS.contains(&bits) {
                return None;
            }
            format!("RSA {bits}")
        }
        rfc5912::ID_EC_PUBLIC_KEY => {
            match key.algorithm.parameters_oid() {
                Ok(rfc5912::SECP_256_R_1 | rfc5912::SECP_384_R_1) => return None,
                Ok(rfc5912::SECP_521_R_1) => "P-521".into(),
                Ok(rfc5912::SECP_224_R_1) => "P-224".into(),
                Ok(curve) => name(&curve),
                // The curve is given by its parameters, not by its name.
                Err(_) => "explicit EC parameters".into(),
            }
        }
        rfc8410::ID_ED_25519 => return None,
        rfc8410::ID_ED_448 => "Ed448".into(),
        rfc5912::ID_RSASSA_PSS => "RSA-PSS".into(),
        rfc5912::ID_DSA => "DSA".into(),
        other => name(&other),
    };
    Some(TlsFault::Key { kind })
}

/// Returns why a certificate's own key cannot be checked, or `None` if it can.
pub(crate) fn fault_of(certificate: &Certificate) -> Option<TlsFault> {
    owned_fault(&certificate.tbs_certificate.subject_public_key_info)
}

/// Returns the name of a certificate's signature algorithm if that cannot be checked.
pub(crate) fn odd_signature(certificate: &Certificate) -> Option<String> {
    let algorithm = certificate.signature_algorithm.oid;
    match algorithm {
        rfc5912::SHA_256_WITH_RSA_ENCRYPTION
        | rfc5912::SHA_384_WITH_RSA_ENCRYPTION
        | rfc5912::SHA_512_WITH_RSA_ENCRYPTION
        | rfc5912::ID_RSASSA_PSS
        | rfc5912::ECDSA_WITH_SHA_256
        | rfc5912::ECDSA_WITH_SHA_384
        | rfc8410::ID_ED_25519 => None,
        other => Some(name(&other)),
    }
}

/// Returns the name of a certificate's signature algorithm.
pub(crate) fn signature(certificate: &Certificate) -> String {
    name(&certificate.signature_algorithm.oid)
}

fn owned_fault(key: &SubjectPublicKeyInfoOwned) -> Option<TlsFault> {
    use x509_cert::der::Encode;
    let der = key.to_der().ok()?;
    fault(&SubjectPublicKeyInfoRef::from_der(&der).ok()?)
}

/// Returns the length of the modulus in bits (RFC 8017 A.1.1).
fn rsa_bits(key: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(key).ok()?;
    let modulus = reader.sequence(|reader| {
        let modulus = UintRef::decode(reader)?;
        let _exponent = UintRef::decode(reader)?;
        Ok(modulus)
    });
    let modulus = modulus.ok()?;
    let first = modulus.as_bytes().first()?;
    let unused = usize::try_from(first.leading_zeros()).ok()?;
    Some(modulus.as_bytes().len() * 8 - unused)
}

/// Names that the table lacks: curves of SEC 2, RFC 5639 and GB/T 32918, and keys of FIPS 204.
const MORE_NAMES: [(&str, &str); 11] = [
    ("1.2.840.10045.3.1.1", "P-192"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.36.3.3.2.8.1.1.5", "brainpoolP224r1"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.9", "brainpoolP320r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("1.2.156.10197.1.301", "SM2"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];

fn name(identifier: &ObjectIdentifier) -> String {
    if let Some(name) = DB.by_oid(identifier) {
        return name.to_owned();
    }
    let text = identifier.to_string();
    let known = MORE_NAMES.iter().find(|(number, _)| *number == text);
    known.map_or(text.clone(), |(_, name)| (*name).to_owned())
}

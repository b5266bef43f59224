//! Separates a certificate from the bytes that follow it.

use rustls_pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::{Decode, Reader, SliceReader};

/// Returns the certificate at the beginning of these bytes, without the bytes after it.
pub(crate) fn certificate_alone(der: &[u8]) -> Option<CertificateDer<'static>> {
    let mut reader = SliceReader::new(der).ok()?;
    let alone = reader.tlv_bytes().ok()?;
    Certificate::from_der(alone).ok()?;
    Some(CertificateDer::from(alone.to_vec()))
}

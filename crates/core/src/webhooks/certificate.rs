//! What has to be read from a certificate beyond what the verifier tells.

use std::net::IpAddr;
use std::time::Duration;

use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use x509_cert::Certificate;
use x509_cert::der::asn1::{Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use x509_cert::der::oid::db::rfc4519::CN;
use x509_cert::der::{Any, Decode, Tag, Tagged};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

/// Whether these bytes are a certificate at all.
pub(crate) fn is_certificate(der: &CertificateDer<'_>) -> bool {
    Certificate::from_der(der).is_ok()
}

/// The common name of the authority that signed it, as `CN=…`; its whole distinguished name if it
/// has no common name; `""` if the certificate cannot be read.
pub(super) fn issuer(der: &CertificateDer<'_>) -> String {
    let Ok(certificate) = Certificate::from_der(der) else {
        return String::new();
    };
    let issuer = &certificate.tbs_certificate.issuer;
    match common_name(issuer) {
        Some(name) => format!("CN={name}"),
        None => issuer.to_string(),
    }
}

/// The names it is made for, as `DNS:…`-less text: the subjectAltNames, or the common name.
pub(super) fn names(der: &CertificateDer<'_>) -> Vec<String> {
    let Ok(certificate) = Certificate::from_der(der) else {
        return Vec::new();
    };
    let certificate = certificate.tbs_certificate;
    let alternatives = match certificate.get::<SubjectAltName>() {
        Ok(Some((_, names))) => names.0,
        _ => return common_name(&certificate.subject).into_iter().collect(),
    };
    let text = |name: &GeneralName| match name {
        GeneralName::DnsName(name) => Some(plain(name.as_str())),
        GeneralName::IpAddress(bytes) => match bytes.as_bytes() {
            [a, b, c, d] => Some(IpAddr::from([*a, *b, *c, *d]).to_string()),
            bytes => <[u8; 16]>::try_from(bytes)
                .ok()
                .map(|bytes| IpAddr::from(bytes).to_string()),
        },
        _ => None,
    };
    alternatives.iter().filter_map(text).take(20).collect()
}

/// Its first and last second.
pub(super) fn validity(der: &CertificateDer<'_>) -> Option<(UnixTime, UnixTime)> {
    let certificate = Certificate::from_der(der).ok()?;
    let validity = certificate.tbs_certificate.validity;
    let time = |duration: Duration| UnixTime::since_unix_epoch(duration);
    Some((
        time(validity.not_before.to_unix_duration()),
        time(validity.not_after.to_unix_duration()),
    ))
}

/// Whether a certificate without any subjectAltName is made for this host by its common name, as
/// plain `openssl req -x509` makes them. Asked only for a certificate that the owner trusts byte
/// for byte.
pub(super) fn common_name_fits(der: &CertificateDer<'_>, host: &ServerName<'_>) -> bool {
    let Ok(certificate) = Certificate::from_der(der) else {
        return false;
    };
    let certificate = certificate.tbs_certificate;
    if !matches!(certificate.get::<SubjectAltName>(), Ok(None)) {
        return false;
    }
    let Some(name) = common_name(&certificate.subject) else {
        return false;
    };
    match host {
        ServerName::DnsName(host) => name.eq_ignore_ascii_case(host.as_ref()),
        ServerName::IpAddress(address) => name
            .parse::<IpAddr>()
            .is_ok_and(|named| named == IpAddr::from(*address)),
        _ => false,
    }
}

fn common_name(name: &Name) -> Option<String> {
    name.0
        .iter()
        .flat_map(|relative| relative.0.iter())
        .find(|attribute| attribute.oid == CN)
        .and_then(|attribute| text(&attribute.value))
}

fn text(value: &Any) -> Option<String> {
    let text = match value.tag() {
        Tag::Utf8String => value
            .decode_as::<Utf8StringRef<'_>>()
            .ok()?
            .as_str()
            .to_owned(),
        Tag::PrintableString => value
            .decode_as::<PrintableStringRef<'_>>()
            .ok()?
            .as_str()
            .to_owned(),
        Tag::Ia5String => value
            .decode_as::<Ia5StringRef<'_>>()
            .ok()?
            .as_str()
            .to_owned(),
        Tag::TeletexString => value
            .decode_as::<TeletexStringRef<'_>>()
            .ok()?
            .as_str()
            .to_owned(),
        _ => return None,
    };
    Some(plain(&text))
}

/// A name comes from a stranger and ends in a log.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

//! Reads certificate fields that the verifier does not report.

use std::net::IpAddr;
use std::time::Duration;

use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use x509_cert::der::asn1::{
    Ia5StringRef, ObjectIdentifier, PrintableStringRef, TeletexStringRef, Utf8StringRef,
};
use x509_cert::der::oid::db::rfc4519::CN;
use x509_cert::der::{Any, Decode, Tag, Tagged};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::{Certificate, Version};

use super::fault::TlsFault;

/// Returns the common name of the issuing authority as `CN=…`, or its whole distinguished name if
/// it has no common name, or `""` if the certificate cannot be read.
pub(crate) fn issuer(der: &CertificateDer<'_>) -> String {
    let Ok(certificate) = Certificate::from_der(der) else {
        return String::new();
    };
    name(&certificate.tbs_certificate.issuer)
}

/// Returns the common name as `CN=…`, or the whole name if it has none.
pub(crate) fn name(name: &Name) -> String {
    match common_name(name) {
        Some(common) => format!("CN={common}"),
        None => plain(&name.to_string()),
    }
}

/// Returns the X.509 version, 1 to 3.
pub(crate) fn version(certificate: &Certificate) -> u8 {
    match certificate.tbs_certificate.version {
        Version::V1 => 1,
        Version::V2 => 2,
        Version::V3 => 3,
    }
}

/// Returns a fault if the certificate is not valid at this time.
pub(crate) fn out_of_date(certificate: &Certificate, now: UnixTime) -> Option<TlsFault> {
    let validity = &certificate.tbs_certificate.validity;
    let now = Duration::from_secs(now.as_secs());
    let (first, last) = (
        validity.not_before.to_unix_duration(),
        validity.not_after.to_unix_duration(),
    );
    if last < first {
        return Some(TlsFault::DatesReversed);
    }
    if now < first {
        return Some(TlsFault::NotYetValid);
    }
    (now > last).then_some(TlsFault::Expired)
}

/// Returns the names that it is issued for, without the `DNS:` prefix: the subjectAltNames, or the
/// common name.
pub(crate) fn names(der: &CertificateDer<'_>) -> Vec<String> {
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

/// Returns its first and last valid second.
pub(crate) fn validity(der: &CertificateDer<'_>) -> Option<(UnixTime, UnixTime)> {
    let certificate = Certificate::from_der(der).ok()?;
    let validity = certificate.tbs_certificate.validity;
    let time = |duration: Duration| UnixTime::since_unix_epoch(duration);
    Some((
        time(validity.not_before.to_unix_duration()),
        time(validity.not_after.to_unix_duration()),
    ))
}

/// Returns whether a certificate without any subjectAltName has this host as its common name, as
/// `openssl req -x509` makes them by default. This only counts for a certificate that the owner
/// trusts byte for byte.
pub(crate) fn only_common_name_fits(certificate: &Certificate, host: &ServerName<'_>) -> bool {
    let certificate = &certificate.tbs_certificate;
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
    attribute(name, CN)
}

/// Returns the first value of an attribute in a name.
pub(crate) fn attribute(name: &Name, kind: ObjectIdentifier) -> Option<String> {
    name.0
        .iter()
        .flat_map(|relative| relative.0.iter())
        .find(|attribute| attribute.oid == kind)
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

/// Makes a name safe for the log: it comes from a stranger.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

//! The texts for each fault of TLS and its remedy. The page makes its own texts from the same
//! causes.

use super::fault::TlsFault;

/// The kinds of keys that ring can check.
const GOOD_KEYS: &str = "Use P-256, P-384, RSA 2048 or Ed25519.";

/// The texts for a fault.
pub(crate) struct Told {
    /// A word for the cause that never changes.
    pub cause: &'static str,
    /// The subject of the cause, a part of `reason`; may be empty.
    pub about: String,
    pub reason: String,
    /// The remedy.
    pub fix: String,
}

fn told(cause: &'static str, about: &str, reason: String, fix: &str) -> Told {
    Told {
        cause,
        about: about.to_owned(),
        reason,
        fix: fix.to_owned(),
    }
}

impl TlsFault {
    /// Returns the texts for a receiver of this host name.
    pub(crate) fn told(&self, host: &str) -> Told {
        self.of_trust(host)
            .or_else(|| self.of_signature())
            .or_else(|| self.of_form(host))
            .unwrap_or_else(|| self.of_handshake(host))
    }

    fn of_trust(&self, host: &str) -> Option<Told> {
        Some(match self {
            Self::UnknownIssuer { issuer } if issuer.is_empty() => told(
                "tls-authority-unnamed",
                "",
                "The receiver's certificate is signed by an unknown authority.".into(),
                "Add its CA under webhooks.ca_certificates.",
            ),
            Self::UnknownIssuer { issuer } => told(
                "tls-authority",
                issuer,
                format!("The receiver's certificate is signed by an unknown authority ({issuer})."),
                "Add its CA under webhooks.ca_certificates.",
            ),
            Self::SelfSigned => told(
                "tls-self-signed",
                "",
                "The receiver's certificate is self-signed, and this gateway does not trust it."
                    .into(),
                "Add the certificate itself under webhooks.ca_certificates.",
            ),
            Self::ChainIncomplete { issuer } => told(
                "tls-chain",
                issuer,
                format!(
                    "The receiver does not send the certificate of the authority that issued its \
                     own ({issuer})."
                ),
                "Make it send the full chain (often called fullchain.pem), or add that \
                 certificate under webhooks.ca_certificates.",
            ),
            Self::SmsGate { issuer } => told(
                "tls-smsgate",
                issuer,
                format!(
                    "The receiver's certificate comes from SMSGate's own authority ({issuer}), \
                     which is not trusted here."
                ),
                "Set webhooks.trust_smsgate_ca to true; it is then trusted for private addresses \
                 only.",
            ),
            Self::SmsGatePublic => told(
                "tls-smsgate-public",
                host,
                format!(
                    "The receiver's certificate comes from SMSGate's own authority, which is \
                     trusted for private addresses only, and {host} is not one."
                ),
                "Write the receiver's private address into the URL, or use a certificate of \
                 another authority.",
            ),
            Self::WrongName => told(
                "tls-name",
                host,
                format!("The receiver's certificate is not valid for {host}."),
                &format!(
                    "Use a name in the certificate, or create one that names {host} (subjectAltName)."
                ),
            ),
            Self::NoNames => told(
                "tls-no-names",
                host,
                format!(
                    "The receiver's certificate does not list {host} under subjectAltName; a \
                     common name alone is not enough."
                ),
                "Create one with a subjectAltName.",
            ),
            Self::Expired => told(
                "tls-expired",
                "",
                "The receiver's certificate has expired.".into(),
                "Renew it; if it is still valid, check this device's date.",
            ),
            Self::NotYetValid => told(
                "tls-not-yet",
                "",
                "The receiver's certificate is not valid yet.".into(),
                "Check the clocks of the receiver and of this device.",
            ),
            Self::ChainDates { name } => told(
                "tls-chain-dates",
                name,
                format!(
                    "A CA certificate that the receiver sends ({name}) has expired or is \
                     not valid yet."
                ),
                "Make the receiver send a newer chain; if it is valid, check this device's date.",
            ),
            Self::DatesReversed => told(
                "tls-dates",
                "",
                "The receiver's certificate expires before it becomes valid.".into(),
                "Create a new one.",
            ),
            _ => return None,
        })
    }

    fn of_signature(&self) -> Option<Told> {
        Some(match self {
            Self::Key { kind } => told(
                "tls-key",
                kind,
                format!(
                    "The receiver's certificate has a key ({kind}) that this gateway cannot verify."
                ),
                GOOD_KEYS,
            ),
            Self::ShortKey { bits } => told(
                "tls-key-short",
                &bits.to_string(),
                format!(
                    "The receiver's certificate has an RSA key of {bits} bits, too short to be safe."
                ),
                GOOD_KEYS,
            ),
            Self::IssuerKey { kind } => told(
                "tls-issuer-key",
                kind,
                format!(
                    "The authority of the receiver's certificate has a key ({kind}) that this \
                     gateway cannot verify."
                ),
                "Have it signed by an authority with a key of P-256, P-384, RSA 2048 or Ed25519.",
            ),
            Self::Algorithm { name } => told(
                "tls-algorithm",
                name,
                format!(
                    "The receiver's certificate is signed in a way ({name}) that this gateway does \
                     not accept."
                ),
                "Sign it with SHA-256 or SHA-384.",
            ),
            Self::Signature { issuer } => told(
                "tls-signature",
                issuer,
                format!(
                    "The receiver's certificate is not signed by the key that this gateway knows for its \
                     authority ({issuer})."
                ),
                "If the authority has a new key, replace its certificate under \
                 webhooks.ca_certificates; otherwise issue the receiver's certificate again.",
            ),
            Self::KeyMismatch => told(
                "tls-key-mismatch",
                "",
                "The receiver's private key does not match its certificate.".into(),
                "Configure a key and a certificate that belong together.",
            ),
            _ => return None,
        })
    }

    fn of_form(&self, host: &str) -> Option<Told> {
        Some(match self {
            Self::Version { version } => told(
                "tls-version",
                &version.to_string(),
                format!(
                    "The receiver's certificate is X.509 version {version}; only version 3 is \
                     accepted."
                ),
                "Create one with a subjectAltName (openssl x509 -req needs -extfile for it), which \
                 makes it version 3.",
            ),
            Self::CaAsServer => told(
                "tls-ca",
                "",
                "The receiver presents a CA certificate as its own.".into(),
                "Create one for the receiver without CA:TRUE, or add this very certificate under \
                 webhooks.ca_certificates.",
            ),
            Self::ChainUnusable { name } => told(
                "tls-chain-unusable",
                name,
                format!(
                    "A certificate in the receiver's chain ({name}) is not a CA \
                     certificate."
                ),
                "Issue it again as X.509 version 3 with CA:TRUE.",
            ),
            Self::Purpose => told(
                "tls-purpose",
                "",
                "The receiver's certificate is not issued for servers (extendedKeyUsage).".into(),
                "Create one with serverAuth.",
            ),
            Self::NameConstraint => told(
                "tls-constraint",
                host,
                format!(
                    "The authority of the receiver's certificate may not sign for {host} \
                     (nameConstraints)."
                ),
                "Use a name that it may sign for, or another authority.",
            ),
            Self::PathLength => told(
                "tls-path",
                "",
                "The receiver's certificate chain is longer than one of its authorities allows \
                 (pathLenConstraint)."
                    .into(),
                "Have the receiver's certificate signed by an authority closer to the root.",
            ),
            Self::ChainLong => told(
                "tls-chain-long",
                "",
                "The receiver sends too many certificates to check.".into(),
                "Make it send only its own and those between it and the root.",
            ),
            Self::Extension => told(
                "tls-extension",
                "",
                "The receiver's certificate has a critical extension that this gateway does not \
                 support."
                    .into(),
                "Create one without it, or do not mark it critical.",
            ),
            Self::Encoding => told(
                "tls-encoding",
                "",
                "The receiver's certificate is damaged or malformed.".into(),
                "Create a new one.",
            ),
            Self::NoCertificate => told(
                "tls-none",
                "",
                "The receiver sends no certificate.".into(),
                "Configure one in its TLS settings.",
            ),
            Self::BadCertificate => told(
                "tls-unusable",
                "",
                "The receiver's certificate cannot be used (revoked or distrusted).".into(),
                "Create a new one.",
            ),
            _ => return None,
        })
    }

    fn of_handshake(&self, host: &str) -> Told {
        let of_host = |cause, reason: String, fix: &str| told(cause, host, reason, fix);
        match self {
            Self::NotTls => of_host(
                "tls-not",
                format!("The server at {host} does not speak TLS."),
                "Check the port in the URL; https:// needs the receiver's HTTPS port.",
            ),
            Self::PlainHttp => of_host(
                "tls-plain",
                format!("{host} speaks plain HTTP at this port, not HTTPS."),
                "Use the receiver's HTTPS port, or http:// where webhooks.allow_http permits it.",
            ),
            Self::OldVersion => of_host(
                "tls-old",
                format!("{host} supports only TLS versions that are too old."),
                "Enable TLS 1.2 or 1.3 there.",
            ),
            Self::NothingInCommon => of_host(
                "tls-common",
                format!("{host} and this device have no TLS cipher or key type in common."),
                "Enable ECDHE with AES-GCM or ChaCha20 there, and use a certificate with a key of \
                 P-256, P-384, RSA 2048 or Ed25519.",
            ),
            Self::UnknownName => of_host(
                "tls-unknown-name",
                format!(
                    "The receiver's TLS is not set up for the name {host} (unrecognized_name)."
                ),
                "Set it up for this name, or use a name that it is set up for.",
            ),
            Self::ClientCertificate => of_host(
                "tls-client",
                format!("{host} requires a client certificate, and this gateway has none."),
                "Make it accept webhooks without one; X-Signature proves who sent them.",
            ),
            Self::InternalError => of_host(
                "tls-internal",
                format!("{host} reported an internal error in the TLS handshake (internal_error)."),
                "Check its log; some servers say so when they have no certificate for the name.",
            ),
            Self::AccessDenied => of_host(
                "tls-denied",
                format!("{host} rejected this device in the TLS handshake (access_denied)."),
                "Check its rules and its log.",
            ),
            Self::NoHttp1 => of_host(
                "tls-http1",
                format!("{host} offers no HTTP/1.1 over TLS (no_application_protocol)."),
                "Enable HTTP/1.1 there.",
            ),
            Self::Alert { name } => told(
                "tls-alert",
                name,
                format!("The receiver aborted the TLS handshake ({name})."),
                "Check its log.",
            ),
            Self::Misbehaved => of_host(
                "tls-rules",
                format!("{host} violates the TLS protocol."),
                "Update the receiver's TLS library; look for a proxy in between.",
            ),
            Self::Damaged => of_host(
                "tls-damaged",
                format!("The TLS data from {host} is damaged."),
                "Look for something that changes it on the way: a proxy, a virus scanner, a faulty network.",
            ),
            Self::Closed => of_host(
                "tls-closed",
                format!("{host} closed the connection during the TLS handshake."),
                "Check its log, its certificate, and that the port speaks HTTPS.",
            ),
            Self::Silent => of_host(
                "tls-silent",
                format!(
                    "{host} accepts the connection but does not answer in TLS within 10 seconds."
                ),
                "Check that the port speaks HTTPS and that the receiver is not overloaded.",
            ),
            // The other functions have handled the remaining faults.
            _ => of_host(
                "tls-handshake",
                format!("{host} and this device could not agree on TLS."),
                "Check that the port speaks HTTPS with TLS 1.2 or 1.3.",
            ),
        }
    }
}

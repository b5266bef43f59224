//! The outcome of an attempt. It stays an enum throughout: no code compares error texts.

use super::tls::fault::TlsFault;
use super::url_rules::UrlError;
use crate::model::device_fault::DeviceFault;

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A 2xx status.
    Success(u16),
    /// Any other status that is not a redirect.
    Status(u16),
    /// A 3xx status; redirects are not followed.
    Redirect(u16),
    /// No connection within 10 s, or no status within 30 s.
    Timeout(Phase),
    /// The connection was refused or could not be made.
    Connect(ConnectFault),
    /// The TLS handshake failed.
    Tls(TlsFault),
    /// The host's name was not found.
    Dns,
    /// The connection broke before a status came.
    Closed,
    /// The receiver's response is not HTTP.
    NotHttp {
        /// Its first bytes, in printable form; empty if they would not help.
        first_bytes: String,
        /// The receiver speaks TLS, and the request used none.
        tls: bool,
    },
    /// The owner's rules forbid this receiver: cleartext to that address.
    NotAllowed,
    /// The URL was registered under older rules, and its request would go to the wrong place.
    Url(UrlError),
    /// The device has no route at all; does not count as a retry.
    NoNetwork,
    /// The device could not even try; does not count as a retry.
    Device(DeviceFault),
}

/// The step that took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Connecting,
    Answering,
}

/// Why no connection was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectFault {
    Refused,
    HostUnreachable,
    Other,
}

impl Outcome {
    /// Returns the class that is stored and shown.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Success(_) => "Success",
            Self::Status(_) => "Status",
            Self::Redirect(_) => "Redirect",
            Self::Timeout(_) => "Timeout",
            Self::Connect(_) => "Connect",
            Self::Tls(_) => "Tls",
            Self::Dns => "Dns",
            Self::Closed => "Closed",
            Self::NotAllowed | Self::Url(_) => "NotAllowed",
            Self::NotHttp { .. } => "NotHttp",
            Self::NoNetwork => "NoNetwork",
            Self::Device(_) => "Device",
        }
    }

    /// Returns the HTTP status; 0 if there was none.
    pub fn status(&self) -> u16 {
        match self {
            Self::Success(status) | Self::Status(status) | Self::Redirect(status) => *status,
            _ => 0,
        }
    }

    /// Returns plain text for the user: the reason and the remedy; empty on success. `host` is the
    /// receiver's host name.
    pub fn sentence(&self, host: &str) -> String {
        let (reason, fix) = self.reason_and_fix(host);
        if fix.is_empty() {
            return reason;
        }
        format!("{reason} {fix}")
    }

    /// Returns the same for the log. It leaves out any bytes of a response that is not HTTP,
    /// because the receiver may have echoed the message.
    pub fn log_sentence(&self, host: &str) -> String {
        match self {
            Self::NotHttp { tls: false, .. } => "The answer is not HTTP.".to_owned(),
            outcome => outcome.sentence(host),
        }
    }

    /// Returns a fixed word for the cause, and its subject (a host or an authority; may be empty).
    /// The page translates these. Empty on success.
    pub fn cause(&self, host: &str) -> (&'static str, String) {
        let of_host = |cause| (cause, host.to_owned());
        let alone = |cause| (cause, String::new());
        match self {
            Self::Success(_) => alone(""),
            Self::Status(status) => alone(match status {
                401 | 403 => "status-key",
                404 | 410 => "status-path",
                405 => "status-post",
                413 => "status-size",
                500..=599 => "status-log",
                _ => "status",
            }),
            Self::Redirect(_) => alone("redirect"),
            Self::Timeout(Phase::Connecting) => of_host("timeout-connecting"),
            Self::Timeout(Phase::Answering) => alone("timeout-answering"),
            Self::Connect(ConnectFault::Refused) => of_host("connect-refused"),
            Self::Connect(ConnectFault::HostUnreachable) => of_host("connect-unreachable"),
            Self::Connect(ConnectFault::Other) => of_host("connect-other"),
            Self::Tls(fault) => {
                let told = fault.told(host);
                (told.cause, told.about)
            }
            Self::Dns => of_host("dns"),
            Self::Closed => alone("closed"),
            Self::NotAllowed => of_host("not-allowed"),
            Self::Url(error) => alone(error.cause()),
            Self::NotHttp { tls: true, .. } => of_host("not-http-tls"),
            Self::NotHttp { first_bytes, .. } => ("not-http", first_bytes.clone()),
            Self::NoNetwork => alone("no-network"),
            Self::Device(DeviceFault::Descriptors) => alone("device-descriptors"),
            Self::Device(DeviceFault::Memory) => alone("device-memory"),
            Self::Device(DeviceFault::Ports) => alone("device-ports"),
            Self::Device(DeviceFault::Permission) => alone("device-permission"),
        }
    }

    /// Returns the reason and the remedy, each as whole sentences.
    pub fn reason_and_fix(&self, host: &str) -> (String, String) {
        let both = |reason: String, fix: &str| (reason, fix.to_owned());
        match self {
            Self::Success(_) => both(String::new(), ""),
            Self::Status(status) => both(
                format!("The receiver answered {status}. Only 2xx counts as delivered."),
                status_hint(*status),
            ),
            Self::Redirect(status) => both(
                format!("The receiver answered with a redirect ({status}), which is not followed."),
                "Register the final URL.",
            ),
            Self::Timeout(Phase::Connecting) => both(
                format!("No connection to {host} within 10 seconds."),
                "Check that the host is on and that no firewall drops the connection.",
            ),
            Self::Timeout(Phase::Answering) => both(
                "The receiver did not answer within 30 seconds.".into(),
                "It should answer 2xx right away and process the message afterwards.",
            ),
            Self::Connect(ConnectFault::Refused) => both(
                format!("{host} refused the connection."),
                "Check that the receiver is running and that the port in the URL is right.",
            ),
            Self::Connect(ConnectFault::HostUnreachable) => both(
                format!("{host} cannot be reached."),
                "Check that it is on and in a network that this device can reach.",
            ),
            Self::Connect(ConnectFault::Other) => both(
                format!("Connecting to {host} failed."),
                "Check the URL and the network.",
            ),
            Self::Tls(fault) => {
                let told = fault.told(host);
                (told.reason, told.fix)
            }
            Self::Dns => both(
                format!("The name {host} was not found."),
                "Check the URL's host name and the network's DNS.",
            ),
            Self::Closed => both(
                "The receiver closed the connection without an answer.".into(),
                "Check its log for a crash; a URL with http:// where the port speaks HTTPS, or the other \
                 way round, does this too.",
            ),
            Self::NotAllowed => both(
                format!("Plain http:// to {host} is not allowed."),
                "Use https://, or set webhooks.allow_http to private or any.",
            ),
            Self::Url(error) => both(error.to_string(), ""),
            Self::NotHttp { tls: true, .. } => both(
                format!("{host} speaks TLS at this port, not plain HTTP."),
                "Change the webhook's URL to https://.",
            ),
            Self::NotHttp { first_bytes, .. } => both(
                format!("The answer is not HTTP; it begins with \"{first_bytes}\"."),
                "Check the port in the webhook's URL.",
            ),
            Self::NoNetwork => both(
                "The device has no network.".into(),
                "The delivery waits without using up a retry.",
            ),
            Self::Device(fault) => both(fault.to_string(), fix_of_device(*fault)),
        }
    }
}

fn fix_of_device(fault: DeviceFault) -> &'static str {
    match fault {
        DeviceFault::Descriptors => {
            "The delivery waits without using up a retry. Close clients that keep connections open, or \
             raise the limit of open files."
        }
        DeviceFault::Memory => {
            "The delivery waits without using up a retry. End other programs on this device."
        }
        DeviceFault::Ports => {
            "The delivery waits without using up a retry. End programs that hold many connections."
        }
        DeviceFault::Permission => {
            "The delivery waits without using up a retry. Allow the gateway network access in the \
             system's settings or firewall."
        }
    }
}

fn status_hint(status: u16) -> &'static str {
    match status {
        401 | 403 => "Check the signing key, and the key or password in the webhook's URL.",
        404 | 410 => "Check the path in the webhook's URL.",
        405 => "The receiver must accept POST at this URL.",
        413 => "The receiver must accept larger bodies.",
        500..=599 => "Check the receiver's log.",
        _ => "",
    }
}

#[cfg(test)]
impl Outcome {
    /// Returns one outcome of every kind, for tests that check all of them.
    pub fn every() -> Vec<Self> {
        let mut all = vec![
            Self::Redirect(302),
            Self::Timeout(Phase::Connecting),
            Self::Timeout(Phase::Answering),
            Self::Connect(ConnectFault::Refused),
            Self::Connect(ConnectFault::HostUnreachable),
            Self::Connect(ConnectFault::Other),
            Self::Dns,
            Self::Closed,
            Self::NotAllowed,
            Self::NoNetwork,
            Self::NotHttp {
                first_bytes: "SSH-2.0-x".into(),
                tls: false,
            },
            Self::NotHttp {
                first_bytes: String::new(),
                tls: true,
            },
            Self::Device(DeviceFault::Descriptors),
            Self::Device(DeviceFault::Memory),
            Self::Device(DeviceFault::Ports),
            Self::Device(DeviceFault::Permission),
        ];
        all.extend([400, 401, 404, 405, 413, 500].map(Self::Status));
        all.extend(TlsFault::every().into_iter().map(Self::Tls));
        all
    }
}

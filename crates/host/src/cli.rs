//! The command line (protocol.md 5).

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use simrelay_core::settings::is_device_id;

/// An SMS gateway that does not lose messages, on your desktop with a simulated phone.
#[derive(Parser)]
#[command(name = "simrelay", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub serve: ServeOptions,
}

#[derive(Subcommand)]
pub enum Command {
    /// Run the gateway until Ctrl-C (the default without a command)
    Serve(ServeOptions),
    /// Run a self-contained demo, in about fifteen seconds: an SMS is received, a webhook is delivered
    Demo,
    /// Build a new database from everything that can be read of a damaged one, which is kept beside it
    Recover(RecoverOptions),
    /// Diagnose webhooks, without a running gateway
    #[command(subcommand)]
    Webhook(WebhookCommand),
}

#[derive(Subcommand)]
pub enum WebhookCommand {
    /// Send a test event and report each step: URL, DNS, connection, TLS, HTTP
    Test(WebhookTestOptions),
}

#[derive(Args)]
pub struct WebhookTestOptions {
    /// The receiver's URL
    pub url: String,
    /// Certificates to trust in addition to the system's, like webhooks.ca_certificates
    #[arg(long, value_name = "FILE")]
    pub ca_certificates: Option<PathBuf>,
    /// Trust SMSGate's own authority for private addresses, like webhooks.trust_smsgate_ca
    #[arg(long)]
    pub trust_smsgate_ca: bool,
    /// Which receivers may get plain http://
    #[arg(long, value_name = "WHERE", default_value = "loopback",
        value_parser = ["loopback", "private", "any"])]
    pub allow_http: String,
    /// Sign the test with this key; without it, the test is not signed
    #[arg(
        long,
        env = "SIMRELAY_SIGNING_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    pub signing_key: Option<String>,
}

#[derive(Args)]
pub struct RecoverOptions {
    /// Where all data is kept [default: the platform's directory for application data]
    #[arg(long, env = "SIMRELAY_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

#[derive(Args)]
pub struct ServeOptions {
    /// Where the API listens; port 0 takes any free port
    #[arg(
        long,
        env = "SIMRELAY_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: String,
    /// Where all data is kept [default: the platform's directory for application data]
    #[arg(long, env = "SIMRELAY_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The API's user, of 1 to 64 characters [default: the stored one, initially "sms"]
    #[arg(long, env = "SIMRELAY_USER", value_name = "NAME", value_parser = user)]
    pub user: Option<String>,
    /// The API's password, of 8 to 128 characters; stored for later starts [default: the stored one,
    /// initially a random one]
    #[arg(
        long,
        env = "SIMRELAY_PASSWORD",
        value_name = "PW",
        value_parser = password,
        hide_env_values = true
    )]
    pub password: Option<String>,
    /// Take over the id of an old phone; stored for later starts [default: the stored one]
    #[arg(long, env = "SIMRELAY_DEVICE_ID", value_name = "ID", value_parser = device_id)]
    pub device_id: Option<String>,
    /// What to log on stderr: off, error, warn, info, debug or trace
    #[arg(long, env = "SIMRELAY_LOG", value_name = "LEVEL", default_value = "info",
        value_parser = ["off", "error", "warn", "info", "debug", "trace"])]
    pub log: String,
    /// Print one line of JSON on stdout when ready, instead of text for people
    #[arg(long, env = "SIMRELAY_JSON", value_parser = clap::builder::FalseyValueParser::new())]
    pub json: bool,
    #[command(flatten)]
    pub test: TestOptions,
}

/// What only tests of the program use.
#[derive(Args, Default)]
pub struct TestOptions {
    /// Append a line for every message handed to the simulated modem
    #[arg(long, value_name = "FILE", hide = true)]
    pub modem_journal: Option<PathBuf>,
    /// How far the clock is ahead of the real one
    #[arg(long, value_name = "SECONDS", hide = true)]
    pub clock_ahead: Option<u64>,
}

impl TestOptions {
    pub fn clock_ahead(&self) -> Duration {
        Duration::from_secs(self.clock_ahead.unwrap_or(0))
    }
}

/// Accepts a user that HTTP Basic authentication can carry. The gateway checks the rest of the rule,
/// because it knows the stored user.
fn user(text: &str) -> Result<String, &'static str> {
    if text.is_empty() || text.contains(|c: char| c == ':' || c.is_control()) {
        return Err("a user has at least one character and no colon");
    }
    Ok(text.into())
}

/// Accepts an id that clients and receivers can write without escapes.
fn device_id(text: &str) -> Result<String, &'static str> {
    if !is_device_id(text) {
        return Err("a device id has 1 to 64 characters of A-Z, a-z, 0-9 and -_.:~@+");
    }
    Ok(text.into())
}

/// Refuses an empty password, which would let everybody in.
fn password(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        return Err("a password has at least one character; leave it out to use the stored one");
    }
    Ok(text.into())
}

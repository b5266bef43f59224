//! The program's output on the terminal.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::Context;
use simrelay_core::Credentials;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Logs to stderr, so that stdout holds only the requested output.
pub fn log_to_stderr(level: &str) -> anyhow::Result<()> {
    let level: LevelFilter = level.parse().context("the log level is not known")?;
    // Below a warning, only our own crates log.
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("simrelay", level);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(colours(&std::io::stderr()))
        .with_target(false);
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .init();
    Ok(())
}

/// Returns whether to use colours: only on a terminal, and not if NO_COLOR is set.
pub fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Returns the first steps for a person, in ten lines.
pub fn welcome(address: &str, credentials: &Credentials, data_dir: &Path) -> String {
    let (bold, plain) = if colours(&std::io::stdout()) {
        ("\x1b[1m", "\x1b[0m")
    } else {
        ("", "")
    };
    let Credentials { user, password } = credentials;
    let login = quote(&format!("{user}:{password}"));
    let json = "-H 'Content-Type: application/json'";
    format!(
        "{bold}SimRelay {version} is running with a simulated phone.{plain} Stop it with Ctrl-C.
  address   {bold}{address}{plain} (open it in a browser; all routes: {address}/docs)
  user      {bold}{user}{plain}
  password  {bold}{password}{plain}
  data      {data_dir}

Register a webhook, simulate an incoming SMS, list the webhooks:
  curl -u {login} {json} -d '{{\"id\":\"first\",\"url\":\"http://127.0.0.1:9000/\",\"event\":\"sms:received\"}}' {address}/webhooks
  curl -u {login} {json} -d '{{\"from\":\"+12025550123\",\"text\":\"Hello\",\"simNumber\":1}}' {address}/simulator/incoming
  curl -u {login} {address}/webhooks
",
        version = env!("CARGO_PKG_VERSION"),
        data_dir = data_dir.display(),
    )
}

/// Quotes a text as one word for a POSIX shell.
fn quote(text: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_.:@%+=/,".contains(c);
    if !text.is_empty() && text.chars().all(harmless) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn welcome_has_ten_lines_and_quotes_for_the_shell() {
        let credentials = Credentials {
            user: "sms".into(),
            password: "it's $x".into(),
        };
        let text = welcome("http://127.0.0.1:8080", &credentials, Path::new("/data"));
        assert_eq!(text.lines().count(), 10);
        assert!(text.contains(r"curl -u 'sms:it'\''s $x' http"));
        assert_eq!(quote("sms:pw"), "sms:pw");
        assert_eq!(quote(""), "''");
    }
}

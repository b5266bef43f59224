//! Passes the gateway's log to the system's log.
//!
//! Other crates may log only warnings and errors: their lower levels may hold URLs and bodies. Our
//! entries down to `info` are safe for anybody to read.

use std::sync::Once;

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::platform;

/// Installs the logger; once, however often it is called.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let logger = Box::new(Private(platform::logger()));
        if log::set_boxed_logger(logger).is_ok() {
            log::set_max_level(LevelFilter::Info);
        }
        // The text of a panic may hold anything, so only its place is logged.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic
                .location()
                .map(ToString::to_string)
                .unwrap_or_default();
            tracing::error!(place, "panic");
        }));
    });
}

/// Filters out entries that may hold private data.
struct Private<L>(L);

impl<L: Log> Log for Private<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        may_be_told(metadata.target(), metadata.level())
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.log(record);
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}

fn may_be_told(target: &str, level: Level) -> bool {
    let krate = target.split("::").next().unwrap_or_default();
    level <= Level::Warn || (level <= Level::Info && ["simrelay", "simrelay_core"].contains(&krate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logger_passes_no_details_and_only_warnings_of_other_crates() {
        for (target, level, told) in [
            ("simrelay_core::webhooks::deliverer", Level::Info, true),
            ("simrelay::callbacks", Level::Error, true),
            ("simrelay_core::webhooks::attempt", Level::Debug, false),
            ("hyper_util::client", Level::Info, false),
            ("simrelayed::x", Level::Info, false),
            ("rustls::client", Level::Warn, true),
        ] {
            assert_eq!(may_be_told(target, level), told, "{target} {level}");
        }
    }
}

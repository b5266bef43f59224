//! A desktop's virtual machine, where the shell is tested: warnings and errors go to stderr.

use std::io::Write;

use log::{Level, Log, Metadata, Record};

/// Where the log goes.
pub(crate) fn logger() -> impl Log {
    Stderr
}

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // Nobody reads it if stderr is closed.
            let _ = writeln!(std::io::stderr(), "{} {}", record.level(), record.args());
        }
    }

    fn flush(&self) {}
}

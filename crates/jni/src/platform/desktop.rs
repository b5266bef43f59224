//! A desktop's virtual machine, which runs the shell's tests: warnings and errors go to stderr.

use std::io::Write;

use log::{Level, Log, Metadata, Record};

/// Returns the logger of the platform.
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
            // If stderr is closed, nobody reads it.
            let _ = writeln!(std::io::stderr(), "{} {}", record.level(), record.args());
        }
    }

    fn flush(&self) {}
}

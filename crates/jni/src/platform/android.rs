//! Android: logs to logcat, with the tag `SimRelay`.

use android_logger::{AndroidLogger, Config};
use log::{LevelFilter, Log};

/// Returns the logger of the platform.
pub(crate) fn logger() -> impl Log {
    let config = Config::default().with_tag("SimRelay");
    AndroidLogger::new(config.with_max_level(LevelFilter::Info))
}

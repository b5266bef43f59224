//! Android: the log is logcat's, with the tag `SimRelay`.

use android_logger::{AndroidLogger, Config};
use log::{LevelFilter, Log};

/// Where the log goes.
pub(crate) fn logger() -> impl Log {
    let config = Config::default().with_tag("SimRelay");
    AndroidLogger::new(config.with_max_level(LevelFilter::Info))
}

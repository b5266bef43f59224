//! The differences between systems. Every file here has the same shape.

#[cfg_attr(target_os = "android", path = "android.rs")]
#[cfg_attr(not(target_os = "android"), path = "desktop.rs")]
mod system;

pub(crate) use system::logger;

//! The version as clients and people see it.

/// The version of SMSGate whose contract this program implements. Clients refuse a gateway with a
/// lower version than the one that they were written for, so it comes first.
const LEVEL: [u32; 3] = [1, 75, 0];

/// [`LEVEL`], followed by our version as build metadata (semver.org, 10).
pub(crate) const CONTRACT: &str = concat!("1.75.0+simrelay.", env!("CARGO_PKG_VERSION"));

/// Returns [`CONTRACT`] as one increasing number: the level × 100,000 + our version, where each is
/// major × 10,000 + minor × 100 + patch.
pub(crate) fn release_id() -> u32 {
    let number = |text: &str| text.parse().unwrap_or(0);
    let ours = [
        number(env!("CARGO_PKG_VERSION_MAJOR")),
        number(env!("CARGO_PKG_VERSION_MINOR")),
        number(env!("CARGO_PKG_VERSION_PATCH")),
    ];
    as_number(LEVEL) * 100_000 + as_number(ours)
}

fn as_number([major, minor, patch]: [u32; 3]) -> u32 {
    major * 10_000 + minor * 100 + patch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_text_begins_with_the_level() {
        let level = LEVEL.map(|part| part.to_string()).join(".");
        assert_eq!(
            CONTRACT.split_once('+').map(|(first, _)| first),
            Some(&*level)
        );
        assert_eq!(release_id() / 100_000, 17_500);
    }
}

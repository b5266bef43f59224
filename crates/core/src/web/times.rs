//! Shows times and durations in words.

use fluent_bundle::FluentValue;

use super::words::Words;
use crate::model::clock::UnixMillis;

/// Returns how long ago or ahead a time is.
pub(super) fn relative(w: &Words, at: UnixMillis, now: UnixMillis) -> String {
    let (past, seconds) = if at > now {
        (false, at.since(now).as_secs())
    } else {
        (true, now.since(at).as_secs())
    };
    let (unit, n) = match seconds {
        0..5 => return w.get("time-now"),
        5..90 => ("seconds", seconds),
        90..5_400 => ("minutes", (seconds + 30) / 60),
        5_400..172_800 => ("hours", (seconds + 1_800) / 3_600),
        _ => ("days", (seconds + 43_200) / 86_400),
    };
    let when = if past { "ago" } else { "ahead" };
    w.count(&format!("time-{unit}-{when}"), n)
}

/// Returns a duration in its largest whole unit.
pub(super) fn length(w: &Words, seconds: u64) -> String {
    let (unit, n) = match seconds {
        0..120 => ("s", seconds),
        120..7_200 => ("min", seconds / 60),
        7_200..360_000 => ("h", seconds / 3_600),
        360_000..63_072_000 => ("d", seconds / 86_400),
        _ => ("y", seconds / 31_536_000),
    };
    w.count(&format!("length-{unit}"), n)
}

/// Returns how long an attempt took.
pub(super) fn millis(w: &Words, millis: u64) -> String {
    w.with("length-ms", &[("n", FluentValue::from(millis))])
}

#[cfg(test)]
mod tests {
    use super::super::words::Language;
    use super::*;

    #[test]
    fn times_use_the_unit_that_people_would_use() {
        let w = Words::of(Language::English);
        let now = UnixMillis(10_000_000_000);
        for (seconds, expected) in [
            (0, "now"),
            (-60, "60 seconds ago"),
            (-90, "2 minutes ago"),
            (-3_600, "60 minutes ago"),
            (-7_200, "2 hours ago"),
            (-172_800, "2 days ago"),
            (40, "in 40 seconds"),
            (86_400, "in 24 hours"),
        ] {
            let at = UnixMillis(now.0 + seconds * 1_000);
            assert_eq!(relative(w, at, now), expected);
        }
        assert_eq!(length(w, 163_830), "45 h");
    }
}

//! Decides when the next message may go (protocol.md 3). Pure: times, counts and chance are
//! arguments.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{ToSpan, ZonedDateTime};

use crate::model::clock::UnixMillis;
use crate::model::time_text;

/// From this priority on, limits, delays and working hours do not apply.
const PASSES: i8 = 100;
/// The period for which the gateway keeps the platform's own limit. The platform counts a minute,
/// but it stamps a part when its own queue takes it, a moment after us, and still counts one that
/// is 60 seconds old (Android: `SmsUsageMonitor`). The margin covers that moment.
pub(crate) const WINDOW: Duration = Duration::from_secs(65);

/// The pacing rules that the owner set.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Rules {
    /// The shortest and the longest pause between two messages.
    pub pause: (Duration, Duration),
    pub limit: Option<Limit>,
    pub hours: Option<Hours>,
}

/// A limit of messages in a sliding period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// At least 1.
    pub count: u32,
    pub period: Duration,
}

/// Working hours in minutes since midnight. They are overnight if they end before they start, and
/// all day if both ends are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    pub start: u16,
    pub end: u16,
}

/// The messages sent so far, as far as the rules need them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// When the last message was handed over.
    pub last: Option<UnixMillis>,
    /// When the `count`-th last message of the period was handed over, which fills the limit.
    pub limiting: Option<UnixMillis>,
}

impl Rules {
    /// Returns the pause after a message: a random one between both ends, for a `chance` of 0.0 to
    /// 1.0.
    pub fn pause(&self, chance: f64) -> Duration {
        let (shortest, longest) = self.pause;
        shortest
            + longest
                .saturating_sub(shortest)
                .mul_f64(chance.clamp(0.0, 1.0))
    }

    /// Returns whether several messages may go at once.
    pub fn are_idle(&self) -> bool {
        self.pause.1.is_zero() && self.limit.is_none() && self.hours.is_none()
    }

    /// Returns when a message of this priority may go; a time that is not after `now` means at
    /// once. A time farther ahead than its rule allows counts as now, because then the clock was
    /// set back.
    pub fn may_go_at(
        &self,
        priority: i8,
        seen: Seen,
        pause: Duration,
        now: UnixMillis,
        zone: &TimeZone,
    ) -> UnixMillis {
        if priority >= PASSES {
            return now;
        }
        let after = |since: Option<UnixMillis>, wait: Duration| match since {
            Some(since) if since <= now => since.plus(wait).max(now),
            _ => now,
        };
        let mut at = after(seen.last, pause);
        if let Some(limit) = self.limit {
            at = at.max(after(seen.limiting, limit.period));
        }
        match self.hours {
            Some(hours) => hours.open_from(at, zone),
            None => at,
        }
    }
}

impl Hours {
    /// Returns the first moment from `at` on that lies within the hours.
    fn open_from(self, at: UnixMillis, zone: &TimeZone) -> UnixMillis {
        let local = local(at, zone);
        let minute = minute_of(&local);
        if self.contains(minute) {
            return at;
        }
        let first = i64::from(minute >= self.start);
        // On a day when the clock is put forward, the hours may not exist.
        let starts = (first..first + 2).filter_map(|days| {
            let day = local.date().checked_add(days.days()).ok()?;
            self.start_on(day, zone)
        });
        // If the clock is set back by an hour, that start may be over already.
        let starts = starts.map(|start| start.max(at));
        let mut open = starts.filter(|start| self.contains(minute_at(*start, zone)));
        open.next().unwrap_or(at)
    }

    fn contains(self, minute: u16) -> bool {
        let Self { start, end } = self;
        if start <= end {
            start == end || (start..end).contains(&minute)
        } else {
            minute >= start || minute < end
        }
    }

    /// Returns when the hours of a day begin. If the clock is put forward over that minute, returns
    /// the first moment after it.
    fn start_on(self, day: Date, zone: &TimeZone) -> Option<UnixMillis> {
        let hour = i8::try_from(self.start / 60).ok()?;
        let minute = i8::try_from(self.start % 60).ok()?;
        let start = day.to_datetime(Time::new(hour, minute, 0, 0).ok()?);
        let start = zone.to_ambiguous_zoned_datetime(start);
        let is_skipped = matches!(start.offset(), AmbiguousOffset::Gap { .. });
        let mut start = start.compatible().ok()?.timestamp();
        if is_skipped {
            start = zone.preceding(start).next()?.timestamp();
        }
        Some(UnixMillis(start.as_millisecond()))
    }
}

fn local(at: UnixMillis, zone: &TimeZone) -> ZonedDateTime {
    time_text::to_timestamp(at).to_zoned_datetime(zone.clone())
}

fn minute_at(at: UnixMillis, zone: &TimeZone) -> u16 {
    minute_of(&local(at, zone))
}

/// Minutes since midnight.
fn minute_of(local: &ZonedDateTime) -> u16 {
    u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs())
}

/// The platform's own limit: the parts that were handed over within the [`WINDOW`], by monotonic
/// time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget {
    limit: Option<u32>,
    /// The time of each hand-over and its number of parts.
    spent: Vec<(Duration, u32)>,
}

impl Budget {
    pub fn new(limit: Option<u32>) -> Self {
        Self {
            limit,
            spent: Vec::new(),
        }
    }

    /// The most parts within the window; `None` if the platform has no such limit.
    pub fn limit(&self) -> Option<u32> {
        self.limit
    }

    /// Records that so many parts were handed over.
    pub fn spend(&mut self, now: Duration, parts: u32) {
        if self.limit.is_some() {
            self.spent.retain(|(at, _)| *at + WINDOW > now);
            self.spent.push((now, parts));
        }
    }

    /// Returns how long a message of so many parts must wait. The caller refuses one that exceeds the
    /// limit by itself.
    pub fn wait(&self, now: Duration, parts: u32) -> Duration {
        let Some(limit) = self.limit else {
            return Duration::ZERO;
        };
        let recent: Vec<_> = self
            .spent
            .iter()
            .filter(|(at, _)| *at + WINDOW > now)
            .collect();
        let mut sum: u32 = recent.iter().map(|(_, parts)| parts).sum();
        let mut wait = Duration::ZERO;
        for (at, spent) in recent {
            if sum == 0 || sum.saturating_add(parts) <= limit {
                break;
            }
            sum -= spent;
            wait = (*at + WINDOW).saturating_sub(now);
        }
        wait
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_719_045_971_000); // 15:46:11 in Bangkok
    const SECOND: Duration = Duration::from_secs(1);

    fn bangkok() -> TimeZone {
        TimeZone::get("Asia/Bangkok").expect("the zone data is bundled")
    }

    fn wait(rules: &Rules, priority: i8, seen: Seen) -> u64 {
        let pause = rules.pause(0.0);
        rules
            .may_go_at(priority, seen, pause, NOW, &bangkok())
            .since(NOW)
            .as_secs()
    }

    fn ago(seconds: i64) -> Option<UnixMillis> {
        Some(UnixMillis(NOW.0 - seconds * 1_000))
    }

    #[test]
    fn rules_pause_and_limit_hold_below_priority_100() {
        let rules = Rules {
            pause: (10 * SECOND, 20 * SECOND),
            limit: Some(Limit {
                count: 2,
                period: 60 * SECOND,
            }),
            hours: None,
        };
        let check = |priority, last, limiting, expected| {
            assert_eq!(wait(&rules, priority, Seen { last, limiting }), expected);
        };
        check(0, None, None, 0);
        check(0, ago(3), None, 7);
        check(0, ago(11), None, 0);
        check(0, ago(11), ago(20), 40);
        check(99, ago(3), ago(59), 7);
        check(100, ago(0), ago(0), 0);
        check(127, ago(0), ago(0), 0);
        // The clock was set back.
        check(0, ago(-100), ago(-100), 0);
    }

    #[test]
    fn pause_lies_between_its_ends() {
        let rules = |min, max| Rules {
            pause: (min * SECOND, max * SECOND),
            ..Rules::default()
        };
        assert_eq!(rules(10, 20).pause(0.0), 10 * SECOND);
        assert_eq!(rules(10, 20).pause(0.5), 15 * SECOND);
        assert_eq!(rules(10, 20).pause(1.0), 20 * SECOND);
        assert_eq!(rules(10, 10).pause(0.7), 10 * SECOND);
    }

    #[test]
    fn hours_open_today_or_tomorrow_or_are_open() {
        let check = |start: u16, end: u16, expected: &str| {
            let hours = Hours { start, end };
            let opens = hours.open_from(NOW, &bangkok());
            assert_eq!(
                time_text::format(opens, &bangkok()),
                expected,
                "{start} to {end}"
            );
        };
        let now = "2024-06-22T15:46:11.000+07:00";
        let minutes = |hour: u16, minute: u16| hour * 60 + minute;
        check(minutes(9, 0), minutes(19, 0), now);
        check(minutes(15, 46), minutes(15, 47), now);
        check(
            minutes(9, 0),
            minutes(15, 46),
            "2024-06-23T09:00:00.000+07:00",
        );
        check(
            minutes(16, 30),
            minutes(19, 0),
            "2024-06-22T16:30:00.000+07:00",
        );
        // Overnight.
        check(
            minutes(22, 0),
            minutes(6, 0),
            "2024-06-22T22:00:00.000+07:00",
        );
        check(minutes(22, 0), minutes(16, 0), now);
        check(minutes(15, 0), minutes(6, 0), now);
        // All day.
        check(minutes(9, 0), minutes(9, 0), now);
    }

    #[test]
    fn hours_that_begin_in_a_gap_open_after_it() {
        let berlin = TimeZone::get("Europe/Berlin").expect("the zone data is bundled");
        let night = time_text::parse("2024-03-31T00:30:00", &berlin).expect("a time");
        let check = |start, end, expected: &str| {
            let opens = Hours { start, end }.open_from(night, &berlin);
            assert_eq!(
                time_text::format(opens, &berlin),
                expected,
                "{start} to {end}"
            );
        };
        check(150, 600, "2024-03-31T03:00:00.000+02:00");
        check(150, 190, "2024-03-31T03:00:00.000+02:00");
        // All of the hours are in the gap.
        check(121, 122, "2024-04-01T02:01:00.000+02:00");
    }

    #[test]
    fn hours_apply_after_the_other_rules() {
        let rules = Rules {
            limit: Some(Limit {
                count: 1,
                period: 7_200 * SECOND,
            }),
            hours: Some(Hours {
                start: 540,
                end: 1_020,
            }),
            ..Rules::default()
        };
        // The limit ends at 17:46, after the hours, so it is 09:00 of the next day.
        let wait = wait(
            &rules,
            0,
            Seen {
                last: None,
                limiting: ago(0),
            },
        );
        assert_eq!(wait, 8 * 3_600 + 13 * 60 + 49 + 9 * 3_600);
    }

    #[test]
    fn budget_waits_within_the_platforms_limit() {
        let mut budget = Budget::new(Some(30));
        let at = |seconds| seconds * SECOND;
        assert_eq!(budget.wait(at(0), 30), Duration::ZERO);
        budget.spend(at(0), 20);
        assert_eq!(budget.wait(at(10), 10), Duration::ZERO);
        assert_eq!(budget.wait(at(10), 11), at(55));
        budget.spend(at(10), 10);
        assert_eq!(budget.wait(at(20), 1), at(45));
        assert_eq!(budget.wait(at(20), 21), at(55));
        assert_eq!(budget.wait(at(64), 20), at(1));
        assert_eq!(budget.wait(at(65), 20), Duration::ZERO);
        assert_eq!(Budget::new(None).wait(at(0), 255), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn budget_never_lets_a_minute_exceed_the_limit(messages in prop::collection::vec((0u64..30, 1u32..31), 1..60)) {
            let mut budget = Budget::new(Some(30));
            let (mut now, mut sent) = (Duration::ZERO, Vec::new());
            for (later, parts) in messages {
                now += Duration::from_secs(later);
                now += budget.wait(now, parts);
                budget.spend(now, parts);
                sent.push((now, parts));
                // The platform stamps each part up to four seconds later, and still counts one that
                // is a minute old.
                let counted = |at: Duration| at + Duration::from_secs(64) >= now;
                let last: u32 = sent.iter().filter(|(at, _)| counted(*at)).map(|(_, parts)| *parts).sum();
                prop_assert!(last <= 30);
            }
        }

        #[test]
        fn hours_never_open_earlier_and_are_open_when_they_open(
            at in 1_700_000_000_000i64..1_800_000_000_000, start in 0u16..1_440, end in 0u16..1_440,
            name in prop::sample::select(vec!["UTC", "Asia/Bangkok", "Europe/Berlin"]),
        ) {
            let zone = TimeZone::get(name).expect("the zone data is bundled");
            let hours = Hours { start, end };
            let opens = hours.open_from(UnixMillis(at), &zone);
            prop_assert!(opens.0 >= at);
            // On a day when the clock is put forward, the hours may not exist.
            let days = if name == "Europe/Berlin" { 2 } else { 1 };
            prop_assert!(opens.since(UnixMillis(at)) <= Duration::from_secs(days * 86_400 + 3_600));
            prop_assert_eq!(hours.open_from(opens, &zone), opens);
            if opens.0 > at {
                let before = UnixMillis(opens.0 - 1);
                prop_assert_eq!(hours.open_from(before, &zone), opens, "it was open before");
            }
        }
    }
}

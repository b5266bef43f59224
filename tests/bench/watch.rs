//! Stopwatch, the kernel's counters, and the table of results.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::Context;

/// A running stopwatch.
pub struct Watch(Instant);

impl Watch {
    #[allow(
        clippy::disallowed_methods,
        reason = "measuring real time is the point"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Microseconds of the wall clock, which the processes of one machine share.
#[allow(
    clippy::disallowed_methods,
    reason = "measuring real time is the point"
)]
pub fn wall_micros() -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    since.map_or(0, |since| since.as_micros() as u64)
}

/// The processor time this process used so far.
pub fn used_processor_time() -> anyhow::Result<Duration> {
    // Fields 14 and 15 of proc_pid_stat(5), counted after the name in parentheses; hundredths of a
    // second on Linux.
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("no process name")?;
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// The resident memory of a process, in KiB.
pub fn resident(process: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let word = line.and_then(|line| line.split_whitespace().next());
    Ok(word.context("no VmRSS")?.parse()?)
}

/// The value below which `percent` of the values lie.
pub fn percentile(values: &[Duration], percent: usize) -> Duration {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// Milliseconds.
pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// One line: what, how much, and whether the goal was met.
struct Row {
    what: String,
    measured: String,
    goal: String,
    met: bool,
}

/// The results.
#[derive(Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// `value` must be at most `limit`.
    pub fn at_most(&mut self, what: &str, value: f64, limit: f64, unit: &str, details: &str) {
        self.add(what, value, limit, unit, details, "at most", value <= limit);
    }

    /// `value` must be at least `limit`.
    pub fn at_least(&mut self, what: &str, value: f64, limit: f64, unit: &str, details: &str) {
        self.add(
            what,
            value,
            limit,
            unit,
            details,
            "at least",
            value >= limit,
        );
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "the two above are what is called"
    )]
    fn add(
        &mut self,
        what: &str,
        value: f64,
        limit: f64,
        unit: &str,
        details: &str,
        side: &str,
        met: bool,
    ) {
        let row = Row {
            what: what.into(),
            measured: format!("{value:.2}{unit} ({details})"),
            goal: format!("{side} {limit}{unit}"),
            met,
        };
        println!("{row}");
        self.0.push(row);
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = if self.met { "met" } else { "MISSED" };
        let Self {
            what,
            measured,
            goal,
            ..
        } = self;
        write!(formatter, "| {what} | {measured} | {goal} | {met} |")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "| What | Measured | Goal | |\n|---|---|---|---|")?;
        self.0
            .iter()
            .try_for_each(|row| writeln!(formatter, "{row}"))
    }
}

//! `cargo xtask test` and `cargo xtask check`: stages with names, in the order of what fails fastest.

mod child;
mod stages;
mod summary;
mod work;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::builder::PossibleValuesParser;

use crate::system;
use child::Ended;
use stages::{STAGES, Stage};
use summary::{Outcome, Row};

/// The stages of `cargo xtask check`: no root, browser, Java or Node.
const CHECK: [&str; 4] = ["format", "lints", "docs", "tests"];

#[derive(clap::Args)]
pub struct Options {
    /// Say which stages there are, what they need and when they are ended
    #[arg(long)]
    list: bool,
    /// Run this stage alone; may be given more than once
    #[arg(long, value_name = "STAGE", value_parser = names(), conflicts_with = "from")]
    only: Vec<String>,
    /// Run this stage and those after it
    #[arg(long, value_name = "STAGE", value_parser = names())]
    from: Option<String>,
    #[command(flatten)]
    manner: Manner,
}

/// What `test` and `check` have in common.
#[derive(clap::Args)]
pub struct Manner {
    /// Stop at the first stage that fails
    #[arg(long)]
    fail_fast: bool,
    /// Install nothing: name what is missing
    #[arg(long)]
    no_install: bool,
}

/// One stage in this process, as `test` starts it.
#[derive(clap::Args)]
pub struct Only {
    #[arg(value_parser = names())]
    name: String,
}

/// Runs the stages that were asked for, all of them if none was named.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let stages = selected(options);
    if options.list {
        print!("{}", summary::list(&stages));
        return Ok(());
    }
    run_stages(&stages, &options.manner)
}

/// The stages that need little and take little.
pub fn check(manner: &Manner) -> anyhow::Result<()> {
    let in_check = |stage: &&Stage| CHECK.contains(&stage.name);
    run_stages(&STAGES.iter().filter(in_check).collect::<Vec<_>>(), manner)
}

/// Runs one stage here, until whoever started this process is gone.
pub fn run_here(only: &Only) -> anyhow::Result<()> {
    child::end_with_parent();
    let stage = STAGES.iter().find(|stage| stage.name == only.name);
    (stage.context("there is no such stage")?.work)()
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(STAGES.iter().map(|stage| stage.name))
}

fn selected(options: &Options) -> Vec<&'static Stage> {
    let first = options.from.as_ref().map_or(0, |from| {
        let is_first = |stage: &Stage| stage.name == from;
        STAGES.iter().position(is_first).unwrap_or(0)
    });
    let is_wanted = |stage: &&Stage| {
        options.only.is_empty() || options.only.iter().any(|name| name == stage.name)
    };
    STAGES[first..].iter().filter(is_wanted).collect()
}

fn run_stages(stages: &[&'static Stage], manner: &Manner) -> anyhow::Result<()> {
    let needed: Vec<_> = stages
        .iter()
        .map(|stage| (stage.name, stage.tools))
        .collect();
    let missing = system::prepare(&needed, !manner.no_install)?;
    let mut rows = Vec::new();
    for stage in stages {
        let lacking: Vec<&str> = stage
            .tools
            .iter()
            .filter(|tool| missing.contains(&tool.name))
            .map(|tool| tool.name)
            .collect();
        let row = run_stage(stage, &lacking)?;
        let is_bad = row.outcome.is_failure();
        rows.push(row);
        if is_bad && manner.fail_fast {
            break;
        }
    }
    print!("{}", summary::table(&rows));
    let failed = rows.iter().filter(|row| row.outcome.is_failure()).count();
    ensure!(failed == 0, "{failed} of {} stages failed", rows.len());
    Ok(())
}

#[allow(
    clippy::disallowed_methods,
    reason = "tells how long a stage took, decides nothing"
)]
fn run_stage(stage: &'static Stage, lacking: &[&str]) -> anyhow::Result<Row> {
    println!("\n== {}: {}", stage.name, stage.about);
    let start = Instant::now();
    let outcome = if lacking.is_empty() {
        let limit = Duration::from_secs(stage.minutes * 60);
        match child::run(child::stage(stage.name)?, limit)? {
            Ended::Well => Outcome::Passed,
            Ended::Badly => Outcome::Failed(String::new()),
            Ended::AtLimit => {
                Outcome::Failed(format!("ended at its limit of {} min", stage.minutes))
            }
        }
    } else {
        let reason = format!("missing: {}", lacking.join(", "));
        if is_ci() {
            Outcome::Failed(reason)
        } else {
            Outcome::Skipped(reason)
        }
    };
    let row = Row {
        name: stage.name,
        seconds: start.elapsed().as_secs(),
        outcome,
    };
    println!("== {}", row.sentence());
    Ok(row)
}

/// Where nobody looks: what cannot run there has failed.
fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

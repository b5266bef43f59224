//! `cargo xtask bench`: what the gateway costs, as ratios to the bare operation in the same run.
//!
//! Receivers and load generators run in processes of their own (this program again, told so by its
//! arguments), so that the processor time of the gateway is its own. No figure is asserted: the
//! table says whether a goal was met.

mod api;
mod baseline;
mod claim;
mod delivery;
mod ingest;
mod memory;
mod natives;
mod page;
mod rig;
mod sending;
mod sink;
mod watch;

use std::process::ExitCode;

use watch::Table;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["sink"] => sink::serve(),
        ["load", address, path, authorization] => api::load(address, path, authorization),
        _ => run(&words),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the benches whose names contain one of the words; all of them without words.
fn run(words: &[&str]) -> anyhow::Result<()> {
    type Bench = fn(&mut Table) -> anyhow::Result<()>;
    let benches: [(&str, Bench); 14] = [
        ("ingest-one", ingest::one_at_a_time),
        ("ingest-many", ingest::many_callers),
        ("delivery-loopback", delivery::loopback),
        ("delivery-100ms", delivery::slow_receiver),
        ("burst", delivery::burst_beside_a_hanging_one),
        ("latency", delivery::latency),
        ("cpu", delivery::processor_time),
        ("claim", claim::few_and_many),
        ("api", api::list_of_webhooks),
        ("sending-post", sending::post_one_at_a_time),
        ("sending-modem", sending::through_the_modem),
        ("memory", memory::host_program),
        ("page", page::screens),
        ("natives", natives::sms_received),
    ];
    // Cargo passes --bench to a bench.
    let wanted: Vec<_> = words
        .iter()
        .filter(|word| !word.starts_with("--"))
        .collect();
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(**word));
    let mut table = Table::default();
    for (name, bench) in benches {
        if is_wanted(name) {
            bench(&mut table)?;
        }
    }
    println!("\n{table}");
    Ok(())
}

//! The project's own commands: `cargo xtask test | check | apk | crash | fuzz | bench | clients | …`.

mod android;
mod apk;
mod browser;
mod clients;
mod crash;
mod fuzz;
mod host;
mod shell;
mod system;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that must be right, in stages: format, lints, docs, licences, all tests
    Test(test::Options),
    /// What to run before each commit: format, lints, docs, unit and integration tests
    Check(test::Manner),
    /// One stage of `test`, without its time limit
    #[command(hide = true)]
    Stage(test::Only),
    /// Build, pack, sign and verify the Android app
    Apk(apk::Options),
    /// Kill the host at random moments and prove that nothing is lost
    Crash(crash::Options),
    /// Fuzz what reads input from outside; needs a nightly toolchain
    Fuzz(fuzz::Options),
    /// Measure against the bare operations; all, or those whose names contain one of the words
    Bench {
        /// ingest, delivery, burst, latency, cpu, claim, api, sending, memory, page, natives
        words: Vec<String>,
    },
    /// Drive the host with the clients that are published for SMSGate
    Clients,
    /// Test the page in a real Chromium
    Browser,
    /// Keep every screen of the page as a picture, in the build directory
    Screenshots,
    /// Type-check the core for Android
    CheckAndroid,
    /// Build the native library as for a phone, but for this machine, and print its size
    Size,
    /// Write the description of the API anew, after its routes changed
    Openapi,
}

fn openapi() -> anyhow::Result<()> {
    let tests = [
        ["-p", "simrelay-core", "--lib", "api::routes::tests::"],
        ["-p", "simrelay", "--bins", "simulator::tests::"],
    ];
    for [flag, package, kind, module] in tests {
        let test = format!("{module}the_description_is_that_of_the_code");
        let words = [
            "test", "--quiet", flag, package, kind, "--", "--exact", &test,
        ];
        shell::run(shell::cargo(&words).env("SIMRELAY_WRITE_OPENAPI", "1"))?;
    }
    Ok(())
}

fn bench(words: &[String]) -> anyhow::Result<()> {
    let mut bench = shell::cargo(&[
        "bench",
        "--quiet",
        "-p",
        "simrelay-tests",
        "--bench",
        "gateway",
        "--",
    ]);
    bench.args(words);
    if words.is_empty() || words.iter().any(|word| "natives".contains(word.as_str())) {
        shell::run(&mut shell::cargo(&[
            "build",
            "--quiet",
            "--release",
            "-p",
            "simrelay-jni",
        ]))?;
        let library = shell::target_dir().join("release/libsimrelay.so");
        bench
            .env("SIMRELAY_BENCH_CLASSES", apk::maven::bench_classes()?)
            .env("SIMRELAY_BENCH_LIBRARY", library);
    }
    shell::run(&mut bench)
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Test(options) => test::run(&options),
        Command::Check(manner) => test::check(&manner),
        Command::Stage(only) => test::run_here(&only),
        Command::Apk(options) => apk::run(&options),
        Command::Crash(options) => crash::run(&options),
        Command::Fuzz(options) => fuzz::run_all(&options),
        Command::Bench { words } => bench(&words),
        Command::Clients => clients::run_all(),
        Command::Browser => browser::test(false),
        Command::Screenshots => browser::test(true),
        Command::CheckAndroid => android::check(),
        Command::Size => android::size(),
        Command::Openapi => openapi(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

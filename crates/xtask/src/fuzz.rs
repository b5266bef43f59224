//! `cargo xtask fuzz`: the fuzz targets of `tests/fuzz`, as many at a time as there are processors.
//! They need a nightly toolchain and a C++ compiler. Without the nightly one the same checks run as
//! property tests, with many more cases than usual.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, bail, ensure};

use crate::shell::{cargo, command, output, root, run, target_dir};
use crate::tools;

/// Cases of each property where nothing can be fuzzed.
const CASES: &str = "20000";

#[derive(clap::Args)]
pub struct Options {
    /// How long to run each target
    #[arg(long, default_value_t = 60)]
    pub seconds: u32,
    /// The targets; all of them if none is named
    pub targets: Vec<String>,
}

/// Fuzzes each target for so long; the first that finds something is the failure.
pub fn run_all(options: &Options) -> anyhow::Result<()> {
    if output(&mut command("rustup", &["run", "nightly", "rustc", "-V"])).is_none() {
        println!(
            "There is no nightly toolchain (rustup toolchain install nightly), so nothing is FUZZED; \
             the same checks run as property tests with {CASES} cases each."
        );
        let words = ["test", "--quiet", "-p", "simrelay-core", "--lib", "fuzz::"];
        return run(cargo(&words).env("PROPTEST_CASES", CASES));
    }
    ensure!(
        output(&mut command("c++", &["--version"])).is_some(),
        "install a C++ compiler first (Debian: g++)"
    );
    let targets = targets(&options.targets)?;
    let program = tools::cargo_fuzz()?;
    // What is fuzzed has the dependencies of what is shipped.
    std::fs::copy(root().join("Cargo.lock"), fuzz_dir().join("Cargo.lock"))?;
    run(cargo_fuzz(&program, "build")
        .arg("--target-dir")
        .arg(build_dir()))
    .context("the fuzz targets could not be built")?;
    let waiting = Mutex::new(targets.into_iter());
    let next = || waiting.lock().ok()?.next();
    let work = || {
        while let Some(target) = next() {
            fuzz(&program, &target, options.seconds)?;
        }
        anyhow::Ok(())
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            let ended = worker.join();
            ended.unwrap_or_else(|_| bail!("a worker panicked"))
        })
    })
}

fn fuzz(program: &Path, target: &str, seconds: u32) -> anyhow::Result<()> {
    let corpus = target_dir().join("fuzz-corpus").join(target);
    plant(target, &corpus)?;
    let mut fuzz = cargo_fuzz(program, "run");
    fuzz.arg("--target-dir")
        .arg(build_dir())
        .arg(target)
        .arg(&corpus);
    fuzz.args(["--", &format!("-max_total_time={seconds}")]);
    fuzz.args(["-max_len=1024", "-timeout=10", "-print_final_stats=1"]);
    let ended = fuzz.output().context("cargo-fuzz could not be started")?;
    let told = String::from_utf8_lossy(&ended.stderr);
    if !ended.status.success() {
        let _ = std::io::stderr().write_all(told.as_bytes());
        bail!("{target}: an input was found that does not hold; it is in tests/fuzz/artifacts");
    }
    let executed = told
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .with_context(|| format!("{target}: nothing was executed"))?;
    println!("fuzz: {target}: {} inputs in {seconds} s", executed.trim());
    Ok(())
}

/// Writes each line of the target's seeds as a file of the corpus.
fn plant(target: &str, corpus: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(corpus)?;
    let seeds = fuzz_dir().join("seeds").join(target);
    let (lines, is_hex) = match std::fs::read_to_string(seeds.with_extension("hex")) {
        Ok(lines) => (lines, true),
        Err(_) => (std::fs::read_to_string(seeds.with_extension("txt"))?, false),
    };
    let lines = lines.lines().filter(|line| !line.starts_with("//"));
    for (number, line) in lines.enumerate() {
        let octets = if is_hex {
            octets(line).context("a seed is not hexadecimal")?
        } else {
            line.into()
        };
        std::fs::write(corpus.join(format!("seed-{number}")), octets)?;
    }
    Ok(())
}

fn octets(line: &str) -> Option<Vec<u8>> {
    let pairs = (0..line.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(line.get(at..at + 2)?, 16).ok())
        .collect()
}

/// The targets of those names; an unknown one is an error.
fn targets(wanted: &[String]) -> anyhow::Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(fuzz_dir().join("targets"))? {
        let path = entry?.path();
        let name = path.file_stem().context("a target without a name")?;
        all.push(name.to_string_lossy().into_owned());
    }
    all.sort();
    if wanted.is_empty() {
        return Ok(all);
    }
    for name in wanted {
        ensure!(
            all.contains(name),
            "there is no {name} among {}",
            all.join(", ")
        );
    }
    Ok(wanted.to_vec())
}

/// cargo-fuzz under the nightly toolchain. Without AddressSanitizer: the core has no unsafe code, and
/// SQLite with it takes long to build.
fn cargo_fuzz(program: &Path, what: &str) -> Command {
    let mut command = command("rustup", &["run", "nightly"]);
    command
        .arg(program)
        .args([what, "--sanitizer", "none", "--fuzz-dir"])
        .arg(fuzz_dir())
        // It names the toolchain that runs this.
        .env_remove("CARGO");
    command
}

fn fuzz_dir() -> std::path::PathBuf {
    root().join("tests/fuzz")
}

fn build_dir() -> std::path::PathBuf {
    target_dir().join("fuzz")
}

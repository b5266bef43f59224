//! What the way through the native library costs: a broadcast's PDU from Kotlin's side of a virtual
//! machine until it is safe, against the same PDU handed to the core.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use simrelay_core::receiving::IncomingPdus;
use tempfile::TempDir;

use crate::rig::Rig;
use crate::watch::{Table, Watch, millis, percentile};

/// "How are you?" from +31641600986.
const PDU: &[u8] = &[
    0x07, 0x91, 0x13, 0x26, 0x04, 0x00, 0x00, 0xf0, 0x04, 0x0b, 0x91, 0x13, 0x46, 0x61, 0x00, 0x89,
    0xf6, 0x00, 0x00, 0x20, 0x80, 0x62, 0x91, 0x73, 0x14, 0x08, 0x0c, 0xc8, 0xf7, 0x1d, 0x14, 0x96,
    0x97, 0x41, 0xf9, 0x77, 0xfd, 0x07,
];
const COUNT: usize = 300;
const ROUNDS: usize = 12;
/// Until then the virtual machine has compiled what it runs often.
const WARM: usize = 2;

/// In turns, so that both meet the same disk. Neither has a webhook, so nothing hides the border.
pub fn sms_received(table: &mut Table) -> anyhow::Result<()> {
    let mut machine = Machine::start()?;
    let core = Rig::open(&[])?;
    let (mut through, mut alone) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let took = machine.receive(COUNT)?;
        let bare = receive(&core, round)?;
        if round >= WARM {
            through.extend(took);
            alone.extend(bare);
        }
    }
    let (through, alone) = (percentile(&through, 50), percentile(&alone, 50));
    table.at_most(
        "one SMS through the native library, against the core alone",
        through.as_secs_f64() / alone.as_secs_f64(),
        1.2,
        "×",
        &format!(
            "median {:.3} ms, core {:.3} ms",
            millis(through),
            millis(alone)
        ),
    );
    Ok(())
}

fn receive(core: &Rig, round: usize) -> anyhow::Result<Vec<Duration>> {
    (0..COUNT)
        .map(|number| {
            let incoming = IncomingPdus {
                pdus: vec![PDU.to_vec()],
                sim_number: Some(1),
                delivery_key: Some(format!("{round}-{number}")),
            };
            let watch = Watch::start();
            core.gateway.receive_here(incoming)?;
            Ok(watch.elapsed())
        })
        .collect()
}

/// The virtual machine with the library in it, `dev.simrelay.bench.Natives`; killed when dropped.
struct Machine {
    child: Child,
    counts: ChildStdin,
    answers: BufReader<ChildStdout>,
    _dir: TempDir,
}

impl Machine {
    fn start() -> anyhow::Result<Self> {
        let told = |name: &str| {
            std::env::var(name)
                .with_context(|| format!("{name} is not set; run `cargo xtask bench natives`"))
        };
        let dir = tempfile::tempdir()?;
        let mut child = Command::new("java")
            .args(["-cp", &told("SIMRELAY_BENCH_CLASSES")?])
            .arg("dev.simrelay.bench.Natives")
            .arg(told("SIMRELAY_BENCH_LIBRARY")?)
            .arg(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("java could not be started")?;
        let counts = child.stdin.take().context("the machine has no input")?;
        let answers = child.stdout.take().context("the machine has no output")?;
        Ok(Self {
            child,
            counts,
            answers: BufReader::new(answers),
            _dir: dir,
        })
    }

    /// Hands over that many messages, one after another; what each took.
    fn receive(&mut self, count: usize) -> anyhow::Result<Vec<Duration>> {
        writeln!(self.counts, "{count}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let took: Vec<Duration> = line
            .split_whitespace()
            .map(|word| Ok(Duration::from_nanos(word.parse()?)))
            .collect::<anyhow::Result<_>>()
            .context("the machine said something else than times")?;
        anyhow::ensure!(took.len() == count, "the machine ended early");
        Ok(took)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

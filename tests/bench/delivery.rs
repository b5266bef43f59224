//! How fast what is queued goes out.

use std::time::Duration;

use simrelay_core::Source;
use simrelay_tests::sms;

use crate::baseline::post_all;
use crate::rig::{Rig, runtime};
use crate::sink::Sink;
use crate::watch::{Table, Watch, millis, percentile, used_processor_time, wall_micros};

/// As long as the body of a short SMS.
const BODY_LENGTH: usize = 330;
const WEBHOOKS: usize = 4;
/// What the gateway allows itself with four healthy webhooks.
const CONCURRENCY: usize = 32;
const QUEUED: usize = 10_000;

/// 10,000 queued deliveries over four webhooks, to a receiver that answers at once.
pub fn loopback(table: &mut Table) -> anyhow::Result<()> {
    let what = "delivery of 10,000 over four webhooks, against a bare reqwest loop";
    drain(table, what, "now", 35.0)
}

/// The same to one that answers after 100 ms.
pub fn slow_receiver(table: &mut Table) -> anyhow::Result<()> {
    let what = "the same to a receiver that takes 100 ms";
    drain(table, what, "slow", 95.0)
}

fn drain(table: &mut Table, what: &str, path: &str, goal: f64) -> anyhow::Result<()> {
    let sink = Sink::start()?;
    let body = "x".repeat(BODY_LENGTH);
    let bare = {
        let runtime = runtime()?;
        let watch = Watch::start();
        runtime.block_on(post_all(&sink.url(path), &body, QUEUED, CONCURRENCY))?;
        runtime.block_on(sink.take(QUEUED))?;
        watch.elapsed()
    };
    let rig = Rig::open(&vec![sink.url(path); WEBHOOKS])?;
    rig.receive(0..QUEUED / WEBHOOKS)?;
    let watch = Watch::start();
    rig.start();
    rig.runtime.block_on(sink.take(QUEUED))?;
    for webhook in 0..WEBHOOKS {
        rig.runtime.block_on(rig.settled(webhook))?;
    }
    let ours = watch.elapsed();
    let rate = |took: Duration| QUEUED as f64 / took.as_secs_f64();
    table.at_least(
        what,
        100.0 * rate(ours) / rate(bare),
        goal,
        " %",
        &format!("{:.0}/s, bare {:.0}/s", rate(ours), rate(bare)),
    );
    Ok(())
}

/// What else is registered while a burst goes to a good webhook.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    /// Another that answers: what a second delivery of every message costs by itself.
    AnotherGoodOne,
    HangingOne,
    /// One that hangs already when the burst begins.
    KnownHangingOne,
}

/// 5,000 at once to a good webhook, alone and beside another.
pub fn burst_beside_a_hanging_one(table: &mut Table) -> anyhow::Result<()> {
    let cases = [
        (Beside::Nothing, "", 0.0),
        (Beside::AnotherGoodOne, "another good webhook", 50.0),
        (Beside::HangingOne, "a hanging webhook", 95.0),
        (Beside::KnownHangingOne, "one known to hang", 95.0),
    ];
    // In turns, and the best of each, because the machine has moods.
    let mut best: [Option<Burst>; 4] = [const { None }; 4];
    for _ in 0..3 {
        for (best, (beside, ..)) in best.iter_mut().zip(cases) {
            let burst = burst(beside)?;
            if best.as_ref().is_none_or(|best| burst.rate > best.rate) {
                *best = Some(burst);
            }
        }
    }
    let [Some(alone), rest @ ..] = &best else {
        anyhow::bail!("no burst was measured");
    };
    for (beside, (_, what, goal)) in rest.iter().flatten().zip(&cases[1..]) {
        table.at_least(
            &format!("a burst of 5,000 beside {what}, against the same alone"),
            100.0 * beside.rate / alone.rate,
            *goal,
            " %",
            &format!("{beside}, alone {alone}"),
        );
    }
    Ok(())
}

struct Burst {
    rate: f64,
    p50: Duration,
    p99: Duration,
}

impl std::fmt::Display for Burst {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (p50, p99) = (millis(self.p50), millis(self.p99));
        write!(
            formatter,
            "{:.0}/s, p50 {p50:.0} ms, p99 {p99:.0} ms",
            self.rate
        )
    }
}

/// The rate of the good webhook, and how long after its acceptance a message arrived there.
fn burst(beside: Beside) -> anyhow::Result<Burst> {
    const COUNT: usize = 5_000;
    let (sink, other) = (Sink::start()?, Sink::start()?);
    let mut urls = vec![sink.url("now")];
    match beside {
        Beside::Nothing => {}
        Beside::AnotherGoodOne => urls.push(other.url("now")),
        Beside::HangingOne | Beside::KnownHangingOne => urls.push(other.url("hang")),
    }
    let rig = Rig::open(&urls)?;
    rig.start();
    if matches!(beside, Beside::KnownHangingOne) {
        rig.receive(0..1)?;
        rig.runtime.block_on(sink.take(1))?;
        rig.runtime.block_on(other.take_hanging(1))?;
    }
    let mut accepted = vec![0; COUNT];
    let began = wall_micros();
    for start in (0..COUNT).step_by(500) {
        rig.receive(start..start + 500)?;
        accepted[start..start + 500].fill(wall_micros());
    }
    let arrivals = rig.runtime.block_on(sink.take(COUNT))?;
    let ended = arrivals.iter().map(|(_, at)| *at).max().unwrap_or(began);
    let waits: Vec<Duration> = arrivals
        .iter()
        .map(|(number, at)| Duration::from_micros(at.saturating_sub(accepted[*number as usize])))
        .collect();
    Ok(Burst {
        rate: COUNT as f64 * 1e6 / (ended - began) as f64,
        p50: percentile(&waits, 50),
        p99: percentile(&waits, 99),
    })
}

/// From the acceptance of a message to its arrival, at ten a second.
pub fn latency(table: &mut Table) -> anyhow::Result<()> {
    const COUNT: usize = 150;
    let sink = Sink::start()?;
    let rig = Rig::open(&[sink.url("now")])?;
    rig.start();
    let waits = rig.runtime.block_on(async {
        let mut pace = tokio::time::interval(Duration::from_millis(100));
        let mut accepted = Vec::with_capacity(COUNT);
        for number in 0..COUNT {
            pace.tick().await;
            rig.gateway
                .receive(sms(&number.to_string()))?
                .done()
                .await?;
            accepted.push(wall_micros());
        }
        let arrivals = sink.take(COUNT).await?;
        let waits = arrivals.iter().map(|(number, at)| {
            Duration::from_micros(at.saturating_sub(accepted[*number as usize]))
        });
        anyhow::Ok(waits.collect::<Vec<_>>())
    })?;
    let (p50, p99) = (percentile(&waits, 50), percentile(&waits, 99));
    table.at_most(
        "accepted to delivered at ten a second, p50",
        millis(p50),
        0.35,
        " ms",
        "150 messages",
    );
    table.at_most("the same, p99", millis(p99), 0.7, " ms", "150 messages");
    Ok(())
}

/// What one event costs this process, from the call that tells it to its settled delivery.
pub fn processor_time(table: &mut Table) -> anyhow::Result<()> {
    let sink = Sink::start()?;
    let rig = Rig::open(&[sink.url("now")])?;
    rig.start();
    let before = used_processor_time()?;
    rig.receive(0..QUEUED)?;
    rig.runtime.block_on(sink.take(QUEUED))?;
    rig.runtime.block_on(rig.settled(0))?;
    let used = used_processor_time()? - before;
    let delivered = rig.gateway.deliveries(Source::Local, "webhook-0", 1)?.len();
    anyhow::ensure!(delivered == 1, "nothing was delivered");
    table.at_most(
        "processor time per event, from ingest to settled",
        millis(used) / QUEUED as f64,
        0.07,
        " ms",
        "all threads",
    );
    Ok(())
}

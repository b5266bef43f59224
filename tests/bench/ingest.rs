//! How long it takes until a message is safe.

use std::sync::Arc;
use std::time::Duration;

use simrelay_tests::sms;

use crate::baseline::{commit, connect, insert_all, insert_message};
use crate::rig::Rig;
use crate::watch::{Table, Watch, millis, percentile};

const NOWHERE: &str = "https://receiver.invalid/";
const BODY: &[u8] = &[b'x'; 330];
const ROUNDS: usize = 10;

/// One at a time, against a bare commit of the message's row; in turns, so that both meet the same
/// disk.
pub fn one_at_a_time(table: &mut Table) -> anyhow::Result<()> {
    const COUNT: usize = 300;
    let (ours, bare) = (Rig::open(&[NOWHERE.into()])?, Rig::open(&[])?);
    let connection = connect(bare.dir())?;
    let (mut ours_took, mut bare_took) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for number in 0..COUNT {
            let watch = Watch::start();
            commit(&connection, || {
                insert_message(&connection, round * COUNT + number)
            })?;
            bare_took.push(watch.elapsed());
        }
        for number in 0..COUNT {
            let watch = Watch::start();
            ours.gateway.receive_here(sms(&number.to_string()))?;
            ours_took.push(watch.elapsed());
        }
    }
    let (ours, bare) = (percentile(&ours_took, 50), percentile(&bare_took, 50));
    table.at_most(
        "ingest, one at a time, against a bare one-row commit",
        ours.as_secs_f64() / bare.as_secs_f64(),
        1.3,
        "×",
        &format!("median {:.3} ms, bare {:.3} ms", millis(ours), millis(bare)),
    );
    Ok(())
}

/// 32 callers, against commits of 32 messages by one connection with the same statements.
pub fn many_callers(table: &mut Table) -> anyhow::Result<()> {
    const CALLERS: usize = 32;
    const EACH: usize = 100;
    let (ours, bare) = (Rig::open(&[NOWHERE.into()])?, Rig::open(&[NOWHERE.into()])?);
    let connection = connect(bare.dir())?;
    let (mut ours_took, mut bare_took) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..ROUNDS {
        let watch = Watch::start();
        for _ in 0..EACH {
            commit(&connection, || {
                (0..CALLERS).try_for_each(|number| insert_all(&connection, number, BODY))
            })?;
        }
        bare_took += watch.elapsed();
        let watch = Watch::start();
        ours.runtime.block_on(async {
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    let gateway = Arc::clone(&ours.gateway);
                    tokio::spawn(async move {
                        for number in 0..EACH {
                            gateway.receive(sms(&number.to_string()))?.done().await?;
                        }
                        anyhow::Ok(())
                    })
                })
                .collect();
            for caller in callers {
                caller.await??;
            }
            anyhow::Ok(())
        })?;
        ours_took += watch.elapsed();
    }
    let rate = |took: Duration| (ROUNDS * CALLERS * EACH) as f64 / took.as_secs_f64();
    table.at_least(
        "ingest by 32 callers, against bare group commits of 32",
        100.0 * rate(ours_took) / rate(bare_took),
        60.0,
        " %",
        &format!("{:.0}/s, bare {:.0}/s", rate(ours_took), rate(bare_took)),
    );
    Ok(())
}

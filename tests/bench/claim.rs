//! What it costs to find the next deliveries when few or very many are queued.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::rig::Rig;
use crate::sink::Sink;
use crate::watch::{Table, Watch};

const WEBHOOKS: usize = 4;
/// How many of the queued are delivered while claims are timed.
const DELIVERED: usize = 800;

/// The time spent in the spans named `claim`.
static SPENT: Mutex<Duration> = Mutex::new(Duration::ZERO);

/// Times the span `claim` of the deliverer, and no other.
struct ClaimTimer;

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ClaimTimer {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id).filter(|span| span.name() == "claim") {
            span.extensions_mut().insert(Watch::start());
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id);
        let took = span.and_then(|span| span.extensions().get::<Watch>().map(Watch::elapsed));
        *SPENT.lock().unwrap_or_else(PoisonError::into_inner) += took.unwrap_or_default();
    }
}

/// 1,000,000 queued against 1,000.
pub fn few_and_many(table: &mut Table) -> anyhow::Result<()> {
    tracing::subscriber::set_global_default(Registry::default().with(ClaimTimer))?;
    let few = claim_time(1_000)?;
    let many = claim_time(1_000_000)?;
    table.at_most(
        "claim with 1,000,000 deliveries queued, against 1,000",
        many.as_secs_f64() / few.as_secs_f64(),
        1.2,
        "×",
        &format!(
            "{:.1} µs a delivery, {:.1} µs",
            many.as_secs_f64() * 1e6,
            few.as_secs_f64() * 1e6
        ),
    );
    Ok(())
}

/// The time to claim one delivery, in a fresh gateway with so many queued.
fn claim_time(queued: usize) -> anyhow::Result<Duration> {
    let sink = Sink::start()?;
    let rig = Rig::open(&vec![sink.url("now"); WEBHOOKS])?;
    rig.receive(0..queued / WEBHOOKS)?;
    *SPENT.lock().unwrap_or_else(PoisonError::into_inner) = Duration::ZERO;
    rig.start();
    let delivered = rig.runtime.block_on(sink.take(DELIVERED))?.len();
    let spent = *SPENT.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(spent / u32::try_from(delivered)?)
}

//! One round of the sender: a transaction that stores the modem's answers, applies schedules and
//! deadlines, and hands over the messages that may go.
//!
//! Cost: seven seeks and no fsync if there is nothing to do. A recipient costs two UPDATEs for its
//! hand-over and two for the modem's answer; if a limit is set, also as many index steps as the
//! limit.

use super::aside::Place;
use super::failure::SendError;
use super::modem::{Content, SendRequest};
use super::outbox::{apply_fact, note_sim};
use super::pacing::{Seen, WINDOW};
use super::plan::{Answer, Counted, Done, Plan, Uncounted};
use super::{RESULT_PATIENCE, request};
use crate::model::clock::UnixMillis;
use crate::model::device::DeviceContext;
use crate::model::id::MessageId;
use crate::model::phone::PhoneNumber;
use crate::model::recipient_state::Fact;
use crate::settings::{ProcessingOrder, SimSelection};
use crate::store::{NextRecipient, Snapshot, StoreError, Transaction};
use simrelay_pdu::count_parts;

/// The most messages that one round expires, queues or gives up, so that no round holds the writer
/// for long.
const SWEEP: usize = 64;
const INTERRUPTED: &str = "unknown: interrupted while sending";
const NO_RESULT: &str = "unknown: no result from the modem";
const EXPIRED: &str = "TTL expired";

/// Whether the next recipient may go.
enum Gate {
    Go(SendRequest, u32),
    /// It can never be sent, for this reason.
    Never(String),
    /// It must be decrypted first.
    Sealed,
    /// Its parts must be counted first.
    Uncounted(Uncounted),
    NotBefore(UnixMillis),
}

pub(super) fn run(transaction: &Transaction<'_>, plan: &Plan) -> Result<Done, StoreError> {
    let mut done = Done::default();
    if plan.jump != 0 {
        let limit = plan.rules.limit.map(|limit| limit.period);
        let looks_back = limit.unwrap_or_default().max(plan.pause).max(WINDOW);
        let now = plan.context.now;
        let work = || transaction.move_sending_times(plan.jump, now, looks_back);
        plan.aside.at(Place::Jump, work)?;
    }
    for answer in &plan.answers {
        let work = || keep_answer(transaction, answer, &plan.context);
        done.moved |= plan.aside.at(answer.place(), work)?;
    }
    sweep(transaction, plan, &mut done)?;
    if !done.more {
        hand_over(transaction, plan, &mut done)?;
    }
    let due = match plan.doubts {
        None => plan
            .aside
            .at(Place::Due, || transaction.snapshot().next_due_sending())?,
        Some(doubts) => {
            let believed = plan.context.now.plus(doubts);
            let overdue = plan
                .aside
                .at(Place::Due, || transaction.snapshot().next_overdue())?;
            Some(overdue.map_or(believed, |at| at.min(believed)))
        }
    };
    // Items that are set aside are due, but do not go.
    let due = due.filter(|at| plan.aside.is_empty() || *at > plan.context.now);
    done.next = due.into_iter().chain(done.next).min();
    plan.aside.ended();
    Ok(done)
}

fn keep_answer(
    transaction: &Transaction<'_>,
    answer: &Answer,
    context: &DeviceContext,
) -> Result<bool, StoreError> {
    let found = transaction
        .snapshot()
        .recipient(&answer.message_id.0, answer.recipient)?;
    let Some(mut row) = found else {
        return Ok(false);
    };
    let fact = match &answer.outcome {
        Ok(accepted) => {
            note_sim(transaction, &mut row, accepted.sim_number)?;
            Fact::Accepted {
                parts: accepted.parts,
            }
        }
        Err(reason) => Fact::Failed(reason.clone()),
    };
    apply_fact(transaction, row, &fact, context)
}

/// Applies everything that depends on time alone: schedules, expiry, deadlines.
fn sweep(transaction: &Transaction<'_>, plan: &Plan, done: &mut Done) -> Result<(), StoreError> {
    let context = &plan.context;
    let now = context.now;
    let aside = &plan.aside;
    aside.at(Place::Deadlines, || {
        transaction.pull_in_deadlines(now.plus(RESULT_PATIENCE))
    })?;
    let most = SWEEP + aside.len();
    let overdue = aside.at(Place::Overdue, || transaction.snapshot().overdue(now, most))?;
    let before = overdue.len();
    let overdue = overdue
        .into_iter()
        .filter(|(seq, number)| !aside.has(&Place::Recipient(*seq, *number)))
        .collect::<Vec<_>>();
    done.more |= before >= most && !overdue.is_empty();
    for (seq, number) in overdue {
        let work = || give_up(transaction, seq, number, context);
        done.moved |= aside.at(Place::Recipient(seq, number), work)?;
    }
    if plan.doubts.is_some() {
        return Ok(());
    }
    // Expires one message per round, because each may have 1,000 recipients.
    let may = |seq| !aside.has(&Place::Message(seq));
    let expired = aside.at(Place::Expired, || transaction.snapshot().expired(now, may))?;
    if let Some(seq) = expired {
        let work = || expire(transaction, seq, context);
        done.moved |= aside.at(Place::Message(seq), work)?;
        done.more = true;
    }
    let scheduled = aside.at(Place::Scheduled, || {
        transaction.snapshot().scheduled(now, most)
    })?;
    for seq in scheduled.into_iter().filter(|seq| may(*seq)) {
        aside.at(Place::Message(seq), || transaction.queue_scheduled(seq))?;
        done.more = true;
    }
    Ok(())
}

/// Fails a recipient for which no result came in time. Returns whether its state changed.
fn give_up(
    transaction: &Transaction<'_>,
    seq: i64,
    number: u32,
    context: &DeviceContext,
) -> Result<bool, StoreError> {
    let row = transaction.snapshot().recipient_at(seq, number)?;
    let row = row.ok_or(StoreError::Damaged)?;
    let reason = if row.interrupted {
        INTERRUPTED
    } else {
        NO_RESULT
    };
    apply_fact(transaction, row, &Fact::NotHeardOf(reason.into()), context)
}

fn expire(
    transaction: &Transaction<'_>,
    seq: i64,
    context: &DeviceContext,
) -> Result<bool, StoreError> {
    let id = transaction.snapshot().message_id(seq)?;
    let id = id.ok_or(StoreError::Damaged)?;
    let rows = transaction.snapshot().pending_recipients(&id)?;
    if rows.is_empty() {
        // The message is pending, but its pending recipients are missing.
        return Err(StoreError::Damaged);
    }
    let mut moved = false;
    for row in rows {
        moved |= apply_fact(transaction, row, &Fact::Failed(EXPIRED.into()), context)?;
    }
    Ok(moved)
}

fn hand_over(
    transaction: &Transaction<'_>,
    plan: &Plan,
    done: &mut Done,
) -> Result<(), StoreError> {
    while done.handed.len() < plan.batch {
        let newest_first = plan.order == ProcessingOrder::Lifo;
        let may = |seq| !plan.aside.has(&Place::Message(seq));
        let seq = plan.aside.at(Place::Queue, || {
            transaction.snapshot().next_message(newest_first, may)
        })?;
        let Some(seq) = seq else {
            return Ok(());
        };
        plan.aside.mark(Place::Message(seq));
        // The message is in the index, so its rows exist unless they are damaged.
        let next = transaction.snapshot().next_recipient(seq)?;
        let next = next.ok_or(StoreError::Damaged)?;
        let sim_number = choose_sim(plan, &next, done);
        let gate = gate(&transaction.snapshot(), plan, &next, sim_number)?;
        let (fact, go) = match gate {
            Gate::Go(request, parts) => (Fact::Handed, Some((request, parts))),
            Gate::Never(reason) => (Fact::Failed(reason), None),
            Gate::Sealed => {
                done.sealed = Some(next);
                return Ok(());
            }
            Gate::Uncounted(uncounted) => {
                done.uncounted = Some(uncounted);
                return Ok(());
            }
            Gate::NotBefore(at) => {
                done.next = Some(at);
                return Ok(());
            }
        };
        let found = transaction
            .snapshot()
            .recipient(&next.message_id, next.number)?;
        let mut row = found.ok_or(StoreError::Damaged)?;
        if let Some((request, _)) = &go {
            note_sim(transaction, &mut row, request.sim_number)?;
            if next.sim_number == 0 {
                done.turn = request.sim_number.or(done.turn);
            }
            let (now, overdue_at) = (plan.context.now, plan.context.now.plus(RESULT_PATIENCE));
            transaction.note_handed(next.message_seq, next.number, now, overdue_at)?;
        }
        done.moved |= apply_fact(transaction, row, &fact, &plan.context)?;
        done.handed.extend(go);
    }
    done.more = true;
    Ok(())
}

fn gate(
    snapshot: &Snapshot<'_>,
    plan: &Plan,
    next: &NextRecipient,
    sim_number: Option<u32>,
) -> Result<Gate, StoreError> {
    let now = plan.context.now;
    let seen = plan.aside.of_all(|| {
        let mut seen = Seen {
            last: None,
            limiting: None,
        };
        if !plan.rules.are_idle() {
            seen.last = snapshot.last_handed(now)?;
        }
        if let Some(limit) = plan.rules.limit {
            seen.limiting = snapshot.limiting(now.minus(limit.period), now, limit.count)?;
        }
        Ok(seen)
    })?;
    let zone = &plan.context.zone;
    let at = plan
        .rules
        .may_go_at(next.priority, seen, plan.pause, now, zone);
    if at > now {
        return Ok(Gate::NotBefore(at));
    }
    let (phone_number, content) = match take_content(plan, next) {
        Some(Ok(content)) => content,
        Some(Err(reason)) => return Ok(Gate::Never(reason)),
        None => return Ok(Gate::Sealed),
    };
    let parts = match &content {
        Content::Data { .. } => 1,
        Content::Text(text) if plan.budget.limit().is_none() => count_parts(text),
        Content::Text(text) => match plan.counted.filter(|counted| counted.is_of(next)) {
            Some(counted) => counted.parts,
            None => {
                return Ok(Gate::Uncounted(Uncounted {
                    message_seq: next.message_seq,
                    number: next.number,
                    text: text.clone(),
                    sim_number,
                }));
            }
        },
    };
    if let Some(most) = plan.budget.limit().filter(|most| parts > *most) {
        let refused = SendError::TooManyParts { parts, most };
        return Ok(Gate::Never(refused.to_string()));
    }
    let wait = plan.budget.wait(plan.monotonic, parts);
    if !wait.is_zero() {
        return Ok(Gate::NotBefore(now.plus(wait)));
    }
    let request = SendRequest {
        message_id: MessageId(next.message_id.clone()),
        recipient: next.number,
        phone_number,
        content,
        sim_number,
        with_delivery_report: next.with_delivery_report,
    };
    Ok(Gate::Go(request, parts))
}

impl Counted {
    fn is_of(self, next: &NextRecipient) -> bool {
        (self.message_seq, self.number) == (next.message_seq, next.number)
    }
}

/// Returns number and content; `None` if they must be decrypted first.
fn take_content(
    plan: &Plan,
    next: &NextRecipient,
) -> Option<Result<(PhoneNumber, Content), String>> {
    if next.is_encrypted {
        let opened = plan.opened.as_ref().filter(|opened| {
            (opened.message_seq, opened.number) == (next.message_seq, next.number)
        })?;
        return Some(opened.outcome.clone());
    }
    let number = if next.dialled.is_empty() {
        next.phone_number.clone()
    } else {
        next.dialled.clone()
    };
    let content = if next.is_data {
        request::check_data(&next.content).map(|data| Content::Data {
            data,
            port: next.port,
        })
    } else {
        Ok(Content::Text(next.content.clone()))
    };
    Some(content.map(|content| (PhoneNumber::new(number), content)))
}

/// Returns the SIM that the client asked for, otherwise the owner's choice; `None` for the
/// platform's choice.
fn choose_sim(plan: &Plan, next: &NextRecipient, done: &Done) -> Option<u32> {
    if next.sim_number > 0 {
        return Some(next.sim_number);
    }
    let sims = &plan.context.sims;
    let sim = match plan.selection {
        SimSelection::OsDefault => return None,
        SimSelection::RoundRobin => {
            let turn = done.turn.unwrap_or(plan.turn);
            sims.iter()
                .min_by_key(|sim| (sim.sim_number <= turn, sim.sim_number))
        }
        SimSelection::Random => {
            let chance = plan.chances.get(done.handed.len()).copied().unwrap_or(0.0);
            // Truncation makes an index of the fraction.
            sims.get((chance.clamp(0.0, 0.999_999) * sims.len() as f64) as usize)
        }
    };
    sim.map(|sim| sim.sim_number)
}

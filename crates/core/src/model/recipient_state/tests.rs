//! Tests the states against a model that knows only the history, and the aggregate rule against a
//! table.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn fresh(with_report: bool) -> Progress {
    Progress {
        state: State::Pending,
        parts: 0,
        sent: PartSet::default(),
        delivered: PartSet::default(),
        with_report,
    }
}

#[test]
fn aggregate_uses_the_first_rule_that_fits() {
    use State::*;
    for (states, expected) in [
        (&[Pending, Failed][..], Pending),
        (&[Delivered, Cancelling, Cancelled, Pending], Pending),
        (&[Cancelled, Cancelling], Cancelling),
        (&[Cancelled, Processed], Cancelled),
        (&[Cancelled, Delivered], Cancelled),
        (&[Sent, Processed, Failed], Processed),
        (&[Failed, Failed], Failed),
        (&[Delivered, Delivered], Delivered),
        (&[Delivered, Sent], Sent),
        (&[Delivered, Failed], Sent),
        (&[Sent, Failed], Sent),
        (&[Sent], Sent),
    ] {
        assert_eq!(aggregate(states), expected, "{states:?}");
    }
}

/// Checks the rule of the contract, as it is written there, for every possible set of states.
#[test]
fn aggregate_follows_the_contract_for_every_set_of_states() {
    use State::*;
    for set in 1u8..128 {
        let states: Vec<State> = (0..7)
            .filter(|bit| set >> bit & 1 == 1)
            .map(|bit| State::ALL[bit])
            .collect();
        let any = |state| states.contains(&state);
        let expected = if any(Pending) {
            Pending
        } else if any(Cancelling) {
            Cancelling
        } else if any(Cancelled) {
            Cancelled
        } else if any(Processed) {
            Processed
        } else if states == [Failed] {
            Failed
        } else if states == [Delivered] {
            Delivered
        } else {
            Sent
        };
        assert_eq!(aggregate(&states), expected, "{states:?}");
    }
}

fn part(number: u16, of: u16) -> Part {
    Part { number, of }
}

fn failed(reason: &str) -> Step {
    Step::Failed(reason.into())
}

/// Checks the changes of a recipient that was handed over and then got these facts.
fn check(with_report: bool, facts: &[Fact], expected: &[Step]) {
    let mut progress = fresh(with_report);
    assert_eq!(progress.apply(&Fact::Handed), [Step::Processed]);
    let steps: Vec<Step> = facts.iter().flat_map(|fact| progress.apply(fact)).collect();
    assert_eq!(steps, expected, "{facts:?}");
}

#[test]
fn parts_make_the_states_of_their_recipient() {
    use Fact::*;
    let lost = |number, of| PartLost(part(number, of), "lost".into());
    let not_sent = |number, of| PartFailed(part(number, of), "why".into());
    check(
        true,
        &[PartSent(part(0, 1)), PartDelivered(part(0, 1))],
        &[Step::Sent, Step::Delivered],
    );
    check(
        false,
        &[PartSent(part(0, 1)), PartDelivered(part(0, 1))],
        &[Step::Sent],
    );
    check(true, &[PartSent(part(0, 2)), PartSent(part(0, 2))], &[]);
    check(
        true,
        &[PartSent(part(1, 2)), PartSent(part(0, 2))],
        &[Step::Sent],
    );
    check(
        true,
        &[PartSent(part(0, 2)), not_sent(1, 2), PartSent(part(1, 2))],
        &[failed("why")],
    );
    check(
        true,
        &[PartSent(part(0, 2)), not_sent(0, 2), PartSent(part(1, 2))],
        &[Step::Sent],
    );
    check(
        true,
        &[PartSent(part(0, 1)), lost(0, 1)],
        &[Step::Sent, failed("lost")],
    );
}

#[test]
fn report_proves_that_its_part_was_sent() {
    use Fact::*;
    check(
        true,
        &[PartDelivered(part(0, 1)), PartSent(part(0, 1))],
        &[Step::Sent, Step::Delivered],
    );
    check(
        true,
        &[PartLost(part(0, 1), "lost".into()), PartSent(part(0, 1))],
        &[Step::Sent, failed("lost")],
    );
}

#[test]
fn progress_ignores_impossible_facts() {
    use Fact::*;
    check(
        true,
        &[
            PartSent(part(1, 1)),
            PartSent(part(0, 0)),
            PartSent(part(0, 256)),
        ],
        &[],
    );
    check(true, &[Accepted { parts: 2 }, PartSent(part(0, 1))], &[]);
    check(true, &[Handed, Cancelled], &[]);
    let mut pending = fresh(true);
    assert_eq!(pending.apply(&PartSent(part(0, 1))), []);
    assert_eq!(pending.apply(&Cancelled), [Step::Cancelled]);
    assert_eq!(pending.apply(&Handed), []);
}

fn fact() -> impl Strategy<Value = Fact> {
    // Mostly a part of a message with three parts, sometimes an impossible one.
    let part = (0u16..4, prop_oneof![9 => Just(3u16), 1 => 0u16..5])
        .prop_map(|(number, of)| Part { number, of });
    prop_oneof![
        1 => Just(Fact::Handed),
        1 => Just(Fact::Cancelled),
        1 => Just(Fact::Failed("failed".into())),
        1 => Just(Fact::NotHeardOf("unknown".into())),
        2 => Just(Fact::Accepted { parts: 3 }),
        8 => part.clone().prop_map(Fact::PartSent),
        1 => part.clone().prop_map(|part| Fact::PartFailed(part, "not sent".into())),
        8 => part.clone().prop_map(Fact::PartDelivered),
        1 => part.prop_map(|part| Fact::PartLost(part, "lost".into())),
    ]
}

/// Computes the state from the history alone, by another method: sets of seen facts, and no memory
/// of earlier changes.
fn model(history: &[Fact], with_report: bool) -> State {
    let mut state = State::Pending;
    let mut parts = None;
    let mut seen: HashSet<(&str, u16)> = HashSet::new();
    for fact in history {
        let is_over = matches!(state, State::Cancelled | State::Failed | State::Delivered);
        if is_over {
            return state;
        }
        let handed = state != State::Pending;
        let mut belongs = |part: &Part| {
            if !handed || part.number >= part.of || part.of > 255 {
                return false;
            }
            *parts.get_or_insert(part.of) == part.of
        };
        match fact {
            Fact::Handed if !handed => state = State::Processed,
            Fact::Cancelled if !handed => state = State::Cancelled,
            Fact::Failed(_) if state != State::Sent => state = State::Failed,
            Fact::NotHeardOf(_) if state == State::Processed => state = State::Failed,
            Fact::Accepted { parts: told } if handed => {
                parts.get_or_insert(*told);
            }
            Fact::PartSent(part) if state == State::Processed && belongs(part) => {
                seen.insert(("sent", part.number));
            }
            Fact::PartFailed(part, _)
                if state == State::Processed
                    && belongs(part)
                    && !seen.contains(&("sent", part.number)) =>
            {
                state = State::Failed;
            }
            Fact::PartDelivered(part) if with_report && belongs(part) => {
                seen.extend([("sent", part.number), ("delivered", part.number)]);
            }
            Fact::PartLost(part, _)
                if with_report && belongs(part) && !seen.contains(&("delivered", part.number)) =>
            {
                state = State::Failed;
            }
            _ => {}
        }
        let all = |what| {
            parts.is_some_and(|parts| (0..parts).all(|number| seen.contains(&(what, number))))
        };
        if state == State::Processed && all("sent") {
            state = State::Sent;
        }
        if state == State::Sent && all("delivered") {
            state = State::Delivered;
        }
    }
    state
}

/// Returns whether a state may follow another.
fn may_follow(before: State, after: State) -> bool {
    use State::*;
    match before {
        Pending => matches!(after, Processed | Cancelled | Failed),
        Processed => matches!(after, Sent | Failed),
        Sent => matches!(after, Delivered | Failed),
        Cancelling | Cancelled | Delivered | Failed => false,
    }
}

fn reached(step: &Step) -> State {
    match step {
        Step::Processed => State::Processed,
        Step::Sent => State::Sent,
        Step::Delivered => State::Delivered,
        Step::Failed(_) => State::Failed,
        Step::Cancelled => State::Cancelled,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn progress_moves_forward_as_the_model_for_any_order_loss_and_repetition(
        facts in prop::collection::vec(fact(), 0..40), handed_first: bool, with_report: bool,
    ) {
        let mut progress = fresh(with_report);
        let mut history = if handed_first { vec![Fact::Handed] } else { Vec::new() };
        history.extend(facts);
        let (mut state, mut told) = (State::Pending, HashSet::new());
        for (index, fact) in history.iter().enumerate() {
            for step in progress.apply(fact) {
                let next = reached(&step);
                prop_assert!(may_follow(state, next), "{:?} after {:?}", next, state);
                prop_assert!(told.insert(next), "{:?} was told twice", next);
                state = next;
            }
            prop_assert_eq!(progress.state, state);
            prop_assert_eq!(state, model(&history[..=index], with_report));
        }
    }

    #[test]
    fn progress_does_not_depend_on_the_order_of_good_results(
        parts in 1u16..256, seed in any::<u64>(), repeated: bool,
    ) {
        let mut facts: Vec<Fact> = (0..parts)
            .flat_map(|number| [Fact::PartSent(part(number, parts)), Fact::PartDelivered(part(number, parts))])
            .collect();
        if repeated {
            facts.extend(facts.clone());
        }
        // A shuffle that depends on the seed.
        facts.sort_by_cached_key(|fact| {
            use std::hash::{DefaultHasher, Hash, Hasher};
            let mut hasher = DefaultHasher::new();
            (seed, format!("{fact:?}")).hash(&mut hasher);
            hasher.finish()
        });
        let mut progress = fresh(true);
        progress.apply(&Fact::Handed);
        let steps: Vec<Step> = facts.iter().flat_map(|fact| progress.apply(fact)).collect();
        prop_assert_eq!(steps, vec![Step::Sent, Step::Delivered]);
    }

    #[test]
    fn aggregate_does_not_depend_on_order_or_number(
        indexes in prop::collection::vec(0usize..7, 1..20),
    ) {
        let states: Vec<State> = indexes.iter().map(|index| State::ALL[*index]).collect();
        let mut distinct = states.clone();
        distinct.sort_unstable();
        distinct.dedup();
        prop_assert_eq!(aggregate(&states), aggregate(&distinct));
    }
}

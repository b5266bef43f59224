//! By which SIM a message goes.

use super::*;

fn sims(requests: Vec<SendRequest>) -> Vec<Option<u32>> {
    requests.iter().map(|request| request.sim_number).collect()
}

#[tokio::test]
async fn the_sim_is_the_one_asked_for_or_the_owners_choice() {
    let lab = Lab::start().await;
    text(&lab, "default").await;
    let message = post(&lab, json!({"simNumber": 2})).await;
    assert_eq!(message["simNumber"], 2);
    assert_eq!(sims(lab.modem.given(2).await), [None, Some(2)]);

    let lab = Lab::start().await;
    lab.set(json!({"messages": {"sim_selection_mode": "RoundRobin"}}))
        .await;
    for number in 0..3 {
        text(&lab, &number.to_string()).await;
    }
    assert_eq!(sims(lab.modem.given(3).await), [Some(1), Some(2), Some(1)]);

    lab.set(json!({"messages": {"sim_selection_mode": "Random"}}))
        .await;
    for number in 0..20 {
        text(&lab, &number.to_string()).await;
    }
    let random = sims(lab.modem.given(23).await).split_off(3);
    assert!(
        random.iter().all(|sim| matches!(sim, Some(1 | 2))),
        "{random:?}"
    );
}

#[tokio::test]
async fn turns_are_those_of_messages_that_name_no_sim_and_outlive_a_restart() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"sim_selection_mode": "RoundRobin"}}))
        .await;
    for number in 0..3 {
        text(&lab, &number.to_string()).await;
        post(&lab, json!({"simNumber": 1})).await;
    }
    let asked = sims(lab.modem.given(6).await);
    let [one, two] = [Some(1), Some(2)];
    assert_eq!(asked, [one, one, two, one, one, one]);
    let lab = Lab::again(lab.crash().await).await;
    text(&lab, "it is the second's turn").await;
    assert_eq!(sims(lab.modem.given(1).await), [two]);
}

#[tokio::test]
async fn chance_chooses_anew_for_every_recipient() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"sim_selection_mode": "Random"}}))
        .await;
    let numbers: Vec<_> = (0..60).map(|n| format!("+120255501{n:02}")).collect();
    post(&lab, json!({"phoneNumbers": numbers})).await;
    let asked = sims(lab.modem.given(60).await);
    for sim in [Some(1), Some(2)] {
        assert!(asked.contains(&sim), "{asked:?}");
    }
}

//! A client's request to send a message, and why the gateway refuses it at once (protocol.md 1.4).
//! Encrypted fields are checked when their turn comes (protocol.md 4).

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::failure::SendError;
use super::modem::Modem;
use crate::model::clock::UnixMillis;
use crate::model::device::Sim;
use crate::model::id;
use crate::model::parts::MOST_PARTS;
use crate::model::phone::{self, NumberRules};
use crate::store::{NewOutgoing, StoreError};
use simrelay_pdu::{count_parts, split};

/// The most octets of a data message: one part without the header that holds the port.
const MOST_DATA: usize = 133;
const MOST_ID: usize = 128;
const MOST_RECIPIENTS: usize = 1_000;

/// A message that a client asks to send.
#[derive(Clone, Default)]
pub struct Submission {
    /// 1 to 128 printable ASCII characters; if absent or empty, the gateway makes an id.
    pub id: Option<String>,
    /// The content; exactly one.
    pub contents: Vec<SubmittedContent>,
    /// The numbers to send to.
    pub phone_numbers: Vec<String>,
    /// The SIM, 1-based.
    pub sim_number: Option<i64>,
    /// Whether a status report is wanted.
    pub with_delivery_report: bool,
    /// Whether content and numbers are encrypted.
    pub is_encrypted: bool,
    /// -128 to 127; from 100 on, no pacing rule holds it back.
    pub priority: i64,
    /// Seconds; 0 counts as absent.
    pub ttl: Option<i64>,
    /// The message is not sent later than this.
    pub valid_until: Option<UnixMillis>,
    /// The message is not sent before this.
    pub schedule_at: Option<UnixMillis>,
    /// Also send to numbers that look wrong.
    pub skips_validation: bool,
}

/// The content of a message to send.
#[derive(Clone)]
pub enum SubmittedContent {
    /// A text.
    Text(String),
    /// Bytes as base64, and a port.
    Data(String, i64),
}

/// The result of a submission.
#[derive(Clone)]
pub enum Submitted<T> {
    /// The message was queued.
    Queued(T),
    /// The same message was queued before.
    Known(T),
}

/// Why a submission was refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// A field is wrong; the sentence says what to change.
    #[error("{0}")]
    Invalid(String),
    /// Another message has this id.
    #[error("Another message already has the id {0}. Use a different id.")]
    Conflict(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks everything that does not depend on time or phone, and fills in the defaults.
pub(crate) fn check(submission: Submission, now: UnixMillis) -> Result<NewOutgoing, String> {
    let id = match submission.id {
        Some(id) if !id.is_empty() => check_id(id)?,
        _ => id::fresh(),
    };
    let encrypted = submission.is_encrypted;
    let (is_data, content, port) = check_content(submission.contents, encrypted)?;
    let count = submission.phone_numbers.len();
    if !(1..=MOST_RECIPIENTS).contains(&count) {
        return Err(format!(
            "phoneNumbers must contain 1 to {MOST_RECIPIENTS} numbers, not {count}."
        ));
    }
    let sim_number = match submission.sim_number.map(u32::try_from) {
        None => 0,
        Some(Ok(number)) if number >= 1 => number,
        Some(Err(_)) if submission.sim_number > Some(0) => {
            return Err(no_such_sim(submission.sim_number.unwrap_or_default()));
        }
        Some(_) => return Err("simNumber must be a whole number, at least 1.".into()),
    };
    let priority = i8::try_from(submission.priority)
        .map_err(|_| "priority must be a whole number from -128 to 127.")?;
    let ttl = submission.ttl.filter(|ttl| *ttl != 0);
    let ttl = match (ttl, submission.valid_until) {
        (Some(_), Some(_)) => return Err("Send either ttl or validUntil, not both.".into()),
        (Some(ttl), None) if ttl < 1 => {
            return Err("ttl must be a whole number of seconds, at least 1.".into());
        }
        (ttl, _) => ttl.unwrap_or(0),
    };
    let from_ttl = now.plus(Duration::from_secs(ttl.unsigned_abs()));
    Ok(NewOutgoing {
        id,
        is_data,
        content,
        port,
        is_encrypted: encrypted,
        skips_validation: submission.skips_validation,
        with_delivery_report: submission.with_delivery_report,
        sim_number,
        priority,
        ttl,
        valid_until: match submission.valid_until {
            Some(valid_until) => valid_until,
            None if ttl > 0 => from_ttl,
            None => UnixMillis(0),
        },
        schedule_at: submission.schedule_at.unwrap_or_default(),
        created_at: now,
        recipients: submission
            .phone_numbers
            .into_iter()
            .map(|number| (number, String::new()))
            .collect(),
    })
}

/// Checks everything that depends on the moment and on the phone, and finds out how to dial. A
/// message that was queued before is not checked, so a repeated request stays right after its time
/// is over.
pub(crate) fn check_now(
    mut message: NewOutgoing,
    sims: &[Sim],
    rules: &NumberRules,
) -> Result<NewOutgoing, String> {
    let now = message.created_at;
    let (schedule_at, valid_until) = (message.schedule_at, message.valid_until);
    if valid_until != UnixMillis(0) && valid_until <= now {
        return Err("validUntil is in the past. Choose a later time, or leave it out.".into());
    }
    if schedule_at != UnixMillis(0) && schedule_at <= now {
        return Err("scheduleAt is in the past. Choose a later time, or leave it out.".into());
    }
    if valid_until != UnixMillis(0) && schedule_at >= valid_until {
        return Err(
            "scheduleAt must be before validUntil (or the end of ttl), or the message would expire \
             unsent."
                .into(),
        );
    }
    let sim_number = message.sim_number;
    if sim_number != 0 && sims.is_empty() {
        return Err(
            "simNumber cannot be chosen: this device has no SIM, or the app may not see it (grant it \
             the phone permission). Without simNumber the phone chooses."
                .into(),
        );
    }
    if sim_number != 0 && !sims.iter().any(|sim| sim.sim_number == sim_number) {
        return Err(no_such_sim(sim_number.into()));
    }
    if !message.is_encrypted {
        dial(&mut message, sims, rules)?;
    }
    Ok(message)
}

/// Returns whether both requests ask for the same, regardless of the time between them.
pub(crate) fn is_same(asked: &NewOutgoing, kept: &NewOutgoing, kept_numbers: &[&str]) -> bool {
    let numbers = asked.recipients.iter().map(|(number, _)| number.as_str());
    let valid_until = if asked.ttl > 0 {
        kept.valid_until
    } else {
        asked.valid_until
    };
    let like_kept = NewOutgoing {
        valid_until,
        created_at: kept.created_at,
        // The check of the numbers is not part of the message.
        skips_validation: kept.skips_validation,
        recipients: Vec::new(),
        ..asked.clone()
    };
    like_kept == *kept && numbers.eq(kept_numbers.iter().copied())
}

fn no_such_sim(number: i64) -> String {
    format!("simNumber {number} does not exist; GET /devices lists this device's SIMs.")
}

/// Checks that the platform lets an app send so long a text at once. Asks the modem only if our own
/// count is too high, because the platform may know a denser alphabet.
pub(crate) fn check_length(message: &NewOutgoing, modem: &dyn Modem) -> Result<(), String> {
    let Some(most) = modem.parts_per_minute() else {
        return Ok(());
    };
    if message.is_data || message.is_encrypted || count_parts(&message.content) <= most {
        return Ok(());
    }
    let sim_number = Some(message.sim_number).filter(|number| *number > 0);
    let told = modem.count_parts(&message.content, sim_number);
    let parts = told.map_or(count_parts(&message.content), u32::from);
    if parts <= most {
        return Ok(());
    }
    let error = SendError::TooManyParts { parts, most };
    Err(format!("textMessage.text: {error}."))
}

fn check_id(id: String) -> Result<String, String> {
    if id.len() <= MOST_ID && id.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(id);
    }
    Err(format!(
        "id must have 1 to {MOST_ID} printable ASCII characters (letters, digits, signs, space)."
    ))
}

fn check_content(
    contents: Vec<SubmittedContent>,
    encrypted: bool,
) -> Result<(bool, String, u16), String> {
    let one = <[SubmittedContent; 1]>::try_from(contents);
    let Ok([content]) = one else {
        return Err("Send exactly one of textMessage, dataMessage and message.".into());
    };
    match content {
        SubmittedContent::Text(text) => {
            if !encrypted {
                check_text(&text)?;
            }
            Ok((false, text, 0))
        }
        SubmittedContent::Data(data, port) => {
            if !encrypted {
                check_data(&data)?;
            }
            let port = u16::try_from(port)
                .map_err(|_| "dataMessage.port must be a whole number from 0 to 65535.")?;
            Ok((true, data, port))
        }
    }
}

/// Returns a text that can be sent.
pub(crate) fn check_text(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("The text must not be empty.".into());
    }
    let parts = split(text).len();
    if parts > usize::from(MOST_PARTS) {
        return Err(format!(
            "The text needs {parts} parts, and one message has at most {MOST_PARTS}. Shorten it."
        ));
    }
    Ok(())
}

/// Returns the bytes of a data message that can be sent.
pub(crate) fn check_data(base64: &str) -> Result<Vec<u8>, String> {
    let data = STANDARD
        .decode(base64)
        .map_err(|_| "dataMessage.data must be base64.")?;
    if !(1..=MOST_DATA).contains(&data.len()) {
        return Err(format!(
            "dataMessage.data must be 1 to {MOST_DATA} octets, not {}.",
            data.len()
        ));
    }
    Ok(data)
}

fn dial(message: &mut NewOutgoing, sims: &[Sim], rules: &NumberRules) -> Result<(), String> {
    let mut seen = HashMap::new();
    for (place, (number, dialled)) in message.recipients.iter_mut().enumerate() {
        let named = |error| format!("phoneNumbers[{place}] {error}.");
        let asked = Number {
            text: number,
            skips_validation: message.skips_validation,
            sim_number: message.sim_number,
        };
        let dial = asked.dialled(sims, rules).map_err(named)?;
        if let Some(first) = seen.insert(dial.clone(), place) {
            return Err(named(format!("is a duplicate of phoneNumbers[{first}]")));
        }
        *dialled = if dial == *number { String::new() } else { dial };
    }
    Ok(())
}

/// A number that a client named.
pub(crate) struct Number<'a> {
    pub text: &'a str,
    pub skips_validation: bool,
    /// The SIM to send by, which decides the country; 0 for any.
    pub sim_number: u32,
}

impl Number<'_> {
    /// Returns how to dial it, or why it is wrong, as the rest of a sentence that begins with its
    /// name.
    pub fn dialled(&self, sims: &[Sim], rules: &NumberRules) -> Result<String, String> {
        let visible = phone::visible(self.text);
        if visible.is_empty() {
            return Err("must not be empty".into());
        }
        if self.skips_validation {
            if visible.chars().any(char::is_control) {
                return Err("must not contain control characters".into());
            }
            return Ok(visible);
        }
        let sim_number = Some(self.sim_number).filter(|number| *number > 0);
        let country = phone::country(sims, sim_number);
        let dialled = rules.validate(&visible, country);
        dialled
            .map(|number| number.as_str().to_owned())
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_719_045_971_000);

    fn submission() -> Submission {
        Submission {
            contents: vec![SubmittedContent::Text("Hello".into())],
            phone_numbers: vec!["+12025550143".into()],
            with_delivery_report: true,
            ..Submission::default()
        }
    }

    fn refused(submission: Submission) -> String {
        check(submission, NOW)
            .and_then(|message| check_now(message, &[], &NumberRules::default()))
            .err()
            .unwrap_or_default()
    }

    #[test]
    fn submission_is_refused_with_a_sentence_of_its_own() {
        let with = |change: &dyn Fn(&mut Submission)| {
            let mut changed = submission();
            change(&mut changed);
            refused(changed)
        };
        let later = |seconds: i64| Some(UnixMillis(NOW.0 + seconds * 1_000));
        let data = |data: &str, port| vec![SubmittedContent::Data(data.into(), port)];
        let sentences = [
            with(&|s| s.id = Some("a\nb".into())),
            with(&|s| s.contents.clear()),
            with(&|s| s.contents = vec![SubmittedContent::Text(String::new())]),
            with(&|s| s.contents = vec![SubmittedContent::Text("я".repeat(67 * 255 + 1))]),
            with(&|s| s.contents = data("!", 1)),
            with(&|s| s.contents = data("", 1)),
            with(&|s| s.contents = data("AAAA", 65_536)),
            with(&|s| s.phone_numbers.clear()),
            with(&|s| s.phone_numbers = vec!["+12025550143".into(), "+1 202 555 0143".into()]),
            with(&|s| s.phone_numbers = vec![" ".into()]),
            with(&|s| s.phone_numbers = vec!["nobody".into()]),
            with(&|s| s.sim_number = Some(0)),
            with(&|s| s.sim_number = Some(3)),
            with(&|s| s.priority = 128),
            with(&|s| s.ttl = Some(-1)),
            with(&|s| (s.ttl, s.valid_until) = (Some(60), later(60))),
            with(&|s| s.valid_until = later(0)),
            with(&|s| s.schedule_at = later(0)),
            with(&|s| (s.schedule_at, s.valid_until) = (later(60), later(60))),
        ];
        let distinct: std::collections::HashSet<&String> = sentences.iter().collect();
        assert_eq!(distinct.len(), sentences.len(), "{sentences:#?}");
        for sentence in &sentences {
            assert!(sentence.ends_with('.'), "{sentence:?}");
        }
        assert_eq!(refused(submission()), "");
    }

    #[test]
    fn submission_at_the_limits_is_accepted() {
        let with = |change: &dyn Fn(&mut Submission)| {
            let mut changed = submission();
            change(&mut changed);
            assert_eq!(refused(changed), "");
        };
        with(&|s| s.id = Some(" ~".repeat(64)));
        with(&|s| s.contents = vec![SubmittedContent::Text("x".repeat(153 * 255))]);
        with(&|s| s.contents = vec![SubmittedContent::Data(STANDARD.encode([0; 133]), 65_535)]);
        with(&|s| s.priority = -128);
        with(&|s| (s.ttl, s.schedule_at) = (Some(61), Some(UnixMillis(NOW.0 + 60_000))));
        with(&|s| (s.phone_numbers, s.skips_validation) = (vec!["nobody".into()], true));
        with(&|s| s.phone_numbers = vec!["\u{202A}+1 202\u{200B}555\t0123\n\u{202C}".into()]);
        // Encrypted fields are checked when they are sent.
        with(&|s| {
            s.is_encrypted = true;
            s.phone_numbers = vec!["x".into(), "x".into()];
            s.contents = vec![SubmittedContent::Text(String::new())];
        });
    }
}

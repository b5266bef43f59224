//! Sends by the phone's radio: one call of the shell per message, and the meaning of its answer.

use jni::objects::{JObject, JString};
use jni::{Env, JValue, jni_sig, jni_str};
use serde::Deserialize;
use simrelay_core::sending::{Accepted, Content, Modem, SendError, SendRequest};

use crate::arguments::{sim_number, text};
use crate::boundary::Failure;
use crate::callbacks::Callbacks;

/// Android asks its user before an app sends more than this many parts in a minute
/// (`SmsUsageMonitor.DEFAULT_SMS_MAX_COUNT`). It counts each part once, for all SIMs together.
const PARTS_PER_MINUTE: u32 = 30;

/// The shell's answer.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    /// The platform took the message, or may have taken it.
    Accepted {
        parts: u16,
        #[serde(default)]
        sim: i32,
    },
    /// The platform certainly did not take it.
    Refused {
        refused: Refusal,
        #[serde(default)]
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Refusal {
    NotPermitted,
    NoSim,
    NoSuchSim,
    NoDefaultSim,
    SimsHidden,
    Invalid,
    Platform,
}

/// The answer if nobody can know whether the platform took the message.
const UNKNOWN: Accepted = Accepted {
    parts: 0,
    sim_number: None,
};

impl Modem for Callbacks {
    fn send(&self, request: &SendRequest) -> Result<Accepted, SendError> {
        let mut asked = false;
        let answered = self.with(|env, shell| send(env, shell, request, &mut asked));
        match answered {
            Ok(answer) => meaning(&answer, request.sim_number),
            Err(error) if asked => {
                tracing::error!(%error, "sending was interrupted; its results will show the outcome");
                Ok(UNKNOWN)
            }
            Err(error) => {
                tracing::error!(%error, "the shell cannot be asked to send");
                Err(SendError::Platform("no answer".into()))
            }
        }
    }

    fn parts_per_minute(&self) -> Option<u32> {
        Some(PARTS_PER_MINUTE)
    }

    fn count_parts(&self, text: &str, sim_number: Option<u32>) -> Option<u16> {
        let counted = self.with(|env, shell| {
            let text = env.new_string(text)?;
            let arguments = [JValue::Object(&text), JValue::Int(sim(sim_number))];
            let signature = jni_sig!((text: java.lang.String, sim_number: jint) -> jint);
            let counted = env.call_method(shell, jni_str!("countParts"), &signature, &arguments)?;
            Ok::<_, Failure>(counted.i()?)
        });
        let counted = counted
            .inspect_err(
                |error| tracing::error!(%error, "the parts of a text could not be counted"),
            )
            .ok()?;
        u16::try_from(counted).ok().filter(|parts| *parts > 0)
    }
}

/// Asks the shell to send. From `asked` on, the platform may have the message, whatever goes wrong.
fn send(
    env: &mut Env<'_>,
    shell: &JObject<'_>,
    request: &SendRequest,
    asked: &mut bool,
) -> Result<String, Failure> {
    let id = env.new_string(&request.message_id.0)?;
    let number = env.new_string(request.phone_number.as_str())?;
    let recipient = JValue::Int(i32::try_from(request.recipient).unwrap_or(i32::MAX));
    let sim = JValue::Int(sim(request.sim_number));
    let reported = JValue::Bool(request.with_delivery_report);
    let answer = match &request.content {
        Content::Text(text) => {
            let text = env.new_string(text)?;
            let signature = jni_sig!((
                message_id: java.lang.String, recipient: jint, phone_number: java.lang.String,
                text: java.lang.String, sim_number: jint, reported: jboolean,
            ) -> java.lang.String);
            let arguments = [
                JValue::Object(&id),
                recipient,
                JValue::Object(&number),
                JValue::Object(&text),
                sim,
                reported,
            ];
            *asked = true;
            env.call_method(shell, jni_str!("sendText"), &signature, &arguments)?
        }
        Content::Data { data, port } => {
            let data = env.byte_array_from_slice(data)?;
            let signature = jni_sig!((
                message_id: java.lang.String, recipient: jint, phone_number: java.lang.String,
                data: [jbyte], port: jint, sim_number: jint, reported: jboolean,
            ) -> java.lang.String);
            let arguments = [
                JValue::Object(&id),
                recipient,
                JValue::Object(&number),
                JValue::Object(&data),
                JValue::Int((*port).into()),
                sim,
                reported,
            ];
            *asked = true;
            env.call_method(shell, jni_str!("sendData"), &signature, &arguments)?
        }
    };
    let answer = env.cast_local::<JString<'_>>(answer.l()?)?;
    text(env, &answer)
}

fn sim(number: Option<u32>) -> i32 {
    number.map_or(0, |number| i32::try_from(number).unwrap_or(i32::MAX))
}

/// Converts an answer. One that makes no sense may come after the hand-over as well as before it.
fn meaning(answer: &str, asked_sim: Option<u32>) -> Result<Accepted, SendError> {
    let (refusal, why) = match serde_json::from_str(answer) {
        Ok(Answer::Refused { refused, why }) => (refused, why),
        Ok(Answer::Accepted { parts, sim }) => {
            let sim_number = sim_number(sim);
            return Ok(Accepted { parts, sim_number });
        }
        Err(_) => {
            tracing::error!("the shell answered a request to send in a form that is not known");
            return Ok(UNKNOWN);
        }
    };
    Err(match refusal {
        Refusal::NotPermitted => SendError::NotPermitted,
        Refusal::NoSim => SendError::NoSim,
        Refusal::NoSuchSim => SendError::NoSuchSim(asked_sim.unwrap_or(0)),
        Refusal::NoDefaultSim => SendError::NoDefaultSim,
        Refusal::SimsHidden => SendError::SimsHidden,
        Refusal::Invalid => SendError::Invalid,
        Refusal::Platform => SendError::Platform(why),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meaning_of_an_answer_is_a_count_of_parts_or_a_reason() {
        let check =
            |answer: &str, expected| assert_eq!(meaning(answer, Some(3)), expected, "{answer}");
        let taken = |parts, sim_number| Ok(Accepted { parts, sim_number });
        check(r#"{"parts":3,"sim":2}"#, taken(3, Some(2)));
        check(r#"{"parts":1,"sim":0}"#, taken(1, None));
        check(r#"{"parts":1}"#, taken(1, None));
        for (name, error) in [
            ("notPermitted", SendError::NotPermitted),
            ("noSim", SendError::NoSim),
            ("noSuchSim", SendError::NoSuchSim(3)),
            ("noDefaultSim", SendError::NoDefaultSim),
            ("simsHidden", SendError::SimsHidden),
            ("invalid", SendError::Invalid),
        ] {
            check(&format!(r#"{{"refused":"{name}"}}"#), Err(error));
        }
        check(
            r#"{"refused":"platform","why":"java.lang.Error"}"#,
            Err(SendError::Platform("java.lang.Error".into())),
        );
        // The message may then be on its way.
        for nonsense in [
            "",
            "null",
            "{}",
            r#"{"refused":"other"}"#,
            r#"{"parts":-1}"#,
        ] {
            check(nonsense, Ok(UNKNOWN));
        }
    }
}

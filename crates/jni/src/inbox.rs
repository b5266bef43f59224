//! The phone inbox, which the shell reads and returns a page at a time, as JSON.

use jni::errors::Error;
use jni::objects::{JObject, JString};
use jni::{Env, JValue, jni_sig, jni_str};
use serde::Deserialize;
use simrelay_core::PhoneNumber;
use simrelay_core::clock::UnixMillis;
use simrelay_core::phone_inbox::{PhoneInbox, PhoneInboxError, PhoneRow, RowPage};

use crate::arguments::{sent_at, sim_number, text};
use crate::boundary::Failure;
use crate::callbacks::Callbacks;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct RowJson {
    id: i64,
    sender: String,
    text: String,
    sent_at_millis: i64,
    received_at_millis: i64,
    sim_number: i32,
}

impl PhoneInbox for Callbacks {
    fn rows(&self, page: &RowPage) -> Result<Vec<PhoneRow>, PhoneInboxError> {
        let json = self.with(|env, target| ask(env, target, page));
        match json.map_err(failed)? {
            None => Err(PhoneInboxError::NotAllowed),
            Some(json) => read(&json),
        }
    }
}

/// Asks the shell for a page; returns `None` while the shell may not read.
fn ask(env: &mut Env<'_>, target: &JObject<'_>, page: &RowPage) -> Result<Option<String>, Failure> {
    // For the first page: no row has a time that old.
    let (after, after_id) = page.after.unwrap_or((UnixMillis(i64::MIN), 0));
    let signature = jni_sig!((
        since_millis: jlong, until_millis: jlong, after_millis: jlong, after_id: jlong, limit: jint
    ) -> java.lang.String);
    let arguments = [
        JValue::Long(page.since.0),
        JValue::Long(page.until.0),
        JValue::Long(after.0),
        JValue::Long(after_id),
        JValue::Int(i32::try_from(page.limit).unwrap_or(i32::MAX)),
    ];
    let name = jni_str!("inboxRows");
    let answer = env.call_method(target, name, &signature, &arguments)?.l()?;
    if answer.is_null() {
        return Ok(None);
    }
    let json = env.cast_local::<JString>(answer)?;
    Ok(Some(text(env, &json)?))
}

/// An exception may quote a message, so only its class is reported.
fn failed(failure: Failure) -> PhoneInboxError {
    PhoneInboxError::Failed(match failure {
        Failure::Machine(Error::CaughtJavaException { name, .. }) => name,
        other => other.to_string(),
    })
}

fn read(json: &str) -> Result<Vec<PhoneRow>, PhoneInboxError> {
    // The error shows a place, never a value.
    let rows: Vec<RowJson> = serde_json::from_str(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        PhoneInboxError::Failed(format!("wrong rows at line {line}, column {column}"))
    })?;
    Ok(rows.into_iter().map(row).collect())
}

fn row(told: RowJson) -> PhoneRow {
    PhoneRow {
        id: told.id,
        sender: PhoneNumber::new(told.sender),
        text: told.text,
        sent_at: sent_at(told.sent_at_millis),
        received_at: UnixMillis(told.received_at_millis),
        sim_number: sim_number(told.sim_number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_errors_quote_none_of_them() {
        let json = r#"[{"id":7,"sender":"+1","text":"code","sentAtMillis":0,
            "receivedAtMillis":1700000000123,"simNumber":2}]"#;
        let rows = read(json).expect("it is right");
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].id, rows[0].sim_number), (7, Some(2)));
        assert_eq!(rows[0].sent_at, None);
        assert_eq!(rows[0].received_at, UnixMillis(1_700_000_000_123));
        assert_eq!(rows[0].text, "code");
        let wrong = json.replace("\"text\":\"code\"", "\"text\":4711");
        let error = read(&wrong).expect_err("a text is a string");
        assert!(!format!("{error:?}").contains("4711"), "{error:?}");
    }
}

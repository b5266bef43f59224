//! The client of the crash test: JSON to and from the gateway.

use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use ureq::http::{Request, Response};
use ureq::{AsSendBody, Body};

use crate::host::{PASSWORD, USER};

/// Posts JSON to the gateway. Returns the status and the answer.
pub fn post(address: &str, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
    let request = request("POST", address, path).header("Content-Type", "application/json");
    read(send(request.body(body.to_string())?)?)
}

/// Gets JSON from the gateway. Returns the status and the answer.
pub fn get(address: &str, path: &str) -> anyhow::Result<(u16, Value)> {
    read(send(request("GET", address, path).body(())?)?)
}

fn request(method: &str, address: &str, path: &str) -> ureq::http::request::Builder {
    let credentials = BASE64_STANDARD.encode(format!("{USER}:{PASSWORD}"));
    Request::builder()
        .method(method)
        .uri(format!("http://{address}{path}"))
        .header("Authorization", format!("Basic {credentials}"))
}

/// On a connection of its own: those of a killed host are of no use.
fn send(request: Request<impl AsSendBody>) -> Result<Response<Body>, ureq::Error> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .new_agent();
    agent.run(request)
}

/// An answer that is not JSON counts as null.
fn read(mut answer: Response<Body>) -> anyhow::Result<(u16, Value)> {
    let status = answer.status().as_u16();
    let body = answer.body_mut().read_to_vec();
    let body = body.context("the answer ended too early")?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

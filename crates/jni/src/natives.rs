//! The work of each native: convert, call, convert.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jni::Env;
use jni::objects::{JByteArray, JObject, JObjectArray, JString};
use jni::sys::{jint, jlong};
use serde::Deserialize;
use simrelay_core::receiving::{
    Incoming, IncomingData, IncomingMmsNotification, IncomingPdus, IncomingSms,
};
use simrelay_core::server::LanServer;
use simrelay_core::{AccessChange, Deps, Gateway, OpenOptions};

use crate::arguments::{byte_arrays, delivery_key, origin, sim_number, text, trust_roots};
use crate::boundary::Failure;
use crate::callbacks::Callbacks;
use crate::{device, logger, message, slot, status};

type ByteArrays<'local> = JObjectArray<'local, JByteArray<'local>>;

pub(crate) fn open(
    env: &mut Env<'_>,
    directory: &JString<'_>,
    told: &JString<'_>,
    callbacks: &JObject<'_>,
    may_migrate: bool,
) -> Result<(), Failure> {
    logger::install();
    let (directory, told) = (text(env, directory)?, text(env, told)?);
    let callbacks = Arc::new(Callbacks::new(env, callbacks)?);
    let again = Arc::clone(&callbacks);
    slot::open(
        Path::new(&directory),
        may_migrate,
        |open| {
            open.callbacks.adopt(&again);
            open.gateway.device_changed(device::change(&told)?);
            Ok(())
        },
        || {
            let options = OpenOptions {
                may_migrate,
                // Recovery takes as long as a migration, so a broadcast leaves it to the next
                // opening.
                recover_by_itself: may_migrate,
                ..OpenOptions::default()
            };
            let system = Deps::system(device::whole(&told)?);
            let deps = Deps {
                shell: Arc::clone(&callbacks) as _,
                inbox: Some(Arc::clone(&callbacks) as _),
                modem: Arc::clone(&callbacks) as _,
                boot: device::boot(&told)?.unwrap_or(system.boot),
                ..system
            };
            let gateway = Gateway::open(Path::new(&directory), options, deps)?;
            Ok((gateway, callbacks))
        },
    )
}

pub(crate) fn start(
    env: &mut Env<'_>,
    roots: &ByteArrays<'_>,
    serve_api: bool,
) -> Result<(), Failure> {
    let roots = trust_roots(env, roots)?;
    let open = slot::opened()?;
    let runtime = open.runtime.handle();
    open.gateway.start(runtime, roots);
    if serve_api {
        let mut server = open.server();
        server.get_or_insert_with(|| LanServer::start(&open.gateway, runtime));
    }
    Ok(())
}

pub(crate) fn stop(timeout_millis: jlong) -> Result<(), Failure> {
    let open = slot::opened()?;
    let timeout = Duration::from_millis(u64::try_from(timeout_millis).unwrap_or(0));
    let server = open.server().take();
    open.runtime.block_on(async {
        let serving = async {
            if let Some(server) = server {
                server.stop(timeout).await;
            }
        };
        tokio::join!(serving, open.gateway.stop(timeout));
    });
    Ok(())
}

/// Stores a message. Returns once it is on the disk.
fn receive<'local>(
    env: &mut Env<'local>,
    incoming: impl Into<Incoming>,
) -> Result<JString<'local>, Failure> {
    let id = slot::opened()?.gateway.receive_here(incoming)?;
    Ok(env.new_string(id.0)?)
}

pub(crate) fn sms_received<'local>(
    env: &mut Env<'local>,
    pdus: &ByteArrays<'_>,
    sim: jint,
    key: &JString<'_>,
) -> Result<JString<'local>, Failure> {
    let incoming = IncomingPdus {
        pdus: byte_arrays(env, pdus)?,
        sim_number: sim_number(sim),
        delivery_key: delivery_key(env, key)?,
    };
    receive(env, incoming)
}

pub(crate) fn text_received<'local>(
    env: &mut Env<'local>,
    sender: &JString<'_>,
    body: &JString<'_>,
    sent_at: jlong,
    sim: jint,
    key: &JString<'_>,
) -> Result<JString<'local>, Failure> {
    let incoming = IncomingSms {
        origin: origin(env, sender, sent_at, sim, key)?,
        text: text(env, body)?,
    };
    receive(env, incoming)
}

pub(crate) fn data_received<'local>(
    env: &mut Env<'local>,
    sender: &JString<'_>,
    data: &JByteArray<'_>,
    sent_at: jlong,
    sim: jint,
    key: &JString<'_>,
) -> Result<JString<'local>, Failure> {
    let incoming = IncomingData {
        origin: origin(env, sender, sent_at, sim, key)?,
        data: env.convert_byte_array(data)?,
    };
    receive(env, incoming)
}

pub(crate) fn mms_notified<'local>(
    env: &mut Env<'local>,
    pdu: &JByteArray<'_>,
    sim: jint,
    key: &JString<'_>,
) -> Result<JString<'local>, Failure> {
    let incoming = IncomingMmsNotification {
        pdu: env.convert_byte_array(pdu)?,
        sim_number: sim_number(sim),
        delivery_key: delivery_key(env, key)?,
    };
    receive(env, incoming)
}

pub(crate) fn mms_downloaded<'local>(
    env: &mut Env<'local>,
    json: &JString<'_>,
    data: &ByteArrays<'_>,
    key: &JString<'_>,
) -> Result<JString<'local>, Failure> {
    let (json, key) = (text(env, json)?, delivery_key(env, key)?);
    let incoming = message::downloaded(&json, byte_arrays(env, data)?, key)?;
    receive(env, incoming)
}

pub(crate) fn network_changed(
    online: bool,
    transport: jint,
    cellular: jint,
) -> Result<(), Failure> {
    let network = device::network(online, transport, cellular);
    slot::opened()?.gateway.network_changed(network);
    Ok(())
}

pub(crate) fn device_changed(env: &mut Env<'_>, told: &JString<'_>) -> Result<(), Failure> {
    let change = device::change(&text(env, told)?)?;
    slot::opened()?.gateway.device_changed(change);
    Ok(())
}

pub(crate) fn trust_changed(env: &mut Env<'_>, roots: &ByteArrays<'_>) -> Result<(), Failure> {
    let roots = trust_roots(env, roots)?;
    slot::opened()?.gateway.trust_changed(roots);
    Ok(())
}

pub(crate) fn wake() -> Result<(), Failure> {
    slot::opened()?.gateway.clock_changed();
    Ok(())
}

pub(crate) fn set_access(env: &mut Env<'_>, access: &JString<'_>) -> Result<(), Failure> {
    #[derive(Deserialize)]
    #[serde(expecting = "an object")]
    struct AccessJson {
        user: Option<String>,
        password: Option<String>,
        port: Option<i64>,
        #[serde(rename = "deviceId")]
        device_id: Option<String>,
    }
    // The error for a wrong type would show the value, which may be the password.
    let told: AccessJson = serde_json::from_str(&text(env, access)?).map_err(|_| {
        let sentence =
            "access must be an object with user, password, deviceId (texts) or port (a number).";
        Failure::Argument(sentence.into())
    })?;
    let change = AccessChange {
        user: told.user,
        password: told.password,
        port: told.port,
        device_id: told.device_id,
    };
    let open = slot::opened()?;
    Ok(open.runtime.block_on(open.gateway.set_access(change))?)
}

pub(crate) fn status<'local>(env: &mut Env<'local>) -> Result<JString<'local>, Failure> {
    Ok(env.new_string(status::json(slot::peek().as_deref())?)?)
}

/// Reads the phone inbox. Returns how many messages got their event.
pub(crate) fn reconcile() -> Result<jint, Failure> {
    let reconciled = slot::opened()?.gateway.reconcile();
    let told = reconciled.map_err(|error| Failure::State(error.to_string()))?;
    Ok(jint::try_from(told.told).unwrap_or(jint::MAX))
}

pub(crate) fn sign_in_path<'local>(env: &mut Env<'local>) -> Result<JString<'local>, Failure> {
    Ok(env.new_string(slot::opened()?.gateway.sign_in_path())?)
}

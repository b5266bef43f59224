//! The symbols of `dev.simrelay.NativeBridge`. Each passes its arguments to [`natives`] by
//! [`call`].
#![allow(
    unsafe_code,
    non_snake_case,
    reason = "the virtual machine finds natives by the name of their symbol"
)]

use jni::EnvUnowned;
use jni::objects::{JByteArray, JObject, JObjectArray, JString};
use jni::sys::{jboolean, jint, jlong};

use crate::boundary::call;
use crate::{natives, parts};

type Bridge<'local> = JObject<'local>;
type ByteArrays<'local> = JObjectArray<'local, JByteArray<'local>>;

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_open<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    directory: JString<'local>,
    device: JString<'local>,
    callbacks: JObject<'local>,
    may_migrate: jboolean,
) {
    call(env, |env| {
        natives::open(env, &directory, &device, &callbacks, may_migrate)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_start<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    trust_roots: ByteArrays<'local>,
    serve_api: jboolean,
) {
    call(env, |env| natives::start(env, &trust_roots, serve_api))
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_stop<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    timeout_millis: jlong,
) {
    call(env, |_| natives::stop(timeout_millis))
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_smsReceived<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    pdus: ByteArrays<'local>,
    sim_number: jint,
    delivery_key: JString<'local>,
) -> JString<'local> {
    call(env, |env| {
        natives::sms_received(env, &pdus, sim_number, &delivery_key)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_textReceived<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    sender: JString<'local>,
    text: JString<'local>,
    sent_at_millis: jlong,
    sim_number: jint,
    delivery_key: JString<'local>,
) -> JString<'local> {
    call(env, |env| {
        natives::text_received(
            env,
            &sender,
            &text,
            sent_at_millis,
            sim_number,
            &delivery_key,
        )
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_dataReceived<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    sender: JString<'local>,
    data: JByteArray<'local>,
    sent_at_millis: jlong,
    sim_number: jint,
    delivery_key: JString<'local>,
) -> JString<'local> {
    call(env, |env| {
        natives::data_received(
            env,
            &sender,
            &data,
            sent_at_millis,
            sim_number,
            &delivery_key,
        )
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_mmsNotified<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    pdu: JByteArray<'local>,
    sim_number: jint,
    delivery_key: JString<'local>,
) -> JString<'local> {
    call(env, |env| {
        natives::mms_notified(env, &pdu, sim_number, &delivery_key)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_mmsDownloaded<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    message: JString<'local>,
    data: ByteArrays<'local>,
    delivery_key: JString<'local>,
) -> JString<'local> {
    call(env, |env| {
        natives::mms_downloaded(env, &message, &data, &delivery_key)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_networkChanged<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    online: jboolean,
    transport: jint,
    cellular: jint,
) {
    call(env, |_| {
        natives::network_changed(online, transport, cellular)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_deviceChanged<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    device: JString<'local>,
) {
    call(env, |env| natives::device_changed(env, &device))
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_trustChanged<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    trust_roots: ByteArrays<'local>,
) {
    call(env, |env| natives::trust_changed(env, &trust_roots))
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_wake<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
) {
    call(env, |_| natives::wake())
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_setAccess<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    access: JString<'local>,
) {
    call(env, |env| natives::set_access(env, &access))
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_status<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
) -> JString<'local> {
    call(env, |env| natives::status(env))
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_reconcile<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
) -> jint {
    call(env, |_| natives::reconcile())
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_signInPath<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
) -> JString<'local> {
    call(env, |env| natives::sign_in_path(env))
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_partSent<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    message_id: JString<'local>,
    recipient: jint,
    part: jint,
    parts: jint,
    sim_number: jint,
    result_code: jint,
    cause: jint,
) {
    call(env, |env| {
        let told = (&message_id, recipient, part, parts, sim_number);
        parts::sent(env, told, result_code, cause)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_partReported<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    message_id: JString<'local>,
    recipient: jint,
    part: jint,
    parts: jint,
    sim_number: jint,
    pdu: JByteArray<'local>,
) {
    call(env, |env| {
        parts::reported(env, (&message_id, recipient, part, parts, sim_number), &pdu)
    })
}

#[unsafe(no_mangle)]
extern "system" fn Java_dev_simrelay_NativeBridge_partReported3gpp2<'local>(
    env: EnvUnowned<'local>,
    _: Bridge<'local>,
    message_id: JString<'local>,
    recipient: jint,
    part: jint,
    parts: jint,
    sim_number: jint,
    status: jint,
) {
    call(env, |env| {
        parts::reported_3gpp2(
            env,
            (&message_id, recipient, part, parts, sim_number),
            status,
        )
    })
}

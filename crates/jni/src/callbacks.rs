//! Calls the shell, on the object that it passed to `open`.
//!
//! The object is kept as a global reference, and its methods are looked up by its own class,
//! because a class that a Rust thread looks up by name may be another class loader's. A thread is
//! attached for the call only: calls are rare (only on change), and an attached thread would keep a
//! virtual machine from ending.

use std::sync::{Arc, Mutex, PoisonError};

use jni::objects::JObject;
use jni::refs::Global;
use jni::signature::MethodSignature;
use jni::strings::JNIStr;
use jni::{Env, JValue, JavaVM, jni_sig, jni_str};
use simrelay_core::Shell;
use simrelay_core::clock::UnixMillis;

use crate::boundary::Failure;

type Target = Arc<Global<JObject<'static>>>;

/// The shell's `NativeCallbacks`.
#[derive(Debug)]
pub(crate) struct Callbacks {
    machine: JavaVM,
    target: Mutex<Target>,
}

impl Callbacks {
    pub fn new(env: &mut Env<'_>, target: &JObject<'_>) -> Result<Self, Failure> {
        Ok(Self {
            machine: env.get_java_vm()?,
            target: Mutex::new(keep(env, target)?),
        })
    }

    /// Uses the other's object from now on.
    pub fn adopt(&self, other: &Self) {
        let target = other.target();
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
    }

    fn target(&self) -> Target {
        self.target
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Calls the function with the shell's object. An exception becomes the error.
    pub fn with<T, E: From<jni::errors::Error>>(
        &self,
        work: impl FnOnce(&mut Env<'_>, &JObject<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let target = self.target();
        self.machine
            .attach_current_thread_for_scope(|env| work(env, (*target).as_ref()))
    }

    /// Calls a method. An exception is logged by its class only and cleared: no caller could handle
    /// it.
    fn call(&self, name: &JNIStr, signature: &MethodSignature<'_, '_>, argument: JValue<'_>) {
        let called = self.with(|env, target| {
            env.call_method(target, name, signature, &[argument])
                .map(drop)
        });
        match called {
            Ok(()) => {}
            Err(jni::errors::Error::CaughtJavaException { name: class, .. }) => {
                tracing::error!(callback = %name, %class, "a callback threw");
            }
            Err(error) => tracing::error!(callback = %name, %error, "a callback failed"),
        }
    }
}

fn keep(env: &mut Env<'_>, target: &JObject<'_>) -> Result<Target, Failure> {
    if target.is_null() {
        return Err(Failure::Argument("callbacks must not be null.".into()));
    }
    Ok(Arc::new(env.new_global_ref(target)?))
}

impl Shell for Callbacks {
    fn wakes(&self) -> bool {
        true
    }

    fn schedule_wake(&self, at: Option<UnixMillis>) {
        let millis = at.map_or(0, |at| at.0.max(1));
        let signature = jni_sig!((at_millis: jlong) -> void);
        self.call(jni_str!("scheduleWake"), &signature, JValue::Long(millis));
    }

    fn deliveries_pending(&self, pending: bool) {
        let signature = jni_sig!((pending: jboolean) -> void);
        self.call(
            jni_str!("deliveriesPending"),
            &signature,
            JValue::Bool(pending),
        );
    }
}

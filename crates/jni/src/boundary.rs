//! The one wrapper around every native: no panic unwinds into the virtual machine, and every
//! failure is an exception with its text.

use std::any::Any;

use jni::errors::{Error, ErrorPolicy};
use jni::objects::JObject;
use jni::strings::JNIString;
use jni::{Env, EnvUnowned, JValue, jni_sig, jni_str};
use simrelay_core::receiving::ReceiveError;
use simrelay_core::{AccessError, OpenError, StoreError};

/// Why a native failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An argument is wrong: `IllegalArgumentException`.
    #[error("{0}")]
    Argument(String),
    /// The call is not possible now: `IllegalStateException`.
    #[error("{0}")]
    State(String),
    /// The virtual machine refused: the pending exception, otherwise `IllegalStateException`;
    /// `IllegalArgumentException` for a null.
    #[error(transparent)]
    Machine(#[from] Error),
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::State(error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::State(error.to_string())
    }
}

impl From<ReceiveError> for Failure {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Undecodable(error) => Self::Argument(error.to_string()),
            ReceiveError::Store(error) => error.into(),
        }
    }
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Store(error) => error.into(),
            refused => Self::Argument(refused.to_string()),
        }
    }
}

/// Runs a native. If it fails or panics, an exception is pending and a default is returned.
pub(crate) fn call<'local, T: Default>(
    mut env: EnvUnowned<'local>,
    native: impl FnOnce(&mut Env<'local>) -> Result<T, Failure>,
) -> T {
    env.with_env(native).resolve::<Throw>()
}

/// Turns failures and panics into exceptions.
struct Throw;

impl<T: Default> ErrorPolicy<T, Failure> for Throw {
    type Captures<'unowned_env_local: 'native_method, 'native_method> = ();

    fn on_error<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        failure: Failure,
    ) -> Result<T, Error> {
        let class = match failure {
            Failure::Argument(_) | Failure::Machine(Error::NullPtr(_)) => {
                jni_str!("java/lang/IllegalArgumentException")
            }
            Failure::State(_) | Failure::Machine(_) => jni_str!("java/lang/IllegalStateException"),
        };
        if !env.exception_check() {
            thrown(env.throw_new(class, JNIString::new(failure.to_string())))?;
        }
        Ok(T::default())
    }

    fn on_panic<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        (): &mut (),
        panic: Box<dyn Any + Send + 'static>,
    ) -> Result<T, Error> {
        if env.exception_check() {
            return Ok(T::default());
        }
        let text = env.new_string(text_of(&*panic))?;
        let text: &JObject<'_> = text.as_ref();
        let class = jni_str!("java/lang/AssertionError");
        let detail = jni_sig!((detail: java.lang.Object) -> void);
        let error = env.new_object(class, detail, &[JValue::Object(text)])?;
        let error = env.cast_local::<jni::objects::JThrowable>(error)?;
        thrown(env.throw(error))?;
        Ok(T::default())
    }
}

/// Converts the result of a throw: `Env::throw` returns `Err(JavaException)` on success, so that
/// callers leave by `?`.
fn thrown(outcome: Result<(), Error>) -> Result<(), Error> {
    match outcome {
        Ok(()) | Err(Error::JavaException) => Ok(()),
        Err(error) => Err(error),
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".into())
}

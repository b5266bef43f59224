//! `libsimrelay.so`: the gateway for the Kotlin shell. Convert, call, convert; no logic.
//!
//! The shell's side is one Kotlin object, `dev.simrelay.NativeBridge`, of `external fun`s:
//!
//! | Native | Signature |
//! |---|---|
//! | `open` | `(Ljava/lang/String;Ljava/lang/String;Ldev/simrelay/NativeCallbacks;Z)V` |
//! | `start` | `([[BZ)V` |
//! | `stop` | `(J)V` |
//! | `smsReceived` | `([[BILjava/lang/String;)Ljava/lang/String;` |
//! | `textReceived` | `(Ljava/lang/String;Ljava/lang/String;JILjava/lang/String;)Ljava/lang/String;` |
//! | `dataReceived` | `(Ljava/lang/String;[BJILjava/lang/String;)Ljava/lang/String;` |
//! | `mmsNotified` | `([BILjava/lang/String;)Ljava/lang/String;` |
//! | `mmsDownloaded` | `(Ljava/lang/String;[[BLjava/lang/String;)Ljava/lang/String;` |
//! | `partSent` | `(Ljava/lang/String;IIIIII)V` |
//! | `partReported` | `(Ljava/lang/String;IIII[B)V` |
//! | `partReported3gpp2` | `(Ljava/lang/String;IIIII)V` |
//! | `networkChanged` | `(ZII)V` |
//! | `deviceChanged` | `(Ljava/lang/String;)V` |
//! | `trustChanged` | `([[B)V` |
//! | `wake` | `()V` |
//! | `setAccess` | `(Ljava/lang/String;)V` |
//! | `status` | `()Ljava/lang/String;` |
//! | `reconcile` | `()I` |
//! | `signInPath` | `()Ljava/lang/String;` |
//!
//! A test compares this table with the symbols that the library exports. An unknown value is 0 or
//! `""`, so that no call needs a null. `docs/architecture.md` describes each of them.
//!
//! * [`exports`] has the symbols, the only unsafe code;
//! * [`boundary`] is the one wrapper around all of them: panics and errors become exceptions;
//! * [`slot`] holds the open gateway, the only process-wide state beside the logger;
//! * [`natives`] does the work of each native, [`parts`] that of those about sent parts;
//! * [`arguments`], [`device`], [`message`] and [`status`] convert;
//! * [`callbacks`] calls the shell, [`modem`] calls it to send;
//! * [`inbox`] reads the phone inbox by it;
//! * [`logger`] and [`platform`] pass the gateway's log to the system's.

mod arguments;
mod boundary;
mod callbacks;
mod device;
mod exports;
mod inbox;
mod logger;
mod message;
mod modem;
mod natives;
mod parts;
mod platform;
mod result_codes;
mod slot;
mod status;

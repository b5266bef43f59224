//! The table of stages.

use super::work;
use crate::shell::{cargo, run};
use crate::system::Tool;
use crate::system::tools::{
    AAPT, APKSIGNER, C_COMPILER, CHROMEDRIVER, CHROMIUM, CLIPPY, CPP_COMPILER, CURL, GIT, JDK,
    MAVEN, NM, NPM, OPENSSL, PRLIMIT, PYTHON_VENV, RUSTFMT, RUSTUP, ZIPALIGN,
};
use crate::{android, browser, clients, crash, fuzz};

/// A part of `cargo xtask test`.
pub struct Stage {
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// When it is ended: three times what it takes on a machine with two cores and nothing built, or more.
    pub minutes: u64,
    /// What it needs beside Rust, of the system's packages.
    pub tools: &'static [&'static Tool],
    pub work: fn() -> anyhow::Result<()>,
}

/// In the order of what fails fastest.
pub static STAGES: [Stage; 13] = [
    Stage {
        name: "format",
        about: "rustfmt",
        minutes: 2,
        tools: &[&RUSTFMT],
        work: || run(&mut cargo(&["fmt", "--all", "--check"])),
    },
    Stage {
        name: "lints",
        about: "clippy",
        minutes: 20,
        tools: &[&C_COMPILER, &CLIPPY],
        work: work::lints,
    },
    Stage {
        name: "docs",
        about: "doc comments and their links",
        minutes: 15,
        tools: &[&C_COMPILER],
        work: work::docs,
    },
    Stage {
        name: "tests",
        about: "unit and integration tests",
        minutes: 30,
        tools: &[&C_COMPILER, &CURL, &OPENSSL, &PRLIMIT],
        work: || run(&mut cargo(&["test", "--workspace", "--no-fail-fast"])),
    },
    Stage {
        name: "dependencies",
        about: "each is used; licences, sources, duplicates, advisories",
        minutes: 20,
        tools: &[&C_COMPILER, &GIT],
        work: work::dependencies,
    },
    Stage {
        name: "msrv",
        about: "the oldest Rust that Cargo.toml promises",
        minutes: 20,
        tools: &[&C_COMPILER],
        work: work::msrv,
    },
    Stage {
        name: "api",
        about: "the API against its description, by schemathesis",
        minutes: 20,
        tools: &[&C_COMPILER, &PYTHON_VENV],
        work: work::schemathesis,
    },
    Stage {
        name: "clients",
        about: "the clients that are published for SMSGate",
        minutes: 10,
        tools: &[&C_COMPILER, &PYTHON_VENV, &NPM],
        work: clients::run_all,
    },
    Stage {
        name: "browser",
        about: "the page in Chromium",
        minutes: 20,
        tools: &[&C_COMPILER, &CHROMIUM, &CHROMEDRIVER, &NPM],
        work: || browser::test(false),
    },
    Stage {
        name: "crash",
        about: "twenty kills",
        minutes: 10,
        tools: &[&C_COMPILER],
        work: || {
            crash::run(&crash::Options {
                kills: 20,
                seed: None,
            })
        },
    },
    Stage {
        name: "fuzz",
        about: "a minute of fuzzing each",
        minutes: 30,
        tools: &[&C_COMPILER, &CPP_COMPILER],
        work: || {
            fuzz::run_all(&fuzz::Options {
                seconds: 60,
                targets: Vec::new(),
            })
        },
    },
    Stage {
        name: "android-core",
        about: "the core as a phone's compiler sees it",
        minutes: 15,
        tools: &[&RUSTUP, &CLIPPY],
        work: android::check,
    },
    Stage {
        name: "android-shell",
        about: "the app on a JVM, and the APK without native libraries",
        minutes: 30,
        tools: &[&C_COMPILER, &JDK, &MAVEN, &NM, &APKSIGNER, &AAPT, &ZIPALIGN],
        work: work::android_shell,
    },
];

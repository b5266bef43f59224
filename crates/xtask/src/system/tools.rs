//! The tools, each with a probe and its packages.

use super::packages::Packages;
use super::{Get, Tool};

pub static C_COMPILER: Tool = Tool {
    name: "a C compiler",
    probe: &["cc", "--version"],
    get: Get::Packages(Packages {
        debian: "gcc libc6-dev",
        fedora: "gcc",
        arch: "gcc",
        homebrew: "llvm",
    }),
};

/// libFuzzer is C++; without a nightly toolchain nothing is fuzzed.
pub static CPP_COMPILER: Tool = Tool {
    name: "a C++ compiler, as there is a nightly toolchain",
    probe: &["sh", "-c", "c++ --version || ! rustup run nightly rustc -V"],
    get: Get::Packages(Packages {
        debian: "g++",
        fedora: "gcc-c++",
        arch: "gcc",
        homebrew: "llvm",
    }),
};

pub static OPENSSL: Tool = Tool {
    name: "openssl",
    probe: &["openssl", "version"],
    get: Get::Packages(Packages::same("openssl")),
};

pub static CURL: Tool = Tool {
    name: "curl",
    probe: &["curl", "--version"],
    get: Get::Packages(Packages::same("curl")),
};

pub static GIT: Tool = Tool {
    name: "git",
    probe: &["git", "--version"],
    get: Get::Packages(Packages::same("git")),
};

/// It lowers a process's limits, for tests of the host.
pub static PRLIMIT: Tool = Tool {
    name: "prlimit",
    probe: &["prlimit", "--version"],
    get: Get::Packages(Packages::same("util-linux")),
};

pub static PYTHON_VENV: Tool = Tool {
    name: "Python 3.10 or newer with venv",
    probe: &[
        "python3",
        "-c",
        "import ensurepip, sys; sys.exit(sys.version_info < (3, 10))",
    ],
    get: Get::Packages(Packages {
        debian: "python3 python3-venv",
        fedora: "python3",
        arch: "python",
        homebrew: "python",
    }),
};

pub static NPM: Tool = Tool {
    name: "Node 18 or newer with npm",
    probe: &[
        "sh",
        "-c",
        "npm --version && node --eval 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'",
    ],
    get: Get::Packages(Packages {
        debian: "nodejs npm",
        fedora: "nodejs npm",
        arch: "nodejs npm",
        homebrew: "node",
    }),
};

pub static CHROMIUM: Tool = Tool {
    name: "Chromium",
    probe: &["which", "chromium"],
    get: Get::Packages(Packages::same("chromium")),
};

pub static CHROMEDRIVER: Tool = Tool {
    name: "chromedriver",
    probe: &["chromedriver", "--version"],
    get: Get::Packages(Packages {
        debian: "chromium-driver",
        fedora: "chromedriver",
        arch: "chromium",
        homebrew: "chromedriver",
    }),
};

pub static JDK: Tool = Tool {
    name: "a JDK 17 or newer",
    probe: &["javac", "-version"],
    get: Get::Packages(Packages {
        debian: "default-jdk-headless",
        fedora: "java-21-openjdk-devel",
        arch: "jdk21-openjdk",
        homebrew: "openjdk",
    }),
};

pub static MAVEN: Tool = Tool {
    name: "Maven 3.8 or newer",
    probe: &["mvn", "--version"],
    get: Get::Packages(Packages::same("maven")),
};

pub static NM: Tool = Tool {
    name: "nm",
    probe: &["nm", "--version"],
    get: Get::Packages(Packages::same("binutils")),
};

pub static APKSIGNER: Tool = Tool {
    name: "apksigner",
    probe: &["apksigner", "version"],
    get: Get::DebianOrSdk("apksigner"),
};

pub static AAPT: Tool = Tool {
    name: "aapt",
    probe: &["aapt", "version"],
    get: Get::DebianOrSdk("aapt"),
};

pub static ZIPALIGN: Tool = Tool {
    name: "zipalign",
    probe: &["which", "zipalign"],
    get: Get::DebianOrSdk("zipalign"),
};

pub static RUSTFMT: Tool = Tool {
    name: "rustfmt",
    probe: &["cargo", "fmt", "--version"],
    get: Get::ByHand("rustup component add rustfmt"),
};

pub static CLIPPY: Tool = Tool {
    name: "clippy",
    probe: &["cargo", "clippy", "--version"],
    get: Get::ByHand("rustup component add clippy"),
};

/// It brings the standard library for phones.
pub static RUSTUP: Tool = Tool {
    name: "rustup",
    probe: &["rustup", "--version"],
    // Its package removes the distribution's cargo, which may be what runs this.
    get: Get::ByHand("see https://rustup.rs"),
};

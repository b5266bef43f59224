//! The native library for phones, by the compilers of Google's NDK.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use object::{Object, ObjectSegment};

use crate::android::{C_FLAGS, add_target};
use crate::shell::{cargo, root, run, target_dir};

/// Android 8, the oldest that the app runs on.
const API_LEVEL: u32 = 26;
/// Android 15 has phones with pages of 16 KiB; a library aligned to less does not load there.
pub const PAGE: u64 = 16_384;

/// A kind of processor, by the name that an APK has for it.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Abi {
    #[value(name = "arm64-v8a")]
    Arm64,
    #[value(name = "armeabi-v7a")]
    Arm32,
    #[value(name = "x86_64")]
    X86_64,
    #[value(name = "x86")]
    X86,
}

impl Abi {
    /// What phones and emulators have; 32-bit x86 only on request.
    pub const USUAL: [Self; 3] = [Self::Arm64, Self::Arm32, Self::X86_64];

    /// As in `lib/<name>/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64-v8a",
            Self::Arm32 => "armeabi-v7a",
            Self::X86_64 => "x86_64",
            Self::X86 => "x86",
        }
    }

    /// As rustc calls it.
    fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-linux-android",
            Self::Arm32 => "armv7-linux-androideabi",
            Self::X86_64 => "x86_64-linux-android",
            Self::X86 => "i686-linux-android",
        }
    }

    /// As the NDK's compilers are called.
    fn clang(self) -> String {
        let triple = match self {
            Self::Arm32 => "armv7a-linux-androideabi",
            _ => self.target(),
        };
        format!("{triple}{API_LEVEL}-clang")
    }
}

/// An NDK's directory of programs.
pub struct Ndk {
    bin: PathBuf,
}

impl Ndk {
    /// `ANDROID_NDK_HOME`, or the newest under `$ANDROID_HOME/ndk`.
    pub fn find() -> anyhow::Result<Self> {
        let home = std::env::var_os("ANDROID_NDK_HOME").map(PathBuf::from);
        let home = home.or_else(newest_of_sdk).context(
            "there is no NDK: set ANDROID_NDK_HOME to one, or ANDROID_HOME to an SDK that holds one \
             in ndk/. Without it the phone's library cannot be built; --without-native builds the \
             rest for inspection",
        )?;
        let prebuilt = home.join("toolchains/llvm/prebuilt");
        let host = std::fs::read_dir(&prebuilt)
            .with_context(|| {
                format!(
                    "{} is no NDK: it has no toolchains/llvm/prebuilt",
                    home.display()
                )
            })?
            .next()
            .context("the NDK has no compilers in toolchains/llvm/prebuilt")??;
        Ok(Self {
            bin: host.path().join("bin"),
        })
    }

    /// Builds it; the file. Always the release profile: the file for a trial is to behave as the one
    /// for everybody.
    pub fn build(&self, abi: Abi) -> anyhow::Result<PathBuf> {
        let target = abi.target();
        add_target(target)?;
        run(&mut self.cargo(abi)).with_context(|| format!("no library for {}", abi.name()))?;
        let library = target_dir().join(target).join("release/libsimrelay.so");
        check_pages(&library)?;
        Ok(library)
    }

    fn cargo(&self, abi: Abi) -> Command {
        let target = abi.target();
        let clang = self.bin.join(abi.clang());
        let lower = target.replace('-', "_");
        let upper = lower.to_uppercase();
        let mut build = cargo(&[
            "build",
            "--release",
            "-p",
            "simrelay-jni",
            "--target",
            target,
        ]);
        build
            .env(format!("CC_{lower}"), &clang)
            .env(format!("AR_{lower}"), self.bin.join("llvm-ar"))
            .env(format!("CFLAGS_{lower}"), C_FLAGS)
            .env(format!("CARGO_TARGET_{upper}_LINKER"), &clang)
            .env(format!("CARGO_TARGET_{upper}_RUSTFLAGS"), rust_flags())
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
        build
    }
}

/// The alignment, and no directory of this machine in the library.
fn rust_flags() -> String {
    let mut flags = format!("-Clink-arg=-Wl,-z,max-page-size={PAGE}");
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| home.map(|home| home.join(".cargo")));
    let named = [(Some(root()), "."), (cargo_home, "cargo")];
    for (path, name) in named {
        if let Some(path) = path {
            flags += &format!(" --remap-path-prefix={}={name}", path.display());
        }
    }
    flags
}

fn check_pages(library: &Path) -> anyhow::Result<()> {
    let alignments = load_alignments(&std::fs::read(library)?)
        .with_context(|| format!("{} is not a library", library.display()))?;
    ensure!(
        alignments.iter().all(|alignment| alignment % PAGE == 0),
        "{} is aligned to {alignments:?} and would not load on phones with pages of 16 KiB",
        library.display()
    );
    Ok(())
}

/// The alignment of each segment that is mapped into memory.
fn load_alignments(file: &[u8]) -> anyhow::Result<Vec<u64>> {
    let alignments: Vec<u64> = object::File::parse(file)?
        .segments()
        .map(|segment| segment.align())
        .collect();
    ensure!(!alignments.is_empty(), "it has no segment to load");
    Ok(alignments)
}

fn newest_of_sdk() -> Option<PathBuf> {
    let sdk = PathBuf::from(std::env::var_os("ANDROID_HOME")?);
    let versions = std::fs::read_dir(sdk.join("ndk")).ok()?;
    versions
        .flatten()
        .max_by_key(|version| numbers(&version.file_name().to_string_lossy()))
        .map(|version| version.path())
}

/// `27.1.12297006` is newer than `9.0.0`.
fn numbers(version: &str) -> Vec<u64> {
    version
        .split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{load_alignments, numbers};

    #[test]
    fn load_alignments_are_those_of_a_real_file() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let alignments = load_alignments(&file).unwrap();
        assert!(alignments.len() > 1, "{alignments:?}");
        let is_page = |alignment: &u64| [4_096, 65_536].contains(alignment);
        assert!(alignments.iter().all(is_page), "{alignments:?}");
    }

    #[test]
    fn load_alignments_refuse_other_files() {
        assert!(load_alignments(b"PK\x03\x04").is_err());
        assert!(load_alignments(b"\x7fELF\x02").is_err());
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(numbers("27.1.12297006") > numbers("9.9.9"));
        assert!(numbers("27.1.10") > numbers("27.1.9"));
    }
}

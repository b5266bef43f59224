//! What stages need of the system: who lacks what, and on Debian and Ubuntu, as root, its installation.

mod packages;
pub mod tools;

use std::process::Command;

use crate::shell::{command, output, run};
use packages::{Packages, System};

/// A program that is not built or fetched here, but comes with the system.
pub struct Tool {
    pub name: &'static str,
    /// A command that succeeds if the tool is there.
    probe: &'static [&'static str],
    get: Get,
}

/// How one gets a tool.
enum Get {
    Packages(Packages),
    /// A package of Debian, and elsewhere a part of Android's SDK.
    DebianOrSdk(&'static str),
    /// By hand, and how.
    ByHand(&'static str),
}

/// A tool that is not there, and the stages that need it.
struct Missing {
    tool: &'static Tool,
    stages: Vec<&'static str>,
}

/// The names of the tools that the stages lack, after what can be installed was, if that is wanted.
pub fn prepare(
    needed: &[(&'static str, &[&'static Tool])],
    install: bool,
) -> anyhow::Result<Vec<&'static str>> {
    let missing = missing(needed);
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let system = System::here();
    println!("Not on this machine:");
    for Missing { tool, stages } in &missing {
        println!(
            "  {} (for {}): {}",
            tool.name,
            stages.join(", "),
            how(tool, system)
        );
    }
    if install && system == System::Debian && rustix::process::geteuid().is_root() {
        install_all(&missing);
    }
    let still_missing = missing.iter().filter(|missing| !missing.tool.is_there());
    Ok(still_missing.map(|missing| missing.tool.name).collect())
}

impl Tool {
    fn is_there(&self) -> bool {
        output(&mut command(self.probe[0], &self.probe[1..])).is_some()
    }
}

fn missing(needed: &[(&'static str, &[&'static Tool])]) -> Vec<Missing> {
    let mut all: Vec<Missing> = Vec::new();
    for (stage, tools) in needed {
        for tool in *tools {
            match all.iter_mut().find(|entry| entry.tool.name == tool.name) {
                Some(entry) => entry.stages.push(stage),
                None => all.push(Missing {
                    tool,
                    stages: vec![stage],
                }),
            }
        }
    }
    all.retain(|entry| !entry.tool.is_there());
    all
}

fn how(tool: &Tool, system: System) -> String {
    match &tool.get {
        Get::ByHand(how) => (*how).to_owned(),
        Get::Packages(packages) => system.advice(packages),
        Get::DebianOrSdk(package) if system == System::Debian => {
            format!("apt-get install {package}")
        }
        Get::DebianOrSdk(_) => "the build-tools of Android's SDK (sdkmanager)".to_owned(),
    }
}

/// A package that cannot be had leaves the others untouched.
fn install_all(missing: &[Missing]) {
    println!("Installing what is missing with apt-get; --no-install leaves it.");
    if let Err(error) = run(apt_get().arg("update")) {
        println!("The lists of packages were not updated: {error:#}");
    }
    for Missing { tool, stages } in missing {
        let packages = match &tool.get {
            Get::Packages(packages) => packages.debian,
            Get::DebianOrSdk(package) => package,
            Get::ByHand(_) => continue,
        };
        println!("== {} for {}: {packages}", tool.name, stages.join(", "));
        let words = ["install", "--yes", "--no-install-recommends", "-qq"];
        let installed = run(apt_get().args(words).args(packages.split(' ')));
        if let Err(error) = installed {
            println!("{} was not installed: {error:#}", tool.name);
        }
    }
}

fn apt_get() -> Command {
    let mut apt_get = command("apt-get", &[]);
    apt_get.env("DEBIAN_FRONTEND", "noninteractive");
    apt_get
}

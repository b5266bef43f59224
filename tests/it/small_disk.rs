//! A file system of three megabytes, for tests that fill it. Root may mount one, and anybody in a user
//! namespace of their own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set for a test that was started in a namespace of its own.
const UNSHARED: &str = "SIMRELAY_TEST_UNSHARED";

/// Unmounted when dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    pub fn mount(dir: &Path) -> Self {
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=3m", "none"])
            .arg(dir);
        let output = mount.output().expect("mount is installed");
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "no small disk: {complaint}");
        Self(dir.to_owned())
    }

    /// Fills what is free. Returns the file to delete afterwards.
    pub fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut size = 4 * 1024 * 1024;
        while size >= 4096 {
            let mut filler = std::fs::read(&path).unwrap_or_default();
            filler.resize(filler.len() + size, 0);
            if std::fs::write(&path, &filler).is_err() {
                std::fs::write(&path, &filler[..filler.len() - size])
                    .expect("what fitted before fits");
                size /= 2;
            }
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, because the database may still be open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}

/// Whether this process may mount. If it may not, the test of that name has been run in a namespace where
/// it may, or is skipped with a line; under `CI=true` it fails instead.
pub fn may_mount(test: &str) -> bool {
    if std::env::var_os(UNSHARED).is_some() || succeeds(unshare().args(["--mount", "true"])) {
        return true;
    }
    let own_namespace = ["--user", "--map-root-user", "--mount"];
    if succeeds(unshare().args(own_namespace).arg("true")) {
        let mut again = unshare();
        again
            .args(own_namespace)
            .arg(std::env::current_exe().unwrap());
        let again = again.args(["--exact", test]).env(UNSHARED, "1").output();
        let again = again.expect("unshare is installed");
        let said = String::from_utf8_lossy(&again.stdout);
        assert!(
            said.contains("1 passed"),
            "in a namespace of its own:\n{said}"
        );
        return false;
    }
    let line = format!("SKIPPED, because only root may mount a small disk here: {test}\n");
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{line}"
    );
    // Not by a macro, whose output the test harness would keep to itself.
    let _ = std::io::stderr().write_all(line.as_bytes());
    false
}

fn unshare() -> Command {
    Command::new("unshare")
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

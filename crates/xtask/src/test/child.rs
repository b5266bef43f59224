//! A stage as a process of its own, so that it and all that it started can be ended: at its time limit,
//! and when whoever started it is gone.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{
    Pid, Signal, getpgrp, getpid, kill_current_process_group, kill_process_group,
};

/// How a command came to its end.
pub enum Ended {
    Well,
    Badly,
    AtLimit,
}

/// Runs the command in a process group of its own, which is killed at the limit.
pub fn run(mut command: Command, limit: Duration) -> anyhow::Result<Ended> {
    let mut child = command
        .process_group(0)
        .stdin(Stdio::piped())
        .spawn()
        .context("the stage could not be started")?;
    // However this process ends, by Ctrl-C too, the pipe is closed, and the stage ends itself.
    let lifeline = child.stdin.take();
    let group = Pid::from_child(&child);
    let (sender, exit) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait()));
    let ended = match exit.recv_timeout(limit) {
        Ok(status) if status.as_ref().is_ok_and(ExitStatus::success) => Ended::Well,
        Ok(_) => Ended::Badly,
        Err(_) => {
            kill_process_group(group, Signal::KILL).context("the stage could not be ended")?;
            exit.recv()??;
            Ended::AtLimit
        }
    };
    drop(lifeline);
    Ok(ended)
}

/// The stage by this program, even after a stage has built it anew.
pub fn stage(name: &str) -> anyhow::Result<Command> {
    let running = Path::new("/proc/self/exe");
    let program = if running.exists() {
        running.to_owned()
    } else {
        std::env::current_exe()?
    };
    let mut command = Command::new(program);
    command.args(["stage", name]);
    Ok(command)
}

/// Ends this process and its group as soon as standard input is closed: nobody waits for it any more. Not if
/// it was started by hand, in the group of somebody else.
pub fn end_with_parent() {
    if getpgrp() != getpid() {
        return;
    }
    thread::spawn(|| {
        // Nothing is ever written to it.
        let _ = std::io::stdin().read(&mut [0]);
        let _ = kill_current_process_group(Signal::KILL);
    });
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::process::Command;
    use std::time::Duration;

    use super::{Ended, run};

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn run_tells_how_a_command_ended() {
        let ended = |script| run(shell(script), Duration::from_secs(60)).unwrap();
        assert!(matches!(ended("exit 0"), Ended::Well));
        assert!(matches!(ended("exit 3"), Ended::Badly));
    }

    #[test]
    fn run_kills_the_whole_group_at_the_limit() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut command = shell("sleep 600 & sleep 600");
        command.stdout(writer);
        let ended = run(command, Duration::from_millis(50)).unwrap();
        assert!(matches!(ended, Ended::AtLimit));
        // It comes to its end when the last of them is gone.
        let mut said = String::new();
        reader.read_to_string(&mut said).unwrap();
    }
}

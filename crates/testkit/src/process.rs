//! Child processes that do not outlive the test.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::Error;

/// How much of a server's log goes into an error, in bytes from its end.
const LOG_TAIL: usize = 2_000;

/// A running server. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program under `setpriv --pdeathsig KILL` (where that is installed), so that it ends even when the test
    /// process is killed. Its output goes to `log`.
    pub(crate) fn start(
        program: &Path,
        user: Option<&str>,
        args: &[String],
        log: &Path,
    ) -> Result<Self, Error> {
        let mut command = prepared(program, user);
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(Error::system("open the log of a private server"))?;
        let also = out.try_clone().map_err(Error::system("open the log of a private server"))?;
        command.args(args).stdin(Stdio::null()).stdout(out).stderr(also);
        let child = spawn(command).map_err(Error::system("start a private server"))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Whether it ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends SIGKILL and waits for the end.
    pub(crate) fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Stops it as a machine that hangs does; returns once no thread of it runs any more.
    pub(crate) fn stop(&self) -> Result<(), Error> {
        self.signal(Signal::SIGSTOP)?;
        // The signal is handed to each thread in its own time. The letter behind the name says when it is done; it is
        // bounded, because a process that is dying never gets there.
        for _ in 0..1_000 {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
            if stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('T')) {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) -> Result<(), Error> {
        self.signal(Signal::SIGCONT)
    }

    fn signal(&self, signal: Signal) -> Result<(), Error> {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        kill(pid, signal)
            .map_err(|errno| Error::System { what: "signal a private server", source: errno.into() })
    }

    /// The end of what it printed.
    pub(crate) fn log_tail(&self) -> String {
        tail(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// Runs a program to its end.
pub(crate) fn run(
    program: &Path,
    user: Option<&str>,
    args: &[String],
) -> Result<(ExitStatus, String), Error> {
    let output = prepared(program, user)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(Error::system("run a server's own tool"))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok((output.status, text))
}

fn prepared(program: &Path, user: Option<&str>) -> Command {
    let Some(setpriv) = crate::data::program("setpriv", &[]) else {
        // Without it (it belongs to util-linux) only a dropped handle ends the server; another user needs runuser.
        let mut command = match user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.current_dir("/");
        return command;
    };
    let mut command = Command::new(setpriv);
    if let Some(user) = user {
        command.args(["--reuid", user, "--regid", user, "--init-groups"]);
    }
    command.args(["--pdeathsig", "KILL", "--"]).arg(program).current_dir("/");
    command
}

type Order = (Command, Sender<std::io::Result<Child>>);

/// Starts children from one thread that lives as long as the process: the kernel sends the death signal when the thread
/// that made the child ends, and the thread of a test ends with the test, while a shared server has to go on.
fn spawn(command: Command) -> std::io::Result<Child> {
    static SPAWNER: OnceLock<Sender<Order>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (orders, inbox): (Sender<Order>, Receiver<Order>) = channel();
        std::thread::spawn(move || {
            for (mut command, answer) in inbox {
                let _ = answer.send(command.spawn());
            }
        });
        orders
    });
    let (answer, result) = channel();
    spawner.send((command, answer)).map_err(std::io::Error::other)?;
    result.recv().map_err(std::io::Error::other)?
}

fn tail(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let from = bytes.len().saturating_sub(LOG_TAIL);
    String::from_utf8_lossy(&bytes[from..]).into_owned()
}

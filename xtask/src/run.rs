//! Running commands, seen.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Says what comes.
pub(crate) fn step(what: &str) {
    eprintln!("── {what}");
}

/// A command in the workspace's folder.
pub(crate) struct Step(Command);

/// The cargo that runs this.
pub(crate) fn cargo() -> Step {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Any command.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Step {
    let mut command = Command::new(program);
    command.current_dir(root());
    Step(command)
}

impl Step {
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    pub(crate) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn directory(mut self, directory: impl AsRef<Path>) -> Self {
        self.0.current_dir(directory);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Result<()> {
        let shown = format!("{:?}", self.0).replace('"', "");
        eprintln!("$ {shown}");
        let status = self.0.status().with_context(|| format!("cannot start {shown}"))?;
        if !status.success() {
            bail!("{shown} failed with {status}");
        }
        Ok(())
    }
}

/// Where a program is found, if it is.
pub(crate) fn find(program: &str, elsewhere: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(elsewhere.iter().map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

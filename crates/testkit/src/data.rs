//! The directories that servers keep their data in.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Error;

/// What the names of our directories begin with; the process id follows.
const PREFIX: &str = "callbox-testkit-";

/// Makes an empty directory that goes when the handle is dropped.
///
/// A server that lives as long as its process is never dropped, so its directory would stay: each call also removes the
/// directories of processes that are gone.
pub(crate) fn directory() -> Result<TempDir, Error> {
    sweep(&std::env::temp_dir());
    tempfile::Builder::new()
        .prefix(&format!("{PREFIX}{}-", std::process::id()))
        .tempdir()
        .map_err(Error::system("make a directory for a private server"))
}

fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        if owner(&entry.path()).is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists()) {
            // Another test process may be sweeping too: what is gone is gone.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// The process that made a directory, if it is one of ours.
fn owner(path: &Path) -> Option<u32> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok()
}

/// Looks for a program in the `PATH`, then in the other directories.
pub(crate) fn program(name: &str, elsewhere: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .chain(elsewhere.iter().cloned())
        .map(|directory| directory.join(name))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_own_directories() {
        assert_eq!(owner(Path::new("/x/callbox-testkit-17-abc")), Some(17));
        assert_eq!(owner(Path::new("/x/callbox-testkit-abc")), None);
        assert_eq!(owner(Path::new("/x/other-17-abc")), None);
    }

    #[test]
    fn sweeps_what_a_dead_process_left_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        // No process has an id above the kernel's limit of 2^22.
        let dead = parent.path().join("callbox-testkit-4999999-x");
        let alive = parent.path().join(format!("callbox-testkit-{}-x", std::process::id()));
        let other = parent.path().join("something-4999999-x");
        for directory in [&dead, &alive, &other] {
            std::fs::create_dir(directory).unwrap();
        }
        sweep(parent.path());
        assert!(!dead.exists());
        assert!(alive.exists() && other.exists());
    }
}

//! The servers that tests and benchmarks start: here they are installed if they are missing.

use anyhow::{Result, bail};

use crate::run::{command, find, step};

/// The folders of Debian's and Ubuntu's packages that are not on the path: `nats-server` goes to `/usr/sbin`, the
/// PostgreSQL server to a folder of its version.
fn is_there(server: &str) -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders: Vec<String> =
        versions.map(|version| version.path().join("bin").display().to_string()).collect();
    let folders: Vec<&str> =
        folders.iter().map(String::as_str).chain(["/usr/sbin", "/usr/local/sbin"]).collect();
    find(server, &folders).is_some()
}

/// Installs what is missing, or says what to install.
pub(crate) fn install() -> Result<()> {
    let packages = [("nats-server", "nats-server"), ("postgres", "postgresql")];
    install_packages(&packages)
}

/// Installs the Debian packages of those programs that are not there.
pub(crate) fn install_packages(programs: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&str> =
        programs.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!("sudo apt-get install --yes {}", missing.join(" "));
    let Some(apt) = find("apt-get", &[]) else {
        bail!("missing: {}; install them with your system's package manager", missing.join(", "));
    };
    step(&format!("installing {}", missing.join(", ")));
    let id = std::process::Command::new("id").arg("-u").output();
    let root = id.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    let apt_get = |arguments: &[&str]| {
        let command = if root {
            command(&apt)
        } else {
            command("sudo").args(["--non-interactive", "env", "DEBIAN_FRONTEND=noninteractive"]).arg(&apt)
        };
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments).run()
    };
    let installed = apt_get(&["update", "--quiet", "--quiet"])
        .and_then(|()| apt_get(&[&["install", "--yes", "--quiet", "--quiet"], missing.as_slice()].concat()));
    if installed.is_err() {
        bail!("missing: {}; run `{by_hand}` and start again", missing.join(", "));
    }
    Ok(())
}

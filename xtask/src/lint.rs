//! Formatting, lints, documentation, schemas.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::run::{Step, cargo, command, find, root, step};
use crate::servers;

/// The version of buf, from the npm registry: it carries the binary, so nothing else is fetched.
const BUF: &str = "@bufbuild/buf@1.75.0";

/// Every lint.
pub(crate) fn all() -> Result<()> {
    step("formatting");
    cargo().args(["fmt", "--all", "--", "--check"]).run()?;
    step("schemas");
    buf()?.args(["lint"]).run()?;
    buf()?.args(["format", "--diff", "--exit-code"]).run()?;
    buf()?.args(["breaking", "--against", "baseline.binpb"]).run()?;
    step("clippy");
    cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]).run()?;
    step("documentation");
    cargo()
        .args(["doc", "--workspace", "--no-deps", "--quiet", "--document-private-items"])
        .env("RUSTDOCFLAGS", "--deny warnings")
        .run()
}

/// Takes the schemas as they are as the baseline.
pub(crate) fn proto_baseline() -> Result<()> {
    buf()?.args(["build", "--exclude-source-info", "--output", "baseline.binpb"]).run()
}

/// The buf command in the schemas' folder, installed below `target` at first use.
fn buf() -> Result<Step> {
    let tools = root().join("target/tools");
    let binary: PathBuf = tools.join("node_modules/.bin/buf");
    if !binary.is_file() {
        if find("npm", &[]).is_none() {
            servers::install_packages(&[("npm", "npm")])?;
        }
        std::fs::create_dir_all(&tools)?;
        command("npm").args(["install", "--silent", "--no-save", "--prefix"]).arg(&tools).arg(BUF).run()?;
    }
    if !binary.is_file() {
        bail!("npm installed {BUF} without its binary in {}", binary.display());
    }
    Ok(command(binary).directory(root().join("proto")))
}

//! `callbox health`: for container health checks, in images without a shell.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// How long the service may take.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Asks the admin port whether the service is ready.
///
/// # Errors
/// If nobody answers, or the service waits for something.
pub(crate) fn health(admin: SocketAddr) -> Result<()> {
    let nobody = || format!("nobody answers at {admin}");
    let mut stream = TcpStream::connect_timeout(&admin, TIMEOUT).with_context(nobody)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    write!(stream, "GET /ready HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(4_096).read_to_string(&mut answer).with_context(nobody)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if head.split(' ').nth(1) != Some("200") {
        bail!("not ready: {}", body.trim());
    }
    Ok(())
}

//! Ports for servers that a test starts.

use std::net::TcpListener;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::Error;

/// Where ports are looked for: over the well-known ones, and under 32768, from where Linux gives ports to outgoing
/// connections (`net.ipv4.ip_local_port_range`). A port from there may be taken again before the server binds it.
const FIRST: u16 = 12_000;
/// How many ports there are from [`FIRST`] on.
const COUNT: u16 = 20_000;

/// A port of this host that nobody listens on, and that neither another call in this process nor an outgoing connection
/// will get.
///
/// # Errors
/// When no port is free.
pub fn free_port() -> Result<u16, Error> {
    static NEXT: OnceLock<AtomicU16> = OnceLock::new();
    // Processes of tests that run side by side begin apart.
    let [low, high, ..] = std::process::id().to_le_bytes();
    let next = NEXT.get_or_init(|| AtomicU16::new(u16::from_le_bytes([low, high]).wrapping_mul(97) % COUNT));
    free_from(next)
}

fn free_from(next: &AtomicU16) -> Result<u16, Error> {
    let mut refused = None;
    for _ in 0..COUNT {
        let port = FIRST + next.fetch_add(1, Ordering::Relaxed) % COUNT;
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => return Ok(port),
            Err(error) => refused = Some(error),
        }
    }
    Err(Error::system("find a free port")(refused.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into())))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_port_is_given_once_and_not_from_those_of_outgoing_connections() {
        let ports: Vec<u16> = (0..200).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.iter().collect::<HashSet<_>>().len(), ports.len());
        assert!(ports.iter().all(|port| (FIRST..FIRST + COUNT).contains(port)), "{ports:?}");
    }

    #[test]
    fn a_port_that_somebody_listens_on_is_passed_over() {
        let port = free_port().unwrap();
        let _listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        assert_ne!(free_from(&AtomicU16::new(port - FIRST)).unwrap(), port);
    }
}

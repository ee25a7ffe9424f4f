//! The contract, held by the embedded back end, and what only it has to promise.

#![allow(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

mod contract;

use callbox_bus::{Bus, embedded};
use contract::Rig;

struct Embedded {
    bus: Bus,
    directory: tempfile::TempDir,
}

#[async_trait::async_trait]
impl Rig for Embedded {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let bus = embedded::open(directory.path()).await.unwrap();
        Self { bus, directory }
    }

    fn bus(&self) -> Bus {
        self.bus.clone()
    }

    async fn restart(&mut self) {
        self.bus.close().await;
        self.bus = embedded::open(self.directory.path()).await.unwrap();
    }
}

contract!(Embedded);

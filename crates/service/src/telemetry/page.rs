//! The Prometheus page.

use prometheus::{Registry, TextEncoder};

/// Renders all metrics of the process in the Prometheus text format, version 0.0.4.
#[derive(Clone)]
pub struct MetricsPage(Registry);

impl MetricsPage {
    pub(super) fn new(registry: Registry) -> Self {
        Self(registry)
    }

    /// The page as of now. A metric that cannot be written is left out.
    pub fn render(&self) -> String {
        let mut page = String::new();
        for family in self.0.gather() {
            let _ = TextEncoder::new().encode_utf8(std::slice::from_ref(&family), &mut page);
        }
        page
    }
}

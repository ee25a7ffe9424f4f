//! One trace across the hops: W3C `traceparent` in and out of message headers.
//!
//! Only `traceparent` travels. Baggage and `tracestate` could carry what a client wrote into them, and no header of ours
//! carries a client's words.

use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The header's name (W3C Trace Context, section 3.2).
pub const TRACEPARENT: &str = "traceparent";

/// The header that makes whoever reads it a child of the current span; empty where nothing records traces.
pub fn headers() -> Vec<(String, String)> {
    struct Only(Option<String>);
    impl Injector for Only {
        fn set(&mut self, key: &str, value: String) {
            if key == TRACEPARENT {
                self.0 = Some(value);
            }
        }
    }
    let mut found = Only(None);
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut found);
    found.0.map(|value| (TRACEPARENT.to_owned(), value)).into_iter().collect()
}

/// Makes `span` a child of the span that a header names. A missing or malformed header changes nothing.
pub fn adopt(span: &Span, traceparent: Option<&str>) {
    struct Only<'a>(&'a str);
    impl Extractor for Only<'_> {
        fn get(&self, key: &str) -> Option<&str> {
            (key == TRACEPARENT).then_some(self.0)
        }
        fn keys(&self) -> Vec<&str> {
            vec![TRACEPARENT]
        }
    }
    if let Some(value) = traceparent {
        // Fails only where no layer records traces: then there is nothing to adopt.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Only(value)));
    }
}

/// The `traceparent` among message headers.
pub fn of(headers: &[(String, String)]) -> Option<&str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(TRACEPARENT)).map(|(_, value)| value.as_str())
}

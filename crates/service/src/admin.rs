//! The admin port: `/live`, `/ready`, `/metrics`, apart from the public one so that probes need no credentials.
//!
//! Live says only that the process answers; it never looks at a dependency, because an outage of the database must not
//! restart every pod. Ready says that every component has released its latch and nobody has asked to stop.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::lifecycle::Readiness;
use crate::telemetry::MetricsPage;

/// Serves until `stop`.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    readiness: Readiness,
    metrics: MetricsPage,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let ready = move || {
        let waiting = readiness.waiting_for();
        async move {
            if waiting.is_empty() {
                (StatusCode::OK, "ready\n".to_owned())
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, format!("waiting for {}\n", waiting.join(", ")))
            }
        }
    };
    let page = move || {
        let page = metrics.render();
        async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4")], page) }
    };
    let router = Router::new()
        .route("/live", get(|| async { "live\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(page));
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
}

//! A gRPC server with health and reflection, in both versions that clients speak.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::lifecycle::Readiness;
use crate::propagation;

/// How long a connection may live. HTTP/2 pins a client to one server; ageing connections lets replicas share.
const CONNECTION_AGE_MAX: Duration = Duration::from_mins(30);
/// How often an idle connection is asked for a sign of life, so that vanished clients free their streams.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// Streams at once on one connection.
const STREAMS_MAX: u32 = 1_024;

/// The services of one server.
#[derive(Default)]
pub struct Services {
    routes: RoutesBuilder,
    names: Vec<&'static str>,
}

impl Services {
    /// Adds a service.
    pub fn add<S>(&mut self, service: S) -> &mut Self
    where
        S: tower_service_bounds::GrpcService,
    {
        self.names.push(S::NAME);
        service.add_to(&mut self.routes);
        self
    }
}

/// The bounds that tonic's router asks of a service, under one name.
mod tower_service_bounds {
    use std::convert::Infallible;

    use tonic::body::Body;
    use tonic::codegen::{Service, http};
    use tonic::server::NamedService;
    use tonic::service::RoutesBuilder;

    /// A service that can be added to a server.
    pub trait GrpcService: NamedService {
        /// Adds it.
        fn add_to(self, routes: &mut RoutesBuilder);
    }

    impl<S> GrpcService for S
    where
        S: Service<http::Request<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        fn add_to(self, routes: &mut RoutesBuilder) {
            routes.add_service(self);
        }
    }
}

/// What a server failed of.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The descriptors do not make a reflection service.
    #[error("the schemas' descriptors cannot be served")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The connection machinery.
    #[error("the gRPC server failed")]
    Transport(#[source] tonic::transport::Error),
}

/// Serves until `drain`, then lets calls at hand finish.
///
/// # Errors
/// If the server fails.
pub async fn serve(
    listener: TcpListener,
    services: Services,
    descriptors: &[&'static [u8]],
    readiness: Readiness,
    drain: CancellationToken,
) -> Result<(), Error> {
    let Services { mut routes, names } = services;
    let (health, health_service) = tonic_health::server::health_reporter();
    let reflection = || {
        descriptors.iter().fold(
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET),
            |builder, set| builder.register_encoded_file_descriptor_set(set),
        )
    };
    routes
        .add_service(health_service)
        .add_service(reflection().build_v1().map_err(Error::Reflection)?)
        .add_service(reflection().build_v1alpha().map_err(Error::Reflection)?);
    let reporter = tokio::spawn(report(health, names, readiness, drain.clone()));
    let served = tonic::transport::Server::builder()
        .trace_fn(|request| {
            let span = tracing::info_span!("call", otel.name = request.uri().path(), otel.kind = "server");
            let parent =
                request.headers().get(propagation::TRACEPARENT).and_then(|value| value.to_str().ok());
            propagation::adopt(&span, parent);
            span
        })
        .http2_keepalive_interval(Some(KEEPALIVE))
        .max_concurrent_streams(STREAMS_MAX)
        .max_connection_age(CONNECTION_AGE_MAX)
        .tcp_nodelay(true)
        .add_routes(routes.routes())
        .serve_with_incoming_shutdown(
            tonic::transport::server::TcpIncoming::from(listener).with_nodelay(Some(true)),
            drain.cancelled_owned(),
        )
        .await
        .map_err(Error::Transport);
    reporter.abort();
    served
}

/// Keeps the health service in step with readiness.
async fn report(
    health: HealthReporter,
    names: Vec<&'static str>,
    readiness: Readiness,
    drain: CancellationToken,
) {
    let mut serving = None;
    loop {
        let ready = readiness.waiting_for().is_empty() && !drain.is_cancelled();
        if serving != Some(ready) {
            let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
            for name in names.iter().copied().chain([""]) {
                health.set_service_status(name, status).await;
            }
            serving = Some(ready);
        }
        tokio::select! {
            () = drain.cancelled(), if serving == Some(true) => {}
            () = tokio::time::sleep(Duration::from_millis(200)) => {}
        }
    }
}

//! Settling deliveries: short messages to the subject that came with each.

use std::time::Duration;

use bytes::Bytes;

use super::connection::Connection;
use crate::{DeliveryToken, Error, Settlement};

/// How long handing the settlements to the connection may take. It only takes time while the connection is down.
const HAND_OVER: Duration = Duration::from_secs(5);

pub(super) async fn settle(
    connection: &Connection,
    settlements: Vec<(DeliveryToken, Settlement)>,
) -> Result<(), Error> {
    let all = async {
        for (token, settlement) in settlements {
            let sent = connection.client().publish(token.0, payload(settlement)).await;
            sent.map_err(|error| connection.unavailable(error))?;
        }
        Ok(())
    };
    tokio::time::timeout(HAND_OVER, all).await.map_err(|elapsed| connection.unavailable(elapsed))?
}

/// The acknowledgement protocol of JetStream (ADR-13 and ADR-15).
fn payload(settlement: Settlement) -> Bytes {
    match settlement {
        Settlement::Ack => Bytes::from_static(b"+ACK"),
        Settlement::Nak(delay) if delay.is_zero() => Bytes::from_static(b"-NAK"),
        Settlement::Nak(delay) => format!("-NAK {{\"delay\":{}}}", delay.as_nanos()).into(),
        Settlement::Progress => Bytes::from_static(b"+WPI"),
        Settlement::Terminate => Bytes::from_static(b"+TERM"),
    }
}

//! The loop itself: permits, pulls, drain.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::batch::Worker;
use super::outage::Outage;
use super::{Consumer, Handler};
use crate::{Delivery, Error};

pub(super) async fn run<H: Handler>(consumer: Consumer<H>, drain: CancellationToken) -> Result<(), Error> {
    consumer.settings.check(&consumer.spec)?;
    let batches = TaskTracker::new();
    let worker = Arc::new(Worker::new(consumer));
    let result = pull_until_drained(&worker, &drain, &batches).await;
    batches.close();
    batches.wait().await;
    result
}

async fn pull_until_drained<H: Handler>(
    worker: &Arc<Worker<H>>,
    drain: &CancellationToken,
    batches: &TaskTracker,
) -> Result<(), Error> {
    let permits = Arc::new(Semaphore::new(worker.settings().batches_in_flight));
    let mut outage = Outage::new(worker.settings().stage);
    loop {
        // The permit comes first: a message that waits for one here would lose that time of its `ack_wait`.
        let Some(permit) = until(drain, permits.clone().acquire_owned()).await else { return Ok(()) };
        // Only a closed semaphore refuses, and nobody closes this one.
        let Ok(permit) = permit else { return Ok(()) };
        let Some(pulled) = until(drain, worker.pull()).await else { return Ok(()) };
        match pulled {
            Ok(deliveries) => {
                outage.worked();
                spawn(worker, batches, deliveries, permit);
            }
            Err(error @ Error::Missing { .. }) => return Err(error),
            Err(error) => {
                let pause = outage.failed(&error);
                if until(drain, tokio::time::sleep(pause)).await.is_none() {
                    return Ok(());
                }
            }
        }
    }
}

fn spawn<H: Handler>(
    worker: &Arc<Worker<H>>,
    batches: &TaskTracker,
    deliveries: Vec<Delivery>,
    permit: OwnedSemaphorePermit,
) {
    if deliveries.is_empty() {
        return;
    }
    let worker = Arc::clone(worker);
    batches.spawn(async move {
        worker.work(deliveries).await;
        drop(permit);
    });
}

/// The future's output, or nothing if the drain begins first.
async fn until<F: Future>(drain: &CancellationToken, future: F) -> Option<F::Output> {
    tokio::select! {
        biased;
        () = drain.cancelled() => None,
        output = future => Some(output),
    }
}

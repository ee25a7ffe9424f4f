//! Waiting for a condition instead of for a time.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// How long to wait between two looks.
const INTERVAL: Duration = Duration::from_millis(10);

/// Looks at `condition` until it holds. The deadline is how long it may take, from now.
///
/// # Panics
/// When the deadline passes: the test fails, naming `what`.
pub async fn wait_until<F, Fut>(what: &str, deadline: Duration, mut condition: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    let end = Instant::now() + deadline;
    loop {
        match tokio::time::timeout_at(end, condition()).await {
            Ok(true) => return,
            Ok(false) if Instant::now() < end => tokio::time::sleep(INTERVAL).await,
            _ => panic!("gave up after {deadline:?} waiting until {what}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn returns_once_the_condition_holds() {
        let looks = AtomicU32::new(0);
        wait_until("looked three times", Duration::from_secs(5), || async {
            looks.fetch_add(1, Ordering::Relaxed) >= 2
        })
        .await;
        assert_eq!(looks.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    #[should_panic(expected = "waiting until never")]
    async fn fails_the_test_at_the_deadline() {
        wait_until("never", Duration::from_millis(30), || async { false }).await;
    }
}

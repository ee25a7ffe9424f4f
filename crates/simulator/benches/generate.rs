//! How fast the feed is made, on one core.

use callbox_simulator::{Seed, Settings, Simulator};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn generate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("simulator");
    group.throughput(Throughput::Elements(1));
    let settings = Settings { pace: 0.01, ..Settings::per_second(10_000) };
    let mut feed = Simulator::new(Seed(1), settings);
    // Past the first minutes, in which hardly any call has a second state yet.
    feed.by_ref().take(200_000).for_each(drop);
    group.bench_function("event", |bencher| bencher.iter(|| feed.next()));
    group.finish();
}

criterion_group!(benches, generate);
criterion_main!(benches);

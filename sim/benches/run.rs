//! What a job costs in a whole run, by world, beside a bare loop in the same run. The time of an
//! iteration is that of all jobs of the trace; criterion's throughput is jobs a second.
#![allow(missing_docs)]

// Not every program that shares it uses all of it.
#[allow(dead_code)]
mod whole;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Duration;
use whole::two_instances::TwoInstances;
use whole::{Jobs, Scene, bare};

/// Jobs of the bare loop, about as many as the trace has.
const BARE_JOBS: u32 = 100_000;

fn runs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("run");
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    group.sampling_mode(criterion::SamplingMode::Flat);

    group.throughput(Throughput::Elements(u64::from(BARE_JOBS)));
    group.bench_function("bare M/M/100 loop", |b| b.iter(|| black_box(bare::loop_of(BARE_JOBS))));

    let jobs = Jobs::real();
    let one_slot = Scene::one_slot();
    let count = one_slot.play(jobs.feed()).jobs.arrived;
    group.throughput(Throughput::Elements(count));
    group.bench_function("one-slot", |b| b.iter(|| one_slot.play(jobs.feed())));

    for (name, settings) in [
        ("eks, nodes by the core", &["nodes.by=\"core\""][..]),
        ("eks, nodes by Karpenter, do not disrupt", &["nodes.by=\"karpenter\""]),
        (
            "eks, nodes by Karpenter, default consolidation",
            &["nodes.by=\"karpenter\"", "karpenter.do_not_disrupt=false"],
        ),
    ] {
        let scene = Scene::full(settings);
        group.bench_function(name, |b| b.iter(|| scene.play(TwoInstances(jobs.feed()))));
    }
    group.finish();
}

criterion_group!(benches, runs);
criterion_main!(benches);

//! scratch
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
use greenroom_reports::summary::{Fold, Options, Run};
use greenroom_sim::check::Laws;
use greenroom_sim::{config, feed::Feed, run::run, setup};
use greenroom_traces::{ReadOptions, Source, Trace};

fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let f = args.remove(0);
    let times: u32 = args.remove(0).parse().unwrap();
    let mut layers: Vec<_> = args
        .iter()
        .filter(|a| a.ends_with(".toml"))
        .map(|a| config::Layer::read(std::path::Path::new(a)).unwrap())
        .collect();
    args.retain(|a| !a.ends_with(".toml"));
    layers.extend(args.iter().map(|a| config::Layer::set(a)));
    let config = config::load(&layers).unwrap();
    let plan = setup::plan(&config, setup::Seed::default(), None, None).unwrap();
    let mut best = [u64::MAX; 4];
    for _ in 0..times {
        let t0 = cpu_ns();
        mmc(100_000);
        let t1 = cpu_ns();
        let trace = Trace::open(&[Source::new(&f)], &ReadOptions::default()).unwrap();
        let t2 = cpu_ns();
        let mut laws = Laws::default();
        let mut fold = Fold::new(
            Run { world: config.world.name().to_owned(), ..Run::default() },
            Options::default(),
        );
        run(&plan, Feed::of_trace(trace, config.run.rate_scale), (&mut laws, &mut fold)).unwrap();
        let t3 = cpu_ns();
        let summary = fold.summary();
        let t4 = cpu_ns();
        assert!(laws.breaches().1 == 0, "{:?}", laws.breaches());
        let n = summary.jobs.arrived;
        let now = [(t1 - t0) / 100_000, (t2 - t1) / n, (t3 - t2) / n, (t4 - t3) / n];
        for (b, n) in best.iter_mut().zip(now) {
            *b = (*b).min(n);
        }
        println!(
            "mm100 {} open {} run {} summary {} = {} ns/job  (overhead {:?} p95 {} le5 {:.4} cost {:?} ev {} cmd {} breaches {:?})",
            now[0],
            now[1],
            now[2],
            now[3],
            now[1] + now[2] + now[3],
            summary.overhead,
            summary.queue_s.unwrap().p95,
            summary.start_share.unwrap().le_5s,
            summary.cost_usd.total,
            summary.events,
            summary.commands,
            fold.breaches(),
        );
    }
    println!(
        "best mm100 {} open {} run {} summary {} = {} ns/job",
        best[0],
        best[1],
        best[2],
        best[3],
        best[1] + best[2] + best[3]
    );
}

fn mmc(jobs: u32) {
    use std::cmp::Reverse;
    let mut rng = 88172645463325252u64;
    let mut exp = |mean: f64| {
        rng ^= rng << 13;
        rng ^= rng >> 7;
        rng ^= rng << 17;
        -mean * (((rng >> 11) as f64 + 0.5) / (1u64 << 53) as f64).ln()
    };
    let mut heap = std::collections::BinaryHeap::new();
    let mut queue = std::collections::VecDeque::new();
    let (mut busy, mut waited, mut seq) = (0, 0u64, 0u32);
    let mut next = exp(1e9 / 90.0) as u64;
    let mut left = jobs;
    while left > 0 || !heap.is_empty() {
        if left > 0 && heap.peek().is_none_or(|Reverse((at, _))| next < *at) {
            left -= 1;
            if busy < 100 {
                busy += 1;
                heap.push(Reverse((next + exp(1e9) as u64, seq)));
                seq += 1;
            } else {
                queue.push_back(next);
            }
            next += exp(1e9 / 90.0) as u64;
        } else {
            let Reverse((at, _)) = heap.pop().unwrap();
            if let Some(since) = queue.pop_front() {
                waited += at - since;
                heap.push(Reverse((at + exp(1e9) as u64, seq)));
                seq += 1;
            } else {
                busy -= 1;
            }
        }
    }
    std::hint::black_box(waited);
}

//! What a pod costs the simulated Kubernetes, from its creation to its end, timers included.
#![allow(missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use greenroom_scheduler::id::{FleetId, NodeId, RunnerId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::engine::queue::Queue;
use greenroom_sim::kube::{
    Cluster, Config, Constraint, Image, ImageId, Labels, NodeSpec, Output, PodSpec, Priority,
    Scoring, Spans, Step, Timer,
};
use std::hint::black_box;

/// A cluster in which the pods of [`Bench::run`] fill most of the nodes.
#[derive(Clone, Copy)]
struct Scale {
    nodes: u32,
    pods_at_once: u32,
    /// Milliseconds between creations, and how many each time.
    gap_ms: u64,
    created: u32,
}

const SMALL: Scale = Scale { nodes: 125, pods_at_once: 800, gap_ms: 30, created: 1 };
const LARGE: Scale = Scale { nodes: 10_000, pods_at_once: 70_000, gap_ms: 1, created: 3 };
/// Pods in an iteration.
const PODS: u32 = 20_000;

/// Who asks for which node.
#[derive(Clone, Copy)]
enum Way {
    /// The node is given.
    Pinned,
    /// Any of the fleet.
    Fleet,
}

struct Bench {
    cluster: Cluster,
    timers: Queue<Timer>,
    out: Vec<Output>,
    now: u64,
    serial: u32,
    way: Way,
    scale: Scale,
    /// Free slots of pods, with the node that each uses when pinned.
    free: Vec<u32>,
}

impl Bench {
    fn new(config: Config, image: Image, way: Way, scale: Scale) -> Self {
        let mut bench = Self {
            cluster: Cluster::new(config, vec![image]),
            timers: Queue::default(),
            out: Vec::new(),
            now: 0,
            serial: 0,
            way,
            scale,
            free: (0..scale.pods_at_once).collect(),
        };
        let spec = NodeSpec {
            allocatable: Resources { cpu_milli: 32_000, memory_mib: 131_072, gpu: 0 },
            pods_max: 110,
            daemons: Resources { cpu_milli: 0, memory_mib: 0, gpu: 0 },
            daemon_pods: 0,
            fleet: FleetId(0),
            capacity: CapacityType::Spot,
            labels: Labels(0),
            network_mb_per_s: 1_250,
            disk_mb_per_s: 131,
            image_disk_mb: 80_000,
        };
        for serial in 0..scale.nodes {
            let node = NodeId { serial, slot: serial };
            bench.cluster.node_registered(node, &spec);
            bench.call(|cluster, step| cluster.node_ready(step, node));
        }
        bench
    }

    fn call<R>(
        &mut self,
        request: impl FnOnce(&mut Cluster, &mut Step<'_, Queue<Timer>>) -> R,
    ) -> R {
        let now = Time::from_ms(self.now);
        let mut step = Step { now, timers: &mut self.timers, out: &mut self.out };
        request(&mut self.cluster, &mut step)
    }

    fn create(&mut self) {
        let Some(slot) = self.free.pop() else { return };
        let runner = RunnerId { serial: self.serial, slot };
        self.serial += 1;
        let at = slot % self.scale.nodes;
        let constraint = match self.way {
            Way::Pinned => Constraint::Node(NodeId { serial: at, slot: at }),
            Way::Fleet => {
                Constraint::Fleet { fleet: FleetId(0), capacity: None, labels: Labels(0) }
            }
        };
        let spec = PodSpec {
            size: Resources { cpu_milli: 4_000, memory_mib: 16_384, gpu: 0 },
            constraint,
            priority: Priority::Runner,
            protected: true,
            image: ImageId(0),
            spans: Spans {
                bind: Span::from_ms(20),
                cached: Span::from_ms(130),
                pull_overhead: Span::from_ms(7_400),
                start: Span::from_ms(2_000),
            },
        };
        black_box(self.call(|cluster, step| cluster.create_pod(step, runner, &spec)));
    }

    /// Runs `PODS` pods through; each exits as soon as it starts, 20 s of cleaning up standing for
    /// the job.
    fn run(&mut self) {
        let goal = self.serial + PODS;
        while self.serial < goal {
            for _ in 0..self.scale.created {
                self.create();
            }
            self.advance(self.now + self.scale.gap_ms);
        }
    }

    fn advance(&mut self, until: u64) {
        while let Some(at) = self.timers.next_at().filter(|at| at.as_ms() <= until) {
            self.now = at.as_ms();
            while let Some(timer) = self.timers.pop_due(at) {
                self.call(|cluster, step| cluster.on_timer(step, timer));
                self.react();
            }
        }
        self.now = until;
    }

    fn react(&mut self) {
        for place in 0..self.out.len() {
            match self.out[place] {
                Output::Started { runner, .. } => {
                    self.call(|cluster, step| {
                        cluster.finish_pod(step, runner, Span::from_ms(20_000))
                    });
                }
                Output::Ended { runner, .. } => self.free.push(runner.slot),
                _ => {}
            }
        }
        self.out.clear();
    }
}

fn pods(criterion: &mut Criterion) {
    let baked = Image { baked: true, ..Image::default() };
    let copying = Image { start_disk_mb: 50, ..baked };
    let most = Config { scoring: Scoring::MostAllocated, ..Config::default() };
    let mut group = criterion.benchmark_group("pod");
    group.throughput(Throughput::Elements(u64::from(PODS)));
    let swift = Config { attempt_us: 0, binds_per_s: None, ..Config::default() };
    for (name, config, image, way, scale) in [
        ("pinned", Config::default(), baked, Way::Pinned, SMALL),
        ("least_allocated", Config::default(), baked, Way::Fleet, SMALL),
        ("most_allocated", most, baked, Way::Fleet, SMALL),
        ("pinned_contended_disk", Config::default(), copying, Way::Pinned, SMALL),
        ("pinned_10000_nodes", swift, baked, Way::Pinned, LARGE),
        ("least_allocated_10000_nodes", swift, baked, Way::Fleet, LARGE),
    ] {
        let mut bench = Bench::new(config, image, way, scale);
        for _ in 0..scale.pods_at_once.div_ceil(PODS) {
            bench.run();
        }
        group.bench_function(name, |bencher| bencher.iter(|| bench.run()));
    }
    group.finish();
}

criterion_group! {
    name = kube;
    config = Criterion::default().sample_size(10);
    targets = pods
}
criterion_main!(kube);

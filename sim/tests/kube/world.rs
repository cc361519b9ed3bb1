//! A cluster with its clock, for tests.

use greenroom_scheduler::id::{FleetId, NodeId, RunnerId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::engine::queue::Queue;
use greenroom_sim::kube::{
    Answer, Cluster, Config, Constraint, Image, ImageId, Labels, NodeSpec, Output, PodSpec,
    Priority, Spans, Step, Timer,
};

/// A cluster, its timers, and all that it said.
pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) timers: Queue<Timer>,
    pub(crate) log: Vec<(u64, Output)>,
    pub(crate) now_ms: u64,
    /// Nodes to watch: what is on them never exceeds what they offer.
    pub(crate) watched: Vec<(NodeId, NodeSpec)>,
    out: Vec<Output>,
}

impl World {
    pub(crate) fn new(config: Config, images: Vec<Image>) -> Self {
        Self {
            cluster: Cluster::new(config, images),
            timers: Queue::default(),
            log: Vec::new(),
            now_ms: 0,
            watched: Vec::new(),
            out: Vec::new(),
        }
    }

    /// Calls the cluster now.
    pub(crate) fn call<R>(
        &mut self,
        request: impl FnOnce(&mut Cluster, &mut Step<'_, Queue<Timer>>) -> R,
    ) -> R {
        let now = Time::from_ms(self.now_ms);
        let mut step = Step { now, timers: &mut self.timers, out: &mut self.out };
        let result = request(&mut self.cluster, &mut step);
        self.log.extend(self.out.drain(..).map(|output| (self.now_ms, output)));
        for (node, spec) in &self.watched {
            if let Some(view) = self.cluster.node(*node) {
                assert!(view.used.fits(spec.allocatable), "{node} holds too much: {view:?}");
                assert!(view.pods <= spec.pods_max, "{node} holds too many: {view:?}");
            }
        }
        result
    }

    /// Lets everything happen up to and including `ms`.
    pub(crate) fn until(&mut self, ms: u64) {
        while let Some(at) = self.timers.next_at().filter(|at| at.as_ms() <= ms) {
            self.now_ms = at.as_ms();
            let timer = self.timers.pop_due(at).expect("it is due");
            self.call(|cluster, step| cluster.on_timer(step, timer));
        }
        self.now_ms = self.now_ms.max(ms);
    }

    /// Lets everything happen.
    pub(crate) fn rest(&mut self) {
        while let Some(at) = self.timers.next_at() {
            self.until(at.as_ms());
        }
    }

    pub(crate) fn create(&mut self, serial: u32, spec: &PodSpec) -> Answer {
        self.call(|cluster, step| cluster.create_pod(step, runner(serial), spec))
    }

    /// A node that is ready at once.
    pub(crate) fn node(&mut self, serial: u32, spec: NodeSpec) {
        assert_eq!(self.cluster.node_registered(node(serial), &spec), Answer::Done);
        self.watched.push((node(serial), spec));
        self.call(|cluster, step| cluster.node_ready(step, node(serial)));
    }

    /// When something was first said.
    pub(crate) fn when(&self, said: impl Fn(&Output) -> bool) -> Option<u64> {
        self.log.iter().find(|(_, output)| said(output)).map(|(at, _)| *at)
    }

    pub(crate) fn pulled_at(&self, image: u32) -> u64 {
        self.when(|output| matches!(output, Output::Pulled { image: it, .. } if it.0 == image))
            .expect("it was pulled")
    }

    pub(crate) fn started_at(&self, serial: u32) -> Option<u64> {
        self.when(
            |output| matches!(output, Output::Started { runner, .. } if runner.serial == serial),
        )
    }

    pub(crate) fn bound_at(&self, serial: u32) -> Option<u64> {
        self.when(
            |output| matches!(output, Output::Bound { runner, .. } if runner.serial == serial),
        )
    }

    /// The log as lines of text.
    pub(crate) fn text(&self) -> String {
        let lines = self.log.iter().map(|(at, output)| format!("{at} {}\n", say(output)));
        lines.collect()
    }
}

fn say(output: &Output) -> String {
    match output {
        Output::Unschedulable { runner } => format!("{runner} unschedulable"),
        Output::Bound { runner, node } => format!("{runner} bound to {node}"),
        Output::Pulling { runner, image } => format!("{runner} waits for image {}", image.0),
        Output::Started { runner, node } => format!("{runner} started on {node}"),
        Output::Ended { runner, node: Some(node), why } => {
            format!("{runner} ended on {node}: {why:?}")
        }
        Output::Ended { runner, node: None, why } => format!("{runner} ended: {why:?}"),
        Output::Pulled { node, image } => format!("{node} has image {}", image.0),
        Output::Drained { node } => format!("{node} drained"),
    }
}

/// Everything at once and no limits: what remains is what the test is about.
pub(crate) fn swift() -> Config {
    Config {
        attempt_us: 0,
        binds_per_s: None,
        backoff_initial_ms: 0,
        pull_requests_per_s: None,
        preemption_ms: 0,
        eviction_ms: 0,
        ..Config::default()
    }
}

pub(crate) fn runner(serial: u32) -> RunnerId {
    RunnerId { serial, slot: serial }
}

pub(crate) fn node(serial: u32) -> NodeId {
    NodeId { serial, slot: serial }
}

pub(crate) const fn size(cpu_milli: u32, memory_mib: u32) -> Resources {
    Resources { cpu_milli, memory_mib, gpu: 0 }
}

/// An empty image on every node.
pub(crate) const BAKED: Image =
    Image { compressed_mb: 0, unpacked_mb: 0, start_disk_mb: 0, baked: true };

/// A node of 16 vCPU and 64 GiB without daemons.
pub(crate) fn node_spec() -> NodeSpec {
    NodeSpec {
        allocatable: size(16_000, 65_536),
        pods_max: 110,
        daemons: Resources::default(),
        daemon_pods: 0,
        fleet: FleetId(0),
        capacity: CapacityType::Spot,
        labels: Labels(0),
        network_mb_per_s: 1_250,
        disk_mb_per_s: 131,
        image_disk_mb: 50_000,
    }
}

/// A runner of 4 vCPU and 16 GiB for any node of the fleet.
pub(crate) fn pod_spec() -> PodSpec {
    PodSpec {
        size: size(4_000, 16_384),
        constraint: Constraint::Fleet { fleet: FleetId(0), capacity: None, labels: Labels(0) },
        priority: Priority::Runner,
        protected: false,
        image: ImageId(0),
        spans: Spans::default(),
    }
}

pub(crate) fn pinned(serial: u32) -> PodSpec {
    PodSpec { constraint: Constraint::Node(node(serial)), ..pod_spec() }
}

pub(crate) fn secs(s: f64) -> Span {
    Span::from_secs_f64(s)
}

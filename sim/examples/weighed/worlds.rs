//! Generated worlds: fleets, spot weather and teams drawn by number, both policies in each.
#![allow(clippy::print_stdout)]

use crate::whole::Scene;
use greenroom_reports::summary::Summary;
use greenroom_sim::feed::Feed;
use greenroom_sim::random::{Purpose, Stream, Streams};
use greenroom_traces::generate::{Generator, Spec};

/// What an hour of queue time on a critical path counts, in USD.
const WAIT_VALUE: f64 = 20.0;

/// Cost plus waiting of a world under both policies, in USD.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) reactive: f64,
    pub(crate) greenroom: f64,
}

/// The mean over worlds of what `greenroom` has more, as a share of what `reactive` has.
pub(crate) fn mean_excess(pairs: &[Pair]) -> f64 {
    let excess = pairs.iter().map(|pair| pair.greenroom / pair.reactive - 1.0);
    excess.sum::<f64>() / pairs.len() as f64
}

/// The nth world, played twice.
pub(crate) fn pair(nth: u64) -> Pair {
    let stream = &mut Streams::new(4_711).replication(nth).stream(Purpose::Generator, 0);
    let (settings, spec) = world(stream, nth);
    let value = |policy: &str| {
        let name = format!("policy.name={policy:?}");
        let settings: Vec<&str> =
            settings.iter().map(String::as_str).chain([name.as_str()]).collect();
        let feed = Feed::of_generator(Generator::new(spec.clone()).unwrap());
        weighed(&Scene::new(&[], &settings).play(feed))
    };
    Pair { reactive: value("reactive"), greenroom: value("greenroom") }
}

fn weighed(summary: &Summary) -> f64 {
    summary.cost_usd.total + WAIT_VALUE * summary.critical_path_queue_s / 3600.0
}

/// What a world is configured with, and its jobs.
fn world(stream: &mut Stream, nth: u64) -> (Vec<String>, Spec) {
    let mut settings = Vec::new();
    let mut set = |text: String| settings.push(text);
    // Spot weather: the advisor's, or up to the worst that was measured.
    if stream.chance(0.7) {
        let hazard = [0.02, 0.1, 0.3, 1.0, 2.0][stream.below(5) as usize];
        set(format!("spot.market.hazard_per_hour={hazard:?}"));
    }
    if stream.chance(0.2) {
        set(format!("spot.market.zone_losses_per_hour={:?}", 0.05));
    }
    if stream.chance(0.3) {
        set("spot.market.price=\"process\"".to_owned());
    }
    let saving = [30.0, 50.0, 64.0, 75.0][stream.below(4) as usize];
    set(format!("spot.market.saving_percent={saving:?}"));
    // Fleets: one place a node or many, small nodes or large, few types or all.
    if stream.chance(0.3) {
        for class in ["linux-small", "linux-medium", "linux-large"] {
            set(format!("pool.{class}.pods_per_node_max={}", 1 + stream.below(3)));
        }
    }
    if stream.chance(0.3) {
        set("pool.linux-medium.families=[\"m7i\", \"m6i\"]".to_owned());
    }
    set(format!("node.cpu_max={}", [8, 16, 32, 64][stream.below(4) as usize]));
    // Teams: limits, guarantees, classes.
    if stream.chance(0.3) {
        set(format!("pool.linux-small.max={}", 4 + stream.below(20)));
        set(format!("team.team-01.guaranteed={}", 1 + stream.below(4)));
    }
    if stream.chance(0.3) {
        let class = ["interactive", "standard", "batch"][stream.below(3) as usize];
        set(format!("team.team-02.service_class={class:?}"));
    }
    let preset = Spec::named("default", 1_000 + nth).unwrap();
    let jobs = 300 + stream.below(700) as u32;
    let rate_scale = [0.5, 1.0, 3.0, 10.0][stream.below(4) as usize];
    (settings, Spec { jobs, rate_scale, ..preset })
}

/// Prints the figure of so many worlds.
#[allow(dead_code)]
pub(crate) fn print(count: u64) {
    let pairs: Vec<Pair> = (0..count).map(pair).collect();
    let worse = pairs.iter().filter(|pair| pair.greenroom > pair.reactive * 1.01).count();
    let worst = pairs.iter().map(|pair| pair.greenroom / pair.reactive - 1.0).fold(0.0, f64::max);
    let sums = pairs
        .iter()
        .fold((0.0, 0.0), |sums, pair| (sums.0 + pair.reactive, sums.1 + pair.greenroom));
    println!(
        "{count} worlds: greenroom against reactive at {WAIT_VALUE} USD an hour: mean paired {:+.2} %, \
         sums {:.2} and {:.2} USD, {worse} worlds worse by more than 1 %, the worst {:+.2} %",
        100.0 * mean_excess(&pairs),
        sums.1,
        sums.0,
        100.0 * worst,
    );
}

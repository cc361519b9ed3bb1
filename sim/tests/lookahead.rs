//! Look-ahead that is given and the stock of stopped nodes, job by job.

use crate::listed::{Fates, Job, Listed, ideal, play_into};
use greenroom_scheduler::command::Action;
use greenroom_scheduler::event::{Event, NodeEnd};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::Generation;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::engine::simulation::{Simulation, World};
use greenroom_sim::lookahead::LookAhead;
use greenroom_sim::registry::Registry;
use greenroom_sim::run::{Plan, WorldPlan, run};
use greenroom_sim::world::one_slot::OneSlot;

/// What the core was told and what it asked for, in milliseconds; and what was charged.
#[derive(Default)]
struct Seen {
    foreseen: Vec<(u64, u64)>,
    announced: Vec<u32>,
    claims: Vec<u64>,
    starts: Vec<u64>,
    stops: Vec<u64>,
    nodes: i64,
    beside: i64,
}

impl Sink for &mut Seen {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        match entry {
            Entry::Event(Event::Foreseen(foresight)) => {
                self.foreseen.push((at.as_ms(), foresight.expected_at.as_ms()));
            }
            Entry::Event(Event::JobAssigned { job, announced: true, .. }) => {
                self.announced.push(job.serial);
            }
            Entry::Command(command) => match command.action {
                Action::ClaimNode { .. } => self.claims.push(at.as_ms()),
                Action::StartNode { .. } => self.starts.push(at.as_ms()),
                Action::StopNode { .. } => self.stops.push(at.as_ms()),
                _ => {}
            },
            Entry::Fact(Fact::NodeBilled { charge, .. }) => self.nodes += charge.as_micros(),
            Entry::Fact(Fact::StoppedBilled { charge, .. }) => {
                self.beside += charge.as_micros();
            }
            Entry::Fact(Fact::NodeGone { end: NodeEnd::NeverReady, .. }) => unreachable!(),
            _ => {}
        }
    }
}

/// The published rules, with one dollar an hour for round figures.
fn plan(settings: &[&str]) -> Plan {
    let rules = ["one_slot.boot_s=60", "one_slot.dispatch_s=5", "one_slot.price_usd_per_hour=3.6"];
    let all = rules.iter().chain(&["policy.name=\"greenroom\""]).chain(settings);
    ideal(&all.map(|set| (*set).to_owned()).collect::<Vec<_>>())
}

fn job(ready_s: u64, duration_s: u64) -> Job {
    let (ready, duration) = (Time::from_ms(ready_s * 1000), Span::from_secs(duration_s));
    Job { ready, duration, patience: None }
}

fn played(settings: &[&str], jobs: &[Job]) -> (Seen, Fates) {
    let mut seen = Seen::default();
    let fates = play_into(&plan(settings), jobs, &mut seen);
    (seen, fates)
}

/// What a job waited, in milliseconds.
fn waits(jobs: &[Job], fates: &Fates) -> Vec<u64> {
    let started = fates.started.iter().map(|at| at.unwrap());
    started.zip(jobs).map(|(at, job)| at.since(job.ready).as_ms()).collect()
}

const ALL_EXACT: [&str; 2] = ["lookahead.given.share=1", "lookahead.given.sigma_s=0"];

#[test]
fn a_job_that_is_foreseen_meets_a_node() {
    let jobs = [job(1000, 300), job(5000, 300)];
    let (seen, fates) = played(&ALL_EXACT, &jobs);
    assert_eq!(seen.foreseen, [(925_000, 1_000_000), (4_925_000, 5_000_000)]);
    assert_eq!(seen.announced, [0, 1]);
    // Without a spread the launch is a boot before the job, and not with the news.
    assert_eq!(seen.claims, [940_000, 4_940_000]);
    assert_eq!(waits(&jobs, &fates), [5_000, 5_000]);
    // Boot, dispatch, job, keep-alive, at a tenth of a cent a second.
    assert_eq!((seen.nodes, seen.beside), (2 * (60 + 5 + 300 + 60) * 1000, 0));
}

#[test]
fn nobody_else_takes_the_node_of_a_job_that_is_foreseen() {
    // The second job is told for 1000 s; its node is ready for it. The first is not told.
    let jobs = [job(990, 300), job(1000, 300)];
    let told = |share: f64, seed: u64| {
        let mut plan =
            plan(&["lookahead.given.sigma_s=10", &format!("lookahead.given.share={share}")]);
        let given = plan.given.as_mut().unwrap();
        given.streams = greenroom_sim::random::Streams::new(seed);
        let mut seen = Seen::default();
        let fates = play_into(&plan, &jobs, &mut seen);
        (seen, waits(&jobs, &fates))
    };
    // A draw in which only the second is told, and its node is ready before the first comes.
    let seed = (0..1000).find(|seed| {
        let (seen, _) = told(0.5, *seed);
        seen.announced == [1] && seen.foreseen[0].0 < 925_000
    });
    let (_, waited) = told(0.5, seed.unwrap());
    assert_eq!(waited, [65_000, 5_000], "the first has a node of its own");
}

#[test]
fn whoever_is_told_at_a_share_is_told_at_any_larger_one() {
    let jobs: Vec<Job> = (0..400).map(|n| job(200 + n * 7, 60)).collect();
    let told = |share: f64| played(&[&format!("lookahead.given.share={share}")], &jobs).0.foreseen;
    let (few, many, all) = (told(0.3), told(0.7), told(1.0));
    assert!(
        few.iter().all(|hint| many.contains(hint)) && many.iter().all(|hint| all.contains(hint))
    );
    assert_eq!(all.len(), 400);
    assert!((90..150).contains(&few.len()) && (250..310).contains(&many.len()));
    // Told is what is expected, and not when it comes: the two are off by as much.
    assert!(all.iter().all(|(at, expected)| expected - at == 75_000));
    assert!(all.windows(2).all(|pair| pair[0].0 <= pair[1].0));
}

#[test]
fn nothing_is_told_to_a_policy_that_does_not_ask() {
    let jobs = [job(1000, 300)];
    let (seen, _) = played(&["lookahead.given.share=1", "policy.name=\"reactive\""], &jobs);
    assert_eq!((seen.foreseen.len(), seen.announced.len()), (0, 0));
}

#[test]
fn a_job_that_nobody_foresaw_is_served_from_the_stock() {
    // The first job makes its fleet known, and with it the stock.
    let jobs = [job(0, 10), job(1000, 300)];
    let (seen, fates) = played(&["tiers.stopped.count=1"], &jobs);
    assert_eq!(waits(&jobs, &fates), [65_000, 15_000]);
    assert_eq!((seen.claims.len(), &seen.starts[..]), (3, &[1_000_000][..]));
    assert_eq!(seen.stops, [60_000, 1_060_000]);
    // The first node: boot, dispatch, job, keep-alive. The two preparations: a boot each. The node
    // out of the stock: start, dispatch, job; the run ends with it.
    let nodes = 60 + 5 + 10 + 60 + 2 * 60 + 10 + 5 + 300;
    assert_eq!(seen.nodes, nodes * 1000);
    // Stopped from 180 s to 1,000 s, and from 1,180 s to the end at 1,315 s, at 4 % of the price.
    assert_eq!(seen.beside, (820 + 135) * 40);
}

#[test]
fn preparing_costs_what_is_configured_and_the_boot_is_a_part_of_it() {
    let jobs = [job(0, 10), job(1000, 300)];
    let of = |prepare_s: u32| {
        let prepare = format!("tiers.stopped.prepare_s={prepare_s}");
        played(&["tiers.stopped.count=1", "tiers.stopped.price_ratio=0", &prepare], &jobs).0
    };
    assert_eq!((of(60).beside, of(30).beside), (0, 0));
    assert_eq!(of(100).beside, 2 * 40 * 1000);
    assert_eq!(of(100).nodes, of(0).nodes);
}

#[test]
fn the_world_charges_what_its_facts_say() {
    let jobs: Vec<Job> = (0..500).map(|n| job(n * n % 7_919 + n * 11, 20 + n % 300)).collect();
    let mut jobs = jobs;
    jobs.sort_by_key(|job| job.ready);
    let more = ["lookahead.given.share=0.5", "tiers.stopped.count=5", "tiers.hot.count=1"];
    let mut seen = Seen::default();
    let outcome = run(&plan(&more), Listed::new(&jobs), &mut seen).unwrap();
    assert_eq!(outcome.bill.as_micros(), seen.nodes + seen.beside);
    assert!(seen.starts.len() > 20 && seen.beside > 0);
}

#[test]
fn a_core_that_observes_goes_on_with_what_is_foreseen_and_stopped() {
    let jobs: Vec<Job> = (0..60).map(|n| job(2_000 + n * 97, 100)).collect();
    let plan = plan(&["lookahead.given.share=1", "tiers.stopped.count=3"]);
    let played = |every_s: Option<u64>| {
        let WorldPlan::OneSlot(parameters) = &plan.world else { unreachable!() };
        let opening =
            vec![Event::Configured(Box::new(plan.settings.clone())), Event::Leading(Generation(1))];
        let (mut seen, mut fates) = (Seen::default(), Fates::default());
        let mut run = Simulation::new(
            OneSlot::new(parameters.clone()),
            LookAhead::new(Listed::new(&jobs), plan.given),
            Registry::new(plan.rules.clone()),
            (&mut seen, &mut fates),
            opening,
        );
        for at in every_s.into_iter().flat_map(|every| (1..8_000 / every).map(move |n| n * every)) {
            run.advance(Time::from_ms(at * 1000)).unwrap();
            run.tell(Event::Observed(Box::new(run.world.observe())));
        }
        run.run(None).unwrap();
        (waits(&jobs, &fates), seen.claims.len(), seen.starts.len())
    };
    // Nothing is forgotten that a listing shows, so every job is served as without.
    let (without, often) = (played(None), played(Some(30)));
    assert_eq!(without.0, often.0);
    assert_eq!((without.1, without.2), (often.1, often.2));
}

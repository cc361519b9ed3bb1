//! What the configuration says of teams: their guarantee, and the GitHub instance of their jobs.

use crate::listed::{Fates, Job, Owner, ideal, play_of};
use greenroom_scheduler::fact::{Fact, Naming};
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::config::{self, Layer};
use greenroom_sim::run::Plan;
use greenroom_sim::setup::{self, Seed};
use greenroom_traces::arrival::Forge;

fn job(ready_s: u64, duration_s: u64) -> Job {
    let ready = Time::ZERO + Span::from_secs(ready_s);
    Job { ready, duration: Span::from_secs(duration_s), patience: None }
}

const fn at_cloud(team: &'static str) -> Owner {
    Owner { team, forge: Forge::Cloud }
}

/// Seconds from ready to start of the jobs of a team, in their order.
fn waits(jobs: &[Job], owners: &[Owner], fates: &Fates, team: &str) -> Vec<u64> {
    let of_team = (0..jobs.len()).filter(|&row| owners[row].team == team);
    of_team.map(|row| fates.started[row].unwrap().since(jobs[row].ready).as_ms() / 1_000).collect()
}

/// A pool of 20 runners; team `many` queues 500 jobs of 20 minutes, and from then on `few` brings
/// four jobs of a minute every two minutes.
fn crowded() -> (Vec<Job>, Vec<Owner>) {
    let many = (0..500).map(|row| (job(row / 100, 1_200), at_cloud("many")));
    let few = (1..=40).flat_map(|round| (0..4).map(move |_| job(round * 120, 60)));
    many.chain(few.map(|job| (job, at_cloud("few")))).unzip()
}

#[test]
fn a_guaranteed_team_waits_for_nobody_elses_queue() {
    let (jobs, owners) = crowded();
    let wait_of_few = |guaranteed: u32| {
        let plan = ideal(&[
            "pool.default.max=20".into(),
            format!("team.few.guaranteed={guaranteed}"),
            "policy.reactive.keep_alive_s=60".into(),
        ]);
        let fates = play_of(&plan, &jobs, &owners, ());
        // The guarantee is lent out when `few` shows up first, and nothing is taken from a job
        // that runs: its first jobs wait until the first of the others end after 20 minutes, and
        // what has queued until then is gone after 20 more.
        let mut waits = waits(&jobs, &owners, &fates, "few").split_off(80);
        waits.sort_unstable();
        waits[waits.len() * 95 / 100]
    };
    let (without, with) = (wait_of_few(0), wait_of_few(4));
    assert!(without > 600, "p95 without a guarantee: {without} s");
    assert!(with <= 1, "p95 with a guarantee: {with} s");
}

#[test]
fn what_a_team_does_not_use_others_borrow_down_to_its_guarantee() {
    let plan = ideal(&["pool.default.max=20".into(), "team.few.guaranteed=4".into()]);
    // `few` shows up first and then has nothing to do.
    let (mut jobs, mut owners) = (vec![job(0, 1)], vec![at_cloud("few")]);
    jobs.extend((0..40).map(|_| job(10, 100)));
    owners.extend((0..40).map(|_| at_cloud("many")));
    let fates = play_of(&plan, &jobs, &owners, ());
    // 16 at once: two full rounds and a rest.
    let rounds = waits(&jobs, &owners, &fates, "many");
    let in_round = |wait_s: u64| rounds.iter().filter(|wait| **wait == wait_s).count();
    assert_eq!((in_round(0), in_round(100), in_round(200)), (16, 16, 8), "{rounds:?}");
}

/// More is guaranteed than there is: whoever comes first has it, and nothing stays unused.
#[test]
fn guarantees_beyond_the_pool_leave_no_place_unused() {
    let settings = ["pool.default.max=10", "team.one.guaranteed=8", "team.two.guaranteed=8"];
    let plan = ideal(&settings.map(str::to_owned));
    let teams = [at_cloud("one"), at_cloud("two")];
    let jobs: Vec<Job> = (0..40).map(|_| job(0, 100)).collect();
    let owners: Vec<Owner> = (0..40).map(|row| teams[row % 2]).collect();
    let fates = play_of(&plan, &jobs, &owners, ());
    let at_once = |team| waits(&jobs, &owners, &fates, team).iter().filter(|w| **w == 0).count();
    assert_eq!((at_once("one"), at_once("two")), (8, 2));
}

/// The instances of the sets that were announced.
#[derive(Default)]
struct Forges(Vec<Forge>);

impl Sink for &mut Forges {
    fn entry(&mut self, _: Time, entry: Entry<'_>) {
        if let Entry::Fact(Fact::Named(naming)) = entry
            && let Naming::Set { forge, .. } = **naming
        {
            self.0.push(forge);
        }
    }
}

#[test]
fn the_instance_of_a_team_goes_before_the_one_in_the_trace() {
    let forges = |settings: &[&str], recorded: Forge| {
        let plan = ideal(&settings.iter().map(|set| (*set).to_owned()).collect::<Vec<_>>());
        let mut forges = Forges::default();
        let owners = [Owner { team: "web", forge: recorded }, at_cloud("other")];
        play_of(&plan, &[job(0, 10), job(1, 10)], &owners, &mut forges);
        forges.0
    };
    let (cloud, enterprise) = (Forge::Cloud, Forge::Enterprise);
    assert_eq!(forges(&[], cloud), [cloud, cloud]);
    assert_eq!(forges(&[], enterprise), [enterprise, cloud]);
    assert_eq!(forges(&["team.web.forge=\"enterprise\""], cloud), [enterprise, cloud]);
    assert_eq!(forges(&["team.web.forge=\"cloud\""], enterprise), [cloud, cloud]);
}

fn eks(settings: &[&str]) -> Plan {
    let layers: Vec<Layer> = settings.iter().map(|set| Layer::set(set)).collect();
    let config = config::load(&layers).unwrap();
    setup::plan(&config, Seed { seed: 1, replication: 0 }, None, None).unwrap()
}

/// The registrations of one team at two instances must not stand in one queue: an hour in which
/// Enterprise registers nobody held up Cloud's runners too, since one of Enterprise's was first.
#[test]
fn an_outage_of_one_instance_stops_no_registration_at_the_other() {
    // By then Enterprise's runner waits to be registered.
    let jobs = [job(0, 60), job(400, 60)];
    let owners = [Owner { team: "web", forge: Forge::Enterprise }, at_cloud("web")];
    let wait_s = |settings: &[&str]| {
        let fates = play_of(&eks(settings), &jobs, &owners, ());
        [0, 1].map(|row| fates.started[row].unwrap().since(jobs[row].ready).as_ms() / 1_000)
    };
    // The nodes are up when it begins, their runners are not.
    let window = "github.windows=[{ forge = \"enterprise\", effect = \"unavailable\", \
                  from_s = 10, until_s = 3600 }]";
    let (usual, outage) = (wait_s(&[]), wait_s(&[window]));
    assert!(usual[0] < 300 && usual[1] < 300, "{usual:?}");
    assert!(outage[0] >= 3_590, "Enterprise waits for the end of its outage: {outage:?}");
    assert_eq!(outage[1], usual[1], "Cloud notices nothing");
}

//! Thousands of jobs with everything random: every way to go happens, and the same seed gives the
//! same entries.

use crate::whole::Jobs;
use greenroom_reports::journal_file::Hash;
use greenroom_reports::replay::Replay;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::Time;
use greenroom_scheduler::verdict::Verdict;
use greenroom_sim::check::Laws;
use greenroom_sim::config::{self, Layer};
use greenroom_sim::run::run;
use greenroom_sim::setup::{self, Seed};

/// The hash of all entries, and how often each thing was decided.
#[derive(Default)]
struct Record {
    hash: Option<Hash>,
    replay: Replay,
    last: Time,
    interrupted: u32,
    moved: u32,
    moved_together: u32,
    replaced: u32,
    spared: u32,
    emptied: u32,
}

impl Sink for &mut Record {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        self.last = at;
        if let Entry::Fact(Fact::NodeJudged { verdict, .. }) = entry {
            match verdict {
                Verdict::Interrupted => self.interrupted += 1,
                Verdict::Underutilized { nodes: 1, .. } => self.moved += 1,
                Verdict::Underutilized { .. } => self.moved_together += 1,
                Verdict::Replaces { .. } => self.replaced += 1,
                Verdict::Empty => self.emptied += 1,
                Verdict::Spared => self.spared += 1,
                _ => {}
            }
        }
        self.replay.entry(at, entry);
        self.hash.get_or_insert_with(Hash::new).entry(at, entry);
    }
}

/// Spot that is taken back often, moving prices, and consolidation that moves runners.
const RESTLESS: [&str; 4] = [
    "policy.name=\"arc\"",
    "karpenter.do_not_disrupt=false",
    "spot.market.hazard_per_hour=2.0",
    "spot.market.price=\"process\"",
];

fn played(settings: &[&str], seed: u64, count: u32) -> (String, Record) {
    let layers: Vec<Layer> = settings.iter().map(|set| Layer::set(set)).collect();
    let config = config::load(&layers).unwrap();
    let seed = Seed { seed, replication: 0 };
    let plan = setup::plan(&config, seed, None, None).unwrap();
    let (mut laws, mut record) = (Laws::default(), Record::default());
    let feed = Jobs::Generated { count, rate_scale: 3.0 }.feed();
    run(&plan, feed, (&mut laws, &mut record)).unwrap();
    assert_eq!(laws.breaches(), (&[][..], 0));
    std::mem::take(&mut record.replay).finish(record.last).unwrap();
    (record.hash.take().unwrap().hex(), record)
}

#[test]
fn the_same_seed_gives_the_same_entries_and_they_replay() {
    let (first, record) = played(&RESTLESS, 5, 1_000);
    assert!(record.interrupted > 10, "{} interruptions", record.interrupted);
    assert!(record.emptied > 10, "{} empty nodes", record.emptied);
    let threads = [6, 5].map(|seed| std::thread::spawn(move || played(&RESTLESS, seed, 1_000).0));
    let [other, same] = threads.map(|thread| thread.join().unwrap());
    assert_eq!(same, first);
    assert_ne!(other, first);
}

#[test]
fn nodes_go_alone_and_together_and_spot_for_cheaper_spot() {
    let (_, record) = played(&RESTLESS[..2], 5, 2_000);
    let Record { moved, moved_together, replaced, .. } = record;
    assert!(moved > 0 && moved_together > 0, "{moved} alone, {moved_together} together");
    // Spot is replaced by spot only where one asks for it.
    assert_eq!(replaced, 0);
    let (_, record) = played(&[RESTLESS[0], RESTLESS[1], "karpenter.spot_to_spot=true"], 5, 1_000);
    assert!(record.replaced > 0, "{} for cheaper ones", record.replaced);
}

/// Each way to consolidate comes to an end, with and without protection.
#[test]
fn every_policy_of_consolidation_ends() {
    for policy in ["off", "when-empty", "when-empty-or-underutilized", "balanced"] {
        for protected in [true, false] {
            let settings = [
                "policy.name=\"arc\"".to_owned(),
                format!("karpenter.consolidation=\"{policy}\""),
                format!("karpenter.do_not_disrupt={protected}"),
            ];
            let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
            played(&settings, 1, 300);
        }
    }
}

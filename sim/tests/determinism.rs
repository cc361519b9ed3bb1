//! The same seed gives the same entries, to the byte; another seed does not.

use crate::whole::Jobs;
use greenroom_reports::journal_file::Hash;
use greenroom_scheduler::event::{Event, NodeChange};
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::time::Time;
use greenroom_sim::check::Laws;
use greenroom_sim::config::{self, Layer};
use greenroom_sim::run::run;
use greenroom_sim::setup::{self, Seed};

/// The hash of all entries as they are written, and how many nodes EC2 said it takes back.
struct Record {
    hash: Hash,
    interrupted: u32,
}

impl Sink for &mut Record {
    fn entry(&mut self, at: Time, entry: Entry<'_>) {
        if let Entry::Event(Event::NodeChanged { change: NodeChange::Notice { .. }, .. }) = entry {
            self.interrupted += 1;
        }
        self.hash.entry(at, entry);
    }
}

/// Spot that is taken back often, with moving prices: whatever is random is drawn.
const RESTLESS: [&str; 3] =
    ["world=\"eks\"", "spot.market.hazard_per_hour=2.0", "spot.market.price=\"process\""];

fn played(settings: &[&str], seed: Seed) -> (String, u32) {
    let layers: Vec<Layer> = settings.iter().map(|set| Layer::set(set)).collect();
    let config = config::load(&layers).unwrap();
    let plan = setup::plan(&config, seed, None, None).unwrap();
    let mut record = Record { hash: Hash::new(), interrupted: 0 };
    let mut laws = Laws::default();
    // The jobs are the same for every seed: only the world's randomness may differ.
    let feed = Jobs::Generated { count: 3_000, rate_scale: 1.0 }.feed();
    run(&plan, feed, (&mut laws, &mut record)).unwrap();
    assert_eq!(laws.breaches(), (&[][..], 0));
    (record.hash.hex(), record.interrupted)
}

#[test]
fn the_same_seed_gives_the_same_entries() {
    let seed = Seed { seed: 5, replication: 0 };
    let (first, interrupted) = played(&RESTLESS, seed);
    assert!(interrupted > 10, "{interrupted} interruptions");
    assert_eq!(played(&RESTLESS, seed).0, first);
    // Also on a thread of its own, with others beside it.
    let others = [6, 5, 7, 5]
        .map(|seed| std::thread::spawn(move || played(&RESTLESS, Seed { seed, replication: 0 }).0));
    let hashes = others.map(|other| other.join().unwrap());
    assert_eq!([&hashes[1], &hashes[3]], [&first, &first]);
    assert!(hashes[0] != first && hashes[2] != first && hashes[0] != hashes[2]);
}

#[test]
fn another_replication_gives_other_entries() {
    let (first, _) = played(&RESTLESS, Seed { seed: 5, replication: 0 });
    let (second, _) = played(&RESTLESS, Seed { seed: 5, replication: 1 });
    assert_ne!(first, second);
}

/// Nothing is random in the idealised world, so no seed may change it.
#[test]
fn the_idealised_world_knows_no_chance() {
    let scene: [&str; 1] = ["world=\"one-slot\""];
    let hashes = [1, 2].map(|seed| played(&scene, Seed { seed, replication: 0 }).0);
    assert_eq!(hashes[0], hashes[1]);
}

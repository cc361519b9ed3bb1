//! Nodes of several sizes that hold several jobs: no schedule beats the bound.

use super::{stream, work};
use greenroom_scheduler::resources::Resources;
use greenroom_sim::bound::{FleetRates, Offer, UnitPrices, Works, lower_bound, units, zero_wait};
use greenroom_sim::random::Stream;

/// A type of node: what it offers, most jobs on it, USD an hour.
type Type = (Resources, u32, f64);

fn resources(cpu: u64, memory: u64) -> Resources {
    Resources { cpu_milli: cpu as u32 * 1_000, memory_mib: memory as u32 * 1_024, gpu: 0 }
}

fn types(stream: &mut Stream) -> Vec<Type> {
    (0..=stream.below(4))
        .map(|_| {
            let room = resources(4 + stream.below(13), 8 + stream.below(57));
            (room, 1 + stream.below(8) as u32, 0.1 + stream.unit())
        })
        .collect()
}

/// A node in a schedule: its type, and the jobs on it with their starts and ends.
struct Node {
    of_type: usize,
    jobs: Vec<(u64, u64, Resources)>,
}

impl Node {
    fn has_room(&self, types: &[Type], start: u64, end: u64, request: Resources) -> bool {
        let (room, most, _) = types[self.of_type];
        // Room is scarcest where somebody starts.
        let starts = self.jobs.iter().map(|job| job.0).chain([start]);
        let mut instants = starts.filter(|at| (start..end).contains(at));
        instants.all(|at| {
            let there = self.jobs.iter().filter(|job| job.0 <= at && at < job.1);
            let used = there.clone().fold(request, |sum, job| sum.plus(job.2));
            used.fits(room) && (there.count() as u32) < most
        })
    }

    /// What it costs, given back where it is empty for longer than a boot.
    fn cost_ms(&self, boot: u64) -> u64 {
        let mut jobs = self.jobs.clone();
        jobs.sort_unstable_by_key(|job| (job.0, job.1));
        let (mut busy_until, mut sum) = (None::<u64>, 0);
        for &(start, end, _) in &jobs {
            match busy_until {
                Some(until) if start <= until + boot => {
                    sum += end.max(until) - until;
                    busy_until = Some(end.max(until));
                }
                _ => {
                    sum += boot + end - start;
                    busy_until = Some(end);
                }
            }
        }
        sum
    }
}

/// Some schedule: each job waits as chance has it, on a node with room or a new one of a type that
/// can hold it.
fn schedule(
    stream: &mut Stream,
    types: &[Type],
    jobs: &[(u64, u64, Resources)],
    patience: u64,
) -> (Vec<Node>, u64) {
    let (mut nodes, mut waited): (Vec<Node>, u64) = (Vec::new(), 0);
    for &(ready, busy, request) in jobs {
        let wait = stream.below(patience + 1);
        let (start, end) = (ready + wait, ready + wait + busy);
        waited += wait;
        let place = nodes
            .iter_mut()
            .find(|node| stream.chance(0.8) && node.has_room(types, start, end, request));
        if let Some(node) = place {
            node.jobs.push((start, end, request));
            continue;
        }
        let mut of_type = stream.below(types.len() as u64) as usize;
        while !request.fits(types[of_type].0) {
            of_type = (of_type + 1) % types.len();
        }
        nodes.push(Node { of_type, jobs: vec![(start, end, request)] });
    }
    (nodes, waited)
}

#[test]
fn no_schedule_of_many_types_beats_the_bound() {
    for nth in 0..3_000 {
        let stream = &mut stream(nth);
        let types = types(stream);
        let sizes: Vec<Resources> = (0..=stream.below(3))
            .map(|_| resources(1 + stream.below(4), 1 + stream.below(8)))
            .collect();
        let boot = stream.below(30_000);
        let count = 1 + stream.below(30);
        let mut jobs: Vec<(u64, u64, usize)> = (0..count)
            .map(|_| {
                let size = stream.below(sizes.len() as u64) as usize;
                (stream.below(300_000), 1 + stream.below(120_000), size)
            })
            .collect();
        jobs.sort_unstable();
        let offers: Vec<Offer> =
            types.iter().map(|&(room, most, price)| Offer::new(room, most, price)).collect();
        let total = jobs.iter().fold([0.0; 4], |mut total, &(_, busy, size)| {
            for (sum, amount) in total.iter_mut().zip(units(sizes[size])) {
                *sum += amount * busy as f64;
            }
            total
        });
        let mut prices = vec![UnitPrices::best_for(total, &offers)];
        prices.extend(sizes.iter().map(|size| UnitPrices::best_for(units(*size), &offers)));
        let works = Works::new(
            jobs.iter()
                .map(|&(ready, busy, size)| greenroom_sim::bound::Work {
                    pool: size as u32,
                    ..work(ready, busy)
                })
                .collect(),
            &[],
        );
        let rates: Vec<f64> = sizes.iter().map(|size| prices[0].of(units(*size))).collect();
        let fleets = [FleetRates { boot_ms: boot as f64, of_pool: &rates }];
        let asked: Vec<(u64, u64, Resources)> =
            jobs.iter().map(|&(ready, busy, size)| (ready, busy, sizes[size])).collect();
        let held = jobs.iter().map(|&(ready, busy, size)| {
            let Resources { cpu_milli, memory_mib, gpu } = sizes[size];
            (ready, busy, [cpu_milli, memory_mib, gpu, 1].map(i64::from))
        });
        let zero = zero_wait(held, &prices, boot as f64);
        for patience in [0, 5_000, 60_000] {
            let (nodes, waited) = schedule(stream, &types, &asked, patience);
            let cost: f64 = nodes
                .iter()
                .map(|node| types[node.of_type].2 * node.cost_ms(boot) as f64 / 3.6e6)
                .sum();
            if patience == 0 {
                assert!(cost >= zero - 1e-9, "world {nth}: {cost} beats {zero}");
            }
            for wait_value in [0.0, 0.3, 1.0, 5.0, 20.0, 75.0] {
                let bound = lower_bound(&works, &fleets, wait_value)[0];
                let had = cost + wait_value * waited as f64 / 3.6e6;
                assert!(had >= bound - 1e-9, "world {nth} at {wait_value}: {had} beats {bound}");
            }
        }
    }
}

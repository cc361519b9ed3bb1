//! The bare loop that every other figure is held against: machines differ, and a busy one differs
//! from itself.

use greenroom_sim::random::{Purpose, Streams};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

const SERVERS: u32 = 100;
/// Arrivals in the mean time of one service: the load is 0.9.
const LOAD: f64 = 90.0;
/// The clock's ticks in the mean time of one service.
const TICKS: f64 = 1e9;

/// M/M/100, first come first served: arrivals merged and never queued, ends in the standard heap.
/// Gives the mean wait in services.
pub(crate) fn loop_of(jobs: u32) -> f64 {
    let mut stream = Streams::new(1).stream(Purpose::Generator, 0);
    let mut after = |mean: f64| (stream.exponential() * mean) as u64;
    let (mut ends, mut queue) = (BinaryHeap::new(), VecDeque::new());
    let (mut busy, mut waited, mut started, mut left) = (0, 0, 0_u32, jobs);
    let mut arrival = after(TICKS / LOAD);
    while left > 0 || !ends.is_empty() {
        let is_arrival = left > 0 && ends.peek().is_none_or(|&Reverse((end, _))| arrival < end);
        let now = if is_arrival {
            let now = arrival;
            left -= 1;
            arrival += after(TICKS / LOAD);
            if busy == SERVERS {
                queue.push_back(now);
                continue;
            }
            busy += 1;
            now
        } else {
            let Some(Reverse((now, _))) = ends.pop() else { break };
            let Some(since) = queue.pop_front() else {
                busy -= 1;
                continue;
            };
            waited += now - since;
            now
        };
        started += 1;
        ends.push(Reverse((now + after(TICKS), started)));
    }
    waited as f64 / TICKS / f64::from(jobs)
}

//! Bounds in hindsight: exact where they say so, and beaten by nobody.

mod brute;
mod exact;
mod fleets;
mod oracle;
mod published;
mod runs;
mod spot;
mod worlds;

use greenroom_sim::bound::{FleetRates, Kind, NO_RUN, Work, Works, lower_bound};
use greenroom_sim::random::{Purpose, Stream, Streams};

/// Price of a node in USD an hour, so that a millisecond costs 1e-6 USD.
pub(crate) const USD_PER_HOUR: f64 = 3.6;

/// Where all randomness of the nth case comes from.
pub(crate) fn stream(nth: u64) -> Stream {
    Streams::new(27).replication(nth).stream(Purpose::Generator, 0)
}

pub(crate) const fn work(ready_ms: u64, busy_ms: u64) -> Work {
    let kind = Kind::Must;
    Work { ready_ms, busy_ms, gap_ms: 0, run: NO_RUN, fleet: 0, pool: 0, kind }
}

/// The bound of one fleet of one-slot nodes, in millionths of a USD.
pub(crate) fn least(works: &Works, boot_ms: u64, wait_value: f64) -> f64 {
    let fleets = [FleetRates { boot_ms: boot_ms as f64, of_pool: &[USD_PER_HOUR] }];
    lower_bound(works, &fleets, wait_value)[0] * 1e6
}

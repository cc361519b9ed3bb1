//! Best in hindsight: what no policy can beat, computed from the whole trace with all durations.
//!
//! A job `i` comes at `a`, occupies a node for `D` (dispatch and duration), and takes up `h` of the
//! node's price (USD an hour; the whole price where a node holds one job). A node is billed from
//! its launch and ready `L` later. `J(v)` is the machines' cost plus `v` times the queue time on
//! critical paths, and here is why nothing lies below [`lower_bound`]'s answer.
//!
//! 1. **Strands.** Let `y` be prices of resources such that no node offers more than it costs
//!    ([`UnitPrices`]). Then a node can be seen as `p` USD an hour of strands; each job holds
//!    `h = y r` of them while it runs, any that are free. Each strand carries a chain of jobs: it
//!    pays `L` once before its first and the gaps between one's end and the next's start. So
//!    cost >= sum `h D` + sum over strands of (`L` + gaps).
//! 2. **Nobody waits** ([`Replay`] without waiting). A gap longer than `L` is better replaced by a
//!    new strand, so each costs min(gap, `L`), and the cheapest chains always continue the strand
//!    that was used last: replaying arrivals and ends last-in-first-out costs `sum h D + sum h
//!    min(gap, L)`, the optimum of Lu and Chen, *Simple and effective dynamic provisioning*
//!    (2011/13). For one-slot nodes it is exact and can be executed ([`Oracle`]); otherwise
//!    it is a bound for all who let nobody wait.
//! 3. **Waiting allowed.** Say a job starts `x` after its earliest start, at `w x` of the waiting's
//!    cost, for each strand `w / h`. Choose an `s` of 0 to 1 and `q = w / h - s`; charge `q x` to the
//!    link before the job and `s x` to the link behind it. A link from a job that could end at `e`
//!    to one that came at `a` then costs `s (a - e)` at least if `e <= a` (an end that is late by
//!    `x` shortens the gap by `x` at most, and paid `s x`), and `q (e - a)` at least if `e > a` (the
//!    follower waits so long). With those costs and `L` for a job without a link, chains become
//!    a matching of arrivals with ends on a line, which [`Replay`] solves exactly in O(n log n).
//!    Dropping the demand that the links form chains only lowers the sum. (`q` is the smallest of
//!    all jobs', at least 0; the best of several `s` is taken.)
//! 4. **Runs.** The last job of a run to end, and the chain of those that released it, make the
//!    run's queue time on the critical path: its end is the sum of recorded times and of waits on
//!    that chain. So if the run cannot end before `E` when nobody waits, and ends at `C`, that queue
//!    time is at least `C - E`; and a job without slack that starts `x` late makes `C >= E + x`
//!    whatever lies before or behind it. With weights that sum to 1 over such jobs of a run,
//!    `v (C - E) >= sum (v / m) x`: the `w` of step 3.
//! 5. **Jobs with slack** may wait for nothing. Take them out of a schedule of all: gaps grow by no
//!    more than their `D`, and no link costs more than `L`; so all cost at least what the others do
//!    alone plus `h (D - min(D, L))` for each.
//! 6. **At least one boot**: the largest job runs on strands that were booted. So the bound is never
//!    less than `sum h D + L max h`, which is the optimum at `v = 0` where all nodes hold one job of
//!    one class.
//!
//! The world rounds the charge of each node to the micro-dollar, so that a run may lie below a
//! bound by half a micro-dollar a node. Spot nodes that EC2 takes back within their first hour are
//! free in the world; the bounds price them as paid.

mod area;
mod bounds;
mod gather;
mod least;
mod player;
mod prices;
mod replay;
mod spot;
mod timetable;
mod work;

pub use area::{InUse, zero_wait};
pub use bounds::{Bounds, ClassBound, LowerBound};
pub use gather::{Gather, JOBS_MAX};
pub use least::{FleetRates, lower_bound};
pub use player::Player;
pub use prices::{Offer, UnitPrices, Units, units};
pub use replay::Replay;
pub use spot::{SpotJob, SpotPool, cheapest_attempt};
pub use timetable::Oracle;
pub use work::{Kind, NO_RUN, Work, Works};

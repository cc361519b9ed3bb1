//! Decisions as sentences.

use super::{Count, Rough};
use crate::decision::{CapacityChoice, Cause, Decision, Law, Nonsense, Placement, Scaling, Tier};
use crate::model::CapacityType;
use crate::time::{Span, Time};
use core::fmt;

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scale { set, from, to, why } => {
                write!(f, "set {set}: from {from} to {}: {why}", Count(*to, "runner"))
            }
            Self::Place { runner, node, why } => write!(f, "{runner} goes to {node}: {why}"),
            Self::Claim { node, fleet, waiting, coming, places, instance_type, why } => {
                let wait = if *waiting == 1 { "waits" } else { "wait" };
                write!(f, "{node} for fleet {fleet}: {} {wait}, ", Count(*waiting, "runner"))?;
                write!(f, "room for {coming} is there or coming, ")?;
                write!(f, "type {instance_type} holds {places} more; {why}")
            }
            Self::Launch { node, fleet, reserved, hot, covered, instance_type, why } => {
                write!(f, "{node} for fleet {fleet}: {} foreseen, ", Count(*reserved, "job"))?;
                if *hot > 0 {
                    write!(f, "{} kept hot, ", Count(*hot, "node"))?;
                }
                write!(f, "room for {covered} is free or coming, type {instance_type}; {why}")
            }
            Self::Start { node, fleet, waiting, left } => {
                let wait = if *waiting == 1 { "waits" } else { "wait" };
                write!(f, "{node} for fleet {fleet} out of the stock: ")?;
                write!(f, "{} {wait}, {left} left", Count(*waiting, "runner"))
            }
            Self::Prepare { node, fleet, have, want, instance_type, why } => {
                write!(f, "{node} for the stock of fleet {fleet}: {have} of ")?;
                write!(f, "{} there or coming, type {instance_type}; {why}", Count(*want, "node"))
            }
            Self::Level { fleet, tier, before, nodes, hits_per_hour, pays_at_per_hour } => {
                let tier = match tier {
                    Tier::Hot => "empty",
                    Tier::Stopped => "stopped",
                };
                write!(f, "fleet {fleet}: {nodes} {tier} nodes are kept instead of {before}: ")?;
                write!(f, "so many at once are wanted {} times an hour, ", Rough(*hits_per_hour))?;
                write!(f, "and {} pay for the last", Rough(*pays_at_per_hour))
            }
            Self::Thin { node, have, want } => {
                write!(f, "{node} leaves the stock: {have} of {}", Count(*want, "node"))
            }
            Self::Stop { node, have, want } => {
                write!(f, "{node} goes into the stock: {have} of {}", Count(*want, "node"))
            }
            Self::Expect {
                run,
                set,
                count,
                probability,
                expected_at,
                node_at,
                idle_usd,
                waiting_usd,
            } => {
                let (jobs, at) = (Count(*count, "job"), At(*expected_at));
                write!(f, "set {set}: {jobs} of run {run} expected at {at} with probability ")?;
                write!(f, "{}, ", Rough(*probability))?;
                match node_at {
                    Some(at) => write!(f, "a node for each from {}", At(*at))?,
                    None => f.write_str("no node ahead")?,
                }
                write!(f, ": idle cost {} USD against ", Rough(*idle_usd))?;
                write!(f, "{} USD of waiting", Rough(*waiting_usd))
            }
            Self::Foresee { set, count, expected_at, reserve_at } => {
                write!(
                    f,
                    "set {set}: {} foreseen at {}, ",
                    Count(*count, "job"),
                    At(*expected_at)
                )?;
                write!(f, "a node for each from {}", At(*reserve_at))
            }
            Self::Disregard { set, count, probability, foreseen } => {
                write!(f, "set {set}: {} foreseen with probability ", Count(*count, "job"))?;
                write!(f, "{probability} left out, {foreseen} foreseen already")
            }
            Self::Redeem { job, set, foreseen } => {
                write!(f, "{job} of set {set} came as foreseen, {foreseen} more to come")
            }
            Self::Forget { set, count, expected_at, foreseen } => {
                write!(f, "set {set}: {} foreseen at ", Count(*count, "job"))?;
                write!(f, "{} did not come, {foreseen} more to come", At(*expected_at))
            }
            Self::Keep { fleet, empty, reserved, waiting } => {
                let (wait, are) = (
                    if *waiting == 1 { "waits" } else { "wait" },
                    if *empty == 1 { "is" } else { "are" },
                );
                write!(f, "fleet {fleet}: {} {are} kept for ", Count(*empty, "empty node"))?;
                let (jobs, runners) = (Count(*reserved, "foreseen job"), Count(*waiting, "runner"));
                write!(f, "{jobs} while {runners} {wait}")
            }
            Self::Hold { set, waiting, cause } => {
                let wait = if *waiting == 1 { "waits" } else { "wait" };
                write!(f, "set {set}: {} {wait}: {cause}", Count(*waiting, "job"))
            }
            Self::Misfit { set, request, largest } => {
                write!(f, "set {set}: a runner asks for {request}, ")?;
                match largest {
                    Some((kind, offers)) => {
                        write!(f, "the largest type of its pool, type {kind}, offers {offers}")
                    }
                    None => f.write_str("and its pool allows no instance type"),
                }
            }
            Self::Free { set } => write!(f, "set {set}: no job waits any more"),
            Self::Release { node, idle, keep_alive } => {
                write!(f, "{node} is given back: empty for {idle}, kept for {keep_alive}")
            }
            Self::Pack { node, fleet, waiting, coming, runners, load, why, .. } => {
                let wait = if *waiting == 1 { "waits" } else { "wait" };
                write!(f, "{node} for fleet {fleet}: {} {wait}, ", Count(*waiting, "runner"))?;
                write!(
                    f,
                    "room for {coming} is coming; packed: {}, {load}, ",
                    Count(*runners, "runner")
                )?;
                let Self::Pack { instance_type, offers, rate, .. } = self else { return Ok(()) };
                write!(f, "on type {instance_type} with {offers} at {rate}; {why}")
            }
            Self::AwaitSlots { fleet, waiting, slots, within } => {
                let wait = if *waiting == 1 { "waits" } else { "wait" };
                write!(f, "fleet {fleet}: {} {wait}, ", Count(*waiting, "runner"))?;
                let (places, free) =
                    (Count(*slots, "place"), if *slots == 1 { "frees" } else { "free" });
                write!(
                    f,
                    "{places} most likely {free} within {within}, before a node would be ready"
                )
            }
            Self::Grow { fleet, places, why } => {
                write!(f, "fleet {fleet}: {} more: {why}", Count(*places, "place"))
            }
            Self::Spent { node } => write!(f, "{node} is given back: it had its last runner"),
            Self::Cancel { node, after, waiting } => {
                write!(f, "{node} is cancelled after {after} on its way: ")?;
                match waiting {
                    0 => f.write_str("nobody waits any more"),
                    1 => f.write_str("the runner that waits has a place without it"),
                    _ => write!(f, "{waiting} runners that wait have places without it"),
                }
            }
            Self::GiveBack { node, idle, places } => {
                let places = Count(*places, "place");
                write!(f, "{node} is given back: empty for {idle}, the timetable has {places}")
            }
            Self::Retire { runner, have, want } => {
                write!(f, "{runner} is not needed: {}, {want} wanted", Count(*have, "runner"))
            }
            Self::Strand { runner, node } => {
                write!(f, "{runner} has no job and is asked for anew: {node} goes away")
            }
            Self::Hinted { node, longer_than } => {
                write!(f, "{node} takes no more runners: EC2 may take it back, ")?;
                write!(f, "and half of the jobs run for more than {longer_than}")
            }
            Self::Twin { job, ran, ends_in_time, starts } => {
                write!(f, "{job} ran for {ran} and ends in time with probability ")?;
                let what = if *starts { "a node on demand is made ready" } else { "it may finish" };
                write!(f, "{}: {what}", Rough(*ends_in_time))
            }
            Self::Rerun { job, time, most } => {
                write!(f, "{job} lost its runner and runs again, time {time} of {most}")
            }
            Self::Cordon { node, reclaim_at } => {
                write!(f, "{node} takes no more runners: EC2 takes it back")?;
                match reclaim_at {
                    Some(at) => write!(f, " at {}", At(*at)),
                    None => Ok(()),
                }
            }
            Self::Stopped { law } => write!(f, "a command was stopped: {law}"),
            Self::Ignored { why } => write!(f, "an event was ignored: {why}"),
        }
    }
}

/// A point in time in seconds.
struct At(Time);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}s", self.0.as_ms() / 1000, self.0.as_ms() % 1000)
    }
}

impl fmt::Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assigned { assigned: 1 } => f.write_str("one for the assigned job"),
            Self::Assigned { assigned } => write!(f, "one for each of {assigned} assigned jobs"),
            Self::Arc { assigned, min, max } => {
                write!(f, "{min} idle + {assigned} assigned, {max} at most")
            }
            Self::Fixed { runners } => write!(f, "{runners} in its pool, used or not"),
        }
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BesideOthers { runners } => {
                write!(f, "the most recently used with room, {} on it", Count(*runners, "runner"))
            }
            Self::MostRecentlyUsed { idle: Span::ZERO } => {
                f.write_str("empty, ready or free just now")
            }
            Self::MostRecentlyUsed { idle } => {
                write!(f, "the empty one used last, {idle} ago")
            }
        }
    }
}

impl fmt::Display for CapacityChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only(capacity) => write!(f, "{capacity}: nothing else is allowed"),
            Self::SpotCheaper { spot, on_demand } => {
                write!(f, "spot: {spot} against {on_demand} on demand")
            }
            Self::HazardOverThreshold { hazard_per_hour, threshold_per_hour, for_span } => {
                write!(f, "on-demand: spot hazard {}/h", Rough(*hazard_per_hour))?;
                write!(f, " over threshold {threshold_per_hour}/h for {for_span}")
            }
            Self::JobUnderThreshold { hazard_per_hour, threshold_per_hour, length } => {
                write!(f, "spot: hazard {}/h under ", Rough(*hazard_per_hour))?;
                write!(f, "threshold {}/h for {length}", Rough(*threshold_per_hour))
            }
            Self::JobOverThreshold { hazard_per_hour, threshold_per_hour, length } => {
                write!(f, "on-demand: spot hazard {}/h over ", Rough(*hazard_per_hour))?;
                write!(f, "threshold {}/h for {length}", Rough(*threshold_per_hour))
            }
            Self::SpotDeadline { waited, deadline } => {
                write!(f, "on-demand: spot refused for {waited}, deadline {deadline}")
            }
            Self::BreakerOpen { count, window, left } => {
                write!(f, "on-demand: {} within {window}", Count(*count, "interruption"))?;
                write!(f, " opened the breaker for {left} more")
            }
            Self::OneStrike => f.write_str("on-demand: a job lost its runner on spot once"),
        }
    }
}

impl fmt::Display for CapacityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spot => "spot",
            Self::OnDemand => "on-demand",
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivery => "GitHub has not told of it yet",
            Self::Outage => "a service is down or throttles calls",
            Self::TeamMax => "the team is at its most runners",
            Self::PoolMax => "the pool is at its most runners",
            Self::Guaranteed => "what the pool has left is guaranteed to other teams",
            Self::Budget => "the team's budget is spent",
            Self::NoMachineFits => "no instance type of the pool is large enough",
            Self::AccountQuota => "the account's vCPU quota is used up",
            Self::InsufficientCapacity => "EC2 has no such machine now",
            Self::AllBusy => "all places are taken and no more are coming",
            Self::NodeStartup => "a node starts",
            Self::Scheduling => "Kubernetes binds the pod",
            Self::ImagePull => "the node pulls the image",
            Self::PodStart => "the pod starts",
            Self::Identity => "the runner gets its credentials",
            Self::Registration => "the runner registers with GitHub",
            Self::Assignment => "GitHub hands the job to the runner",
            Self::Interruption => "its runner was lost and it runs again",
        })
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quota => "a team, pool or fleet would have more than its most",
            Self::Isolation => "two that may not share a node would share one",
            Self::Budget => "a team would spend more than its budget",
            Self::BusyVictim => "a runner or node with a job would be removed",
            Self::NodeFull => "a node would carry more than it can",
            Self::Disruption => "more nodes would be disrupted at once than allowed",
        })
    }
}

impl fmt::Display for Nonsense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownSet => "it speaks of a runner set that nobody announced",
            Self::UnknownRunner => "it speaks of a runner that is not there",
            Self::UnknownNode => "it speaks of a node that is not there",
            Self::UnknownCommand => "it answers a command that nobody waits for",
            Self::NotConfigured => "it came before the settings",
        })
    }
}

//! What happens: each line is an event.

use super::names::{Names, find, job};
use super::words::{capacity, class, number, rate, span, time};
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::core::Core;
use greenroom_scheduler::event::{
    Counts, Event, Foresight, JobResult, Machine, NodeChange, NodeEnd, RunnerChange, RunnerEnd,
};
use greenroom_scheduler::id::{FleetId, Generation, NodeId, RunId, SetId, TypeId, ZoneId};
use greenroom_scheduler::model::ServiceClass;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::snapshot::{SeenNode, SeenRunner, Snapshot, Stopped};

/// The events of a line.
pub(super) fn happen(line: &[&str], names: &Names, core: &Core) -> Result<Vec<Event>, String> {
    let runner_changed = |text: &str, change| -> Result<Event, String> {
        Ok(Event::RunnerChanged { runner: names.runner(text)?, change })
    };
    let node_changed = |text: &str, change| -> Result<Event, String> {
        let node = names.node(text)?;
        Ok(Event::NodeChanged { node, fleet: fleet_of(core, node), change })
    };
    Ok(vec![match *line {
        ["audit"] => Event::Audit,
        ["tick"] => Event::Tick,
        ["leader", generation] => Event::Leading(Generation(number(generation)?)),
        ["price", of_type, bought, price] => Event::PriceChanged {
            instance_type: TypeId(find(&names.types, of_type)?),
            zone: ZoneId(0),
            capacity: capacity(bought)?,
            rate: rate(price)?,
        },
        ["answer", verb, subject, ref outcome @ ..] => {
            let subject = subject.trim_end_matches(':');
            Event::Finished {
                command: names.command(&format!("{verb} {subject}"))?,
                outcome: outcome_of(outcome)?,
            }
        }
        [set, "has", ref rest @ ..] => {
            Event::Statistics { set: set_of(names, set)?, counts: counts(rest)? }
        }
        [set, "is", "offered", ref jobs @ ..] => {
            let set = set_of(names, set)?;
            let offered = |text: &&str| Ok(Event::JobAvailable { set, job: job(text)? });
            return jobs.iter().map(offered).collect();
        }
        [taken, "of", set, "starts", "on", runner] => Event::JobStarted {
            set: set_of(names, set)?,
            job: job(taken)?,
            runner: names.runner(runner)?,
        },
        [came, "of", set, "came", "as", "foreseen"] => Event::JobAssigned {
            set: set_of(names, set)?,
            job: job(came)?,
            announced: true,
            class: ServiceClass::Standard,
        },
        [came, "of", set, "came", "as", of_class] => Event::JobAssigned {
            set: set_of(names, set)?,
            job: job(came)?,
            announced: false,
            class: class(of_class)?,
        },
        [came, "is", "assigned", "to", set] => Event::JobAssigned {
            set: set_of(names, set)?,
            job: job(came)?,
            announced: false,
            class: ServiceClass::Standard,
        },
        [came, "of", set, "queues", "as", label, "in", "run", run] => Event::RunJobQueued {
            job: job(came)?,
            set: set_of(names, set)?,
            run: RunId(number(run)?),
            label: number(label)?,
        },
        [ended, "leaves", "its", "run"] => Event::RunJobEnded { job: job(ended)? },
        [set, "foresees", count, "at", at, "sigma", sigma, ref rest @ ..] => {
            let probability = match rest {
                [] => 1.0,
                ["probability", probability] => number(probability)?,
                _ => return Err(format!("what is {rest:?}?")),
            };
            Event::Foreseen(Box::new(Foresight {
                set: set_of(names, set)?,
                count: number(count)?,
                expected_at: time(at)?,
                sigma: span(sigma)?,
                probability,
            }))
        }
        [ended, "of", set, "is", result, ref rest @ ..] => Event::JobCompleted {
            set: set_of(names, set)?,
            job: job(ended)?,
            runner: match rest {
                [] => None,
                ["on", runner] => Some(names.runner(runner)?),
                _ => return Err(format!("what is {rest:?}?")),
            },
            result: result_of(result)?,
        },
        [runner, "is", "bound", "to", node] => {
            runner_changed(runner, RunnerChange::Bound(names.node(node)?))?
        }
        [runner, "is", "registered"] => runner_changed(runner, RunnerChange::Registered)?,
        [node, "is", "launched:", of_type, bought] => {
            let machine = machine(names, core, of_type, bought)?;
            node_changed(node, NodeChange::Launched(machine))?
        }
        [node, "is", "stopped"] => node_changed(node, NodeChange::Stopped)?,
        [node, "is", "ready"] => node_changed(node, NodeChange::Ready)?,
        [node, "may", "be", "reclaimed"] => node_changed(node, NodeChange::Rebalance)?,
        [node, "is", "reclaimed", "at", at] => {
            node_changed(node, NodeChange::Notice { reclaim_at: time(at)? })?
        }
        [gone, "is", "gone:", why] if gone.starts_with('r') => {
            runner_changed(gone, RunnerChange::Gone(runner_end(why)?))?
        }
        [gone, "is", "gone:", why] => node_changed(gone, NodeChange::Gone(node_end(why)?))?,
        _ => return Err(format!("what is: {}?", line.join(" "))),
    }])
}

/// Adds a line of a full listing: `seen web 2 assigned`, `seen n0 main small spot ready`,
/// `seen r0 web on n0 with j1`.
pub(super) fn see(
    line: &[&str],
    names: &Names,
    core: &Core,
    seen: &mut Snapshot,
) -> Result<(), String> {
    match *line {
        [node, fleet, of_type, bought, state] if node.starts_with('n') && fleet != "has" => {
            let asked = of_type == "claimed";
            let machine = if asked { None } else { Some(machine(names, core, of_type, bought)?) };
            seen.nodes.push(SeenNode {
                node: names.node(node)?,
                fleet: FleetId(find(&names.fleets, fleet)?),
                machine,
                ready: state == "ready",
                cordoned: state == "cordoned",
                stopped: match state {
                    "stopping" => Some(Stopped::Soon),
                    "stopped" => Some(Stopped::Now),
                    _ => None,
                },
            });
        }
        [runner, set, "on", node, ref rest @ ..] if runner.starts_with('r') => {
            let held = match rest {
                [] => None,
                ["with", held] => Some(job(held)?),
                _ => return Err(format!("what is {rest:?}?")),
            };
            seen.runners.push(SeenRunner {
                runner: names.runner(runner)?,
                set: set_of(names, set)?,
                node: Some(names.node(node)?),
                job: held,
            });
        }
        [set, "has", ref rest @ ..] => seen.sets.push((set_of(names, set)?, counts(rest)?)),
        _ => return Err(format!("what is: seen {}?", line.join(" "))),
    }
    Ok(())
}

fn set_of(names: &Names, text: &str) -> Result<SetId, String> {
    Ok(SetId(find(&names.sets, text)?))
}

fn fleet_of(core: &Core, node: NodeId) -> FleetId {
    core.state().view.nodes.get(node).map_or(FleetId(0), |known| known.fleet)
}

fn machine(names: &Names, core: &Core, of_type: &str, bought: &str) -> Result<Machine, String> {
    let instance_type = TypeId(find(&names.types, of_type)?);
    let capacity = capacity(bought)?;
    let settings = core.state().settings.as_ref();
    let known = settings.and_then(|settings| settings.types.get(instance_type.index()));
    let rate = known.map_or(Rate::ZERO, |known| match capacity {
        greenroom_scheduler::model::CapacityType::Spot => known.spot,
        greenroom_scheduler::model::CapacityType::OnDemand => known.on_demand,
    });
    Ok(Machine { instance_type, zone: ZoneId(0), capacity, rate })
}

/// `2 assigned, 1 running, 3 available`.
fn counts(words: &[&str]) -> Result<Counts, String> {
    let mut counts = Counts::default();
    for pair in words.chunks(2) {
        let [count, what] = pair else { return Err(format!("what is {pair:?}?")) };
        match what.trim_end_matches(',') {
            "assigned" => counts.assigned = number(count)?,
            "running" => counts.running = number(count)?,
            "available" => counts.available = number(count)?,
            other => return Err(format!("what is {other}?")),
        }
    }
    Ok(counts)
}

fn outcome_of(words: &[&str]) -> Result<Outcome, String> {
    Ok(match words {
        ["done"] => Outcome::Done,
        ["already"] => Outcome::Already,
        ["unknown"] => Outcome::Unknown,
        ["refused,", why] => Outcome::Refused(match *why {
            "busy" => Refusal::Busy,
            "not-found" => Refusal::NotFound,
            "no-capacity" => Refusal::InsufficientCapacity,
            "account-quota" => Refusal::AccountQuota,
            "throttled" => Refusal::Throttled,
            "unavailable" => Refusal::Unavailable,
            "fenced" => Refusal::Fenced,
            _ => return Err(format!("no such refusal: {why}")),
        }),
        _ => return Err(format!("no such outcome: {words:?}")),
    })
}

fn result_of(text: &str) -> Result<JobResult, String> {
    Ok(match text {
        "succeeded" => JobResult::Succeeded,
        "failed" => JobResult::Failed,
        "cancelled" => JobResult::Cancelled,
        "lost" => JobResult::Lost,
        "expired" => JobResult::Expired,
        _ => return Err(format!("no such result: {text}")),
    })
}

fn runner_end(text: &str) -> Result<RunnerEnd, String> {
    Ok(match text {
        "finished" => RunnerEnd::Finished,
        "removed" => RunnerEnd::Removed,
        "reaped" => RunnerEnd::Reaped,
        "node-lost" => RunnerEnd::NodeLost,
        "failed" => RunnerEnd::Failed,
        _ => return Err(format!("no such end of a runner: {text}")),
    })
}

fn node_end(text: &str) -> Result<NodeEnd, String> {
    Ok(match text {
        "deleted" => NodeEnd::Deleted,
        "reclaimed" => NodeEnd::Reclaimed,
        "never-ready" => NodeEnd::NeverReady,
        _ => return Err(format!("no such end of a node: {text}")),
    })
}

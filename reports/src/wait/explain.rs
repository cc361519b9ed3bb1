//! One job's wait in words.

use super::story::{Host, Misfit, Story};
use super::totals::cause_text;
use crate::names::Names;
use greenroom_scheduler::decision::{CapacityChoice, Placement};
use greenroom_scheduler::event::JobResult;
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::Span;
use greenroom_scheduler::verdict::Verdict;
use std::fmt::Write;

/// What no controller can change, said with every explanation.
const GITHUBS_CHOICE: &str = "GitHub alone chooses which runner of a set takes a job, and in \
    which order the jobs of a set are taken; a controller chooses how many runners there are and \
    on which nodes they start.";

/// Why a job waited, with the numbers.
pub fn explain(names: &Names, story: &Story) -> String {
    let mut text = String::new();
    // Writing to text cannot fail.
    let _ = tell(&mut text, names, story);
    text
}

fn tell(text: &mut String, names: &Names, story: &Story) -> std::fmt::Result {
    write!(text, "Job {}", story.job)?;
    if let Some(label) = names.label(story.label) {
        let parts = [&label.repository, &label.workflow, &label.job];
        let known: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        if !known.is_empty() {
            write!(text, " ({})", known.join(", "))?;
        }
    }
    write!(text, ", runner set {}, waited {}", names.set_name(story.set), story.waited)?;
    text.push_str(match (story.started, story.attempts) {
        (Some(_), 0 | 1) => " from ready to its first step",
        (Some(_), _) => " in all until the first step of the attempt that counts",
        (None, _) => " and never ran",
    });
    match story.recorded {
        Some(recorded) => writeln!(text, "; in the record it waited {recorded}.")?,
        None => writeln!(text, ".")?,
    }
    if let Some(by) = story.released_by {
        writeln!(text, "It became ready when job j{by}, the last of its predecessors, had ended.")?;
    }
    for piece in &story.pieces {
        let (from, until) = (piece.from.since(story.ready), piece.until.since(story.ready));
        let span = piece.span();
        let percent = 100.0 * span.as_ms() as f64 / story.waited.as_ms().max(1) as f64;
        let from = if from.is_zero() { "0s".to_owned() } else { from.to_string() };
        let (until, span) = (until.to_string(), span.to_string());
        let cause = cause_text(piece.cause);
        writeln!(text, "  {from:>8} – {until:<8} {span:>8}  {percent:>3.0} %  {cause}")?;
    }
    if let Some(Misfit { request, largest }) = story.misfit {
        write!(text, "Its runner asks for {request}; ")?;
        match largest {
            Some((kind, offers)) => {
                let name = names.type_name(kind);
                writeln!(text, "the largest type of its runner class, {name}, offers {offers}.")?;
            }
            None => writeln!(text, "its runner class allows no instance type.")?,
        }
    }
    if !story.interrupted.is_zero() {
        let lost = story.attempts - u32::from(story.started.is_some());
        let plural = if lost == 1 { "attempt was" } else { "attempts were" };
        writeln!(
            text,
            "{lost} {plural} lost with the runner after {} of work, which is no queue time.",
            story.interrupted
        )?;
        if let Some(verdict) = story.lost_to {
            writeln!(text, "Karpenter took its node: {}.", why_it_goes(verdict))?;
        }
    }
    if let Some(host) = &story.host {
        writeln!(text, "{}", where_it_ran(names, host))?;
    }
    match story.result {
        Some(JobResult::Succeeded) => writeln!(text, "It ran {} and succeeded.", story.ran)?,
        Some(JobResult::Failed) => writeln!(text, "It ran {} and failed.", story.ran)?,
        Some(JobResult::Cancelled) if story.started.is_none() => {
            writeln!(text, "It was cancelled while it waited.")?;
        }
        Some(JobResult::Cancelled) => writeln!(text, "It was cancelled after {}.", story.ran)?,
        Some(JobResult::Lost) => writeln!(text, "It was lost with its runner for good.")?,
        Some(JobResult::Expired) => writeln!(text, "Nobody took it for 24 hours.")?,
        None => writeln!(text, "It had not ended when the run was cut.")?,
    }
    writeln!(text, "{GITHUBS_CHOICE}")
}

fn where_it_ran(names: &Names, host: &Host) -> String {
    let mut text = format!("It ran on runner {}", host.runner);
    if let Some(node) = host.node {
        let _ = write!(text, " on node {node}");
    }
    if let Some((instance_type, capacity)) = host.machine {
        let bought = match capacity {
            CapacityType::Spot => "spot",
            CapacityType::OnDemand => "on-demand",
        };
        let _ = write!(text, " ({}, {bought})", names.type_name(instance_type));
    }
    text.push('.');
    match host.placement {
        Some(Placement::BesideOthers { runners: 1 }) => {
            text.push_str(
                " The node was the most recently used one with room; 1 other runner was on it.",
            );
        }
        Some(Placement::BesideOthers { runners }) => {
            let _ = write!(
                text,
                " The node was the most recently used one with room; {runners} others were on it."
            );
        }
        Some(Placement::MostRecentlyUsed { idle: Span::ZERO }) => {
            text.push_str(" The node had just become ready or free.");
        }
        Some(Placement::MostRecentlyUsed { idle }) => {
            let _ = write!(text, " The node was the empty one used last, {idle} before.");
        }
        None => {}
    }
    match host.opened {
        Some(Verdict::Opened { runners, waiting, types }) => {
            let _ = write!(
                text,
                " Karpenter opened the node for {runners} of {waiting} waiting {}, as one of {types} \
                 {}.",
                plural(waiting, "runner", "runners"),
                plural(types, "instance type", "instance types"),
            );
        }
        Some(Verdict::Replaces { nodes }) => {
            let _ = write!(
                text,
                " Karpenter opened the node instead of {nodes} {}.",
                plural(nodes, "other", "others"),
            );
        }
        _ => {}
    }
    if let Some(growth) = host.growth {
        let _ = write!(text, " Its node came by the policy's count: {growth}.");
    }
    if let Some(choice) = host.capacity {
        let _ = write!(text, " {}", capacity_text(choice));
    }
    text
}

const fn plural(count: u32, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

/// Why Karpenter took a node, after "Karpenter took its node: ".
fn why_it_goes(verdict: Verdict) -> String {
    match verdict {
        Verdict::Underutilized { nodes: 1, replaced: false } => {
            "its runners had room on others (consolidation)".to_owned()
        }
        Verdict::Underutilized { nodes: 1, replaced: true } => {
            "a cheaper one could do its work (consolidation)".to_owned()
        }
        Verdict::Underutilized { nodes, replaced: false } => {
            format!("the runners of {nodes} nodes had room on others (consolidation)")
        }
        Verdict::Underutilized { nodes, replaced: true } => {
            format!("one cheaper node could do the work of {nodes} (consolidation)")
        }
        Verdict::Expired { age } => format!("it was {age} old, the age at which nodes expire"),
        Verdict::Interrupted => "EC2 had said that it takes the machine back".to_owned(),
        Verdict::NeverJoined => "its machine had not joined in time".to_owned(),
        Verdict::Empty
        | Verdict::Opened { .. }
        | Verdict::Replaces { .. }
        | Verdict::NotLaunched { .. }
        | Verdict::Spared => "nothing seemed to be on it".to_owned(),
    }
}

/// Why spot or on demand, with the numbers.
pub(crate) fn capacity_text(choice: CapacityChoice) -> String {
    match choice {
        CapacityChoice::Only(CapacityType::Spot) => {
            "Spot: its nodes may be bought in no other way.".to_owned()
        }
        CapacityChoice::Only(CapacityType::OnDemand) => {
            "On-demand: its nodes may be bought in no other way.".to_owned()
        }
        CapacityChoice::SpotCheaper { spot, on_demand } => {
            format!("Spot: {spot} against {on_demand} on demand.")
        }
        CapacityChoice::HazardOverThreshold { hazard_per_hour, threshold_per_hour, for_span } => {
            format!(
                "On-demand: spot hazard {hazard_per_hour}/h over threshold \
                 {threshold_per_hour}/h for {for_span}."
            )
        }
        CapacityChoice::JobUnderThreshold { hazard_per_hour, threshold_per_hour, length } => {
            format!(
                "Spot: hazard {hazard_per_hour:.3}/h under threshold {threshold_per_hour:.3}/h \
                 for jobs of {length}."
            )
        }
        CapacityChoice::JobOverThreshold { hazard_per_hour, threshold_per_hour, length } => {
            format!(
                "On-demand: spot hazard {hazard_per_hour:.3}/h over threshold \
                 {threshold_per_hour:.3}/h for jobs of {length}."
            )
        }
        CapacityChoice::SpotDeadline { waited, deadline } => {
            format!(
                "On-demand: spot had no capacity for {waited}, and may be tried for {deadline}."
            )
        }
        CapacityChoice::BreakerOpen { count, window, left } => {
            format!(
                "On-demand: {count} interruptions within {window} opened the circuit breaker, for \
                 {left} more."
            )
        }
        CapacityChoice::OneStrike => {
            "On-demand: a job that lost a spot runner once is not put on spot again.".to_owned()
        }
    }
}

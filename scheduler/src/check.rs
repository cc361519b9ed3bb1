//! Lints every command before it leaves. It trusts no stage: each law is worked out anew from the
//! view.

use crate::command::Action;
use crate::core::State;
use crate::decision::Law;
use crate::id::{NodeId, RunnerId, SetId};
use crate::view::node::Phase;

/// Whether a command keeps the laws.
///
/// # Errors
/// The law that it would break.
pub fn check(state: &State, action: &Action) -> Result<(), Law> {
    match action {
        Action::CreateRunner { runner, set, node, .. } => {
            // Asked for again: it was counted, and its place was taken, when it was asked for first.
            let is_again = state.view.runners.get(*runner).is_some();
            if !is_again {
                quota(state, *set)?;
            }
            node.map_or(Ok(()), |node| place(state, *set, node, is_again))
        }
        Action::RemoveRunner { runner } => not_busy(state, *runner),
        Action::ClaimNode { fleet, .. } => {
            let most = state.view.fleet(*fleet).and_then(|fleet| fleet.spec.nodes_max);
            let nodes = state.view.fleet(*fleet).map_or(0, |f| f.nodes - f.stock);
            if most.is_some_and(|most| nodes >= most) { Err(Law::Quota) } else { Ok(()) }
        }
        Action::StopNode { node } | Action::DeleteNode { node } => {
            empty(state, *node)?;
            disruptions(state, *node)
        }
        _ => Ok(()),
    }
}

/// The runner's grant is already counted, so counts may reach but not pass their most. Nothing is
/// granted on a budget that is spent.
fn quota(state: &State, set: SetId) -> Result<(), Law> {
    let view = &state.view;
    let spec = view.set(set).ok_or(Law::Quota)?.spec;
    let over = |runners: u32, most: Option<u32>| most.is_some_and(|most| runners > most);
    if view.team(spec.team).is_some_and(|team| over(team.runners, team.spec.max))
        || view.pool(spec.pool).is_some_and(|pool| over(pool.runners, pool.spec.max))
    {
        return Err(Law::Quota);
    }
    match view.team(spec.team).and_then(|team| Some((team.spec.budget_per_month?, team))) {
        Some((budget, team)) if team.spent_micros >= budget.as_micros() => Err(Law::Budget),
        _ => Ok(()),
    }
}

/// The node has room, and nobody lives there with whom this runner may not live.
fn place(state: &State, set: SetId, node: NodeId, is_again: bool) -> Result<(), Law> {
    let view = &state.view;
    let spec = view.set(set).ok_or(Law::Isolation)?.spec;
    let node = view.nodes.get(node).ok_or(Law::NodeFull)?;
    let fleet = &view.fleet(node.fleet).ok_or(Law::Isolation)?.spec;
    let isolated = view.team(spec.team).is_some_and(|team| team.spec.isolated);
    let owner_fits = match fleet.team {
        Some(team) => team == spec.team,
        None => !isolated,
    };
    if fleet.forge != spec.forge || !owner_fits {
        return Err(Law::Isolation);
    }
    let request = view.pool(spec.pool).map(|pool| pool.spec.request).unwrap_or_default();
    if is_again || node.has_room(request) { Ok(()) } else { Err(Law::NodeFull) }
}

/// The runner holds no job.
fn not_busy(state: &State, runner: RunnerId) -> Result<(), Law> {
    match state.view.runners.get(runner) {
        Some(runner) if runner.job.is_some() => Err(Law::BusyVictim),
        _ => Ok(()),
    }
}

/// The node carries no runner and is not one that pods may still come to.
fn empty(state: &State, node: NodeId) -> Result<(), Law> {
    match state.view.nodes.get(node) {
        Some(node) if node.pods > 0 || node.phase == Phase::Ready => Err(Law::BusyVictim),
        _ => Ok(()),
    }
}

/// The node is counted among those that leave, so their number may reach but not pass its most.
fn disruptions(state: &State, node: NodeId) -> Result<(), Law> {
    let most = state.settings.as_ref().and_then(|settings| settings.disruptions_max);
    let fleet = state.view.nodes.get(node).and_then(|node| state.view.fleet(node.fleet));
    match (most, fleet) {
        (Some(most), Some(fleet)) if fleet.leaving > most => Err(Law::Disruption),
        _ => Ok(()),
    }
}

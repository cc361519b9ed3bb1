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
            quota(state, *set)?;
            node.map_or(Ok(()), |node| place(state, *set, *runner, node))
        }
        Action::RemoveRunner { runner } => not_busy(state, *runner),
        Action::ClaimNode { fleet, .. } => {
            let most = state.view.fleet(*fleet).and_then(|fleet| fleet.spec.nodes_max);
            let nodes = state.view.fleet(*fleet).map_or(0, |fleet| fleet.nodes);
            if most.is_some_and(|most| nodes >= most) { Err(Law::Quota) } else { Ok(()) }
        }
        Action::StopNode { node } | Action::DeleteNode { node } => empty(state, *node),
        _ => Ok(()),
    }
}

/// The runner's grant is already counted, so counts may reach but not pass their most.
fn quota(state: &State, set: SetId) -> Result<(), Law> {
    let view = &state.view;
    let spec = view.set(set).ok_or(Law::Quota)?.spec;
    let over = |runners: u32, most: Option<u32>| most.is_some_and(|most| runners > most);
    if view.team(spec.team).is_some_and(|team| over(team.runners, team.spec.max))
        || view.pool(spec.pool).is_some_and(|pool| over(pool.runners, pool.spec.max))
    {
        return Err(Law::Quota);
    }
    Ok(())
}

/// The node has room, and nobody lives there with whom this runner may not live.
fn place(state: &State, set: SetId, runner: RunnerId, node: NodeId) -> Result<(), Law> {
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
    // Asked for again: its place was taken when it was asked for first.
    if view.runners.get(runner).is_some() {
        return Ok(());
    }
    let request = view.pool(spec.pool).map(|pool| pool.spec.request).unwrap_or_default();
    if node.has_room(request) { Ok(()) } else { Err(Law::NodeFull) }
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

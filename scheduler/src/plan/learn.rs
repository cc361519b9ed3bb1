//! What is learned of fleets: levels and keep-alive, reckoned anew at fixed instants.

use crate::core::Core;
use crate::decision::{Decision, Tier};
use crate::forecast::fleet::{EVERY, Terms};
use crate::id::{FleetId, NodeId};
use crate::model::CapacityType;
use crate::policy::growth::next_round;
use crate::spec::{Forecast, PolicySpec};
use crate::time::{Span, Time};
use crate::view::list::List;
use crate::wakes::Wake;

/// How many of the longest empty nodes are looked at for one that may go.
const PROBES_MAX: usize = 32;

impl Core {
    /// What is to be learned, if anything.
    pub(crate) fn forecast(&self) -> Option<Forecast> {
        self.state.settings.as_ref()?.forecast
    }

    /// Empty nodes that a fleet keeps ready.
    pub(super) fn hot_nodes(&self, id: FleetId, policy: PolicySpec) -> u32 {
        match self.forecast() {
            Some(forecast) if forecast.hot => {
                self.state.pasts.get(id.index()).map_or(0, |past| past.hot_nodes)
            }
            _ => policy.hot_nodes(),
        }
    }

    /// Stopped nodes that a fleet keeps.
    pub(super) fn stopped_nodes(&self, id: FleetId, policy: PolicySpec) -> u32 {
        match self.forecast() {
            Some(forecast) if forecast.stopped => {
                self.state.pasts.get(id.index()).map_or(0, |past| past.stopped_nodes)
            }
            _ => policy.stopped_nodes(),
        }
    }

    /// Whether empty nodes are kept for as long as was best so far.
    pub(super) fn is_keep_alive_learned(&self) -> bool {
        self.forecast().is_some_and(|forecast| forecast.keep_alive)
    }

    /// When an empty node that is not hot is given back. One that never ran anything is kept for what
    /// it takes to start at least: somebody wanted it a moment ago, and more often than not somebody
    /// else does before that.
    fn release_at(&self, id: FleetId, node: NodeId) -> (Time, Span) {
        let Some(known) = self.state.view.nodes.get(node) else {
            return (self.state.now, Span::ZERO);
        };
        let keep_alive = self.keep_alive(id);
        let is_learned = self.is_keep_alive_learned();
        let kept =
            if is_learned && !known.used { keep_alive.max(self.boot(id)) } else { keep_alive };
        (known.since + kept, kept)
    }

    /// Of the longest empty nodes of a fleet, the one to be given back first, when, and how long it is
    /// kept.
    #[inline]
    pub(super) fn next_released(&mut self, id: FleetId) -> Option<(NodeId, Time, Span)> {
        if self.is_keep_alive_learned() {
            return self.next_released_of_some(id);
        }
        // All are kept alike, so the longest empty one goes first.
        let fleet = self.state.view.fleet(id)?;
        let node = fleet.empty.back().and_then(|slot| self.state.view.nodes.id_at(slot))?;
        let kept = fleet.spec.keep_alive;
        Some((node, self.state.view.nodes.get(node)?.since + kept, kept))
    }

    fn next_released_of_some(&mut self, id: FleetId) -> Option<(NodeId, Time, Span)> {
        let mut next = self.state.view.fleet(id)?.empty.back();
        let mut first: Option<(NodeId, Time, Span)> = None;
        for _ in 0..PROBES_MAX {
            let Some(node) = next.and_then(|slot| self.state.view.nodes.id_at(slot)) else { break };
            let (at, kept) = self.release_at(id, node);
            if first.is_none_or(|(_, earliest, _)| at < earliest) {
                first = Some((node, at, kept));
            }
            next = List::before(&mut self.state.view.nodes, node.slot);
        }
        first
    }

    /// How long a fleet keeps empty nodes that are not hot.
    pub(super) fn keep_alive(&self, id: FleetId) -> Span {
        let Some(fleet) = self.state.view.fleet(id) else { return Span::ZERO };
        let learned = self.state.pasts.get(id.index()).and_then(|past| past.keep_alive);
        learned.unwrap_or(fleet.spec.keep_alive)
    }

    /// What a node of a fleet takes to start.
    pub(super) fn boot(&self, id: FleetId) -> Span {
        self.state.view.fleet(id).map_or(Span::ZERO, |fleet| fleet.spec.boot())
    }

    /// A node is launched or started for a runner that found no place.
    pub(super) fn note_want(&mut self, id: FleetId) {
        let Some(forecast) = self.forecast() else { return };
        let (now, boot) = (self.state.now, self.boot(id));
        let past = self.state.pasts.learn(id.index());
        if forecast.stopped {
            past.stock.want(now, forecast.tier.restock);
        }
        if forecast.hot {
            past.hot.want(now, boot);
        }
        if forecast.keep_alive {
            past.gaps.wanted(now);
        }
    }

    /// A runner found an empty node that had been empty for so long.
    pub(super) fn note_use(&mut self, id: FleetId, idle: Span) {
        let Some(forecast) = self.forecast() else { return };
        if idle.is_zero() {
            // Its node was asked for when it was wanted, and counted then.
            return;
        }
        let (keep_alive, boot) = (self.keep_alive(id), self.boot(id));
        let now = self.state.now;
        let past = self.state.pasts.learn(id.index());
        if forecast.keep_alive {
            past.gaps.wanted(now);
        }
        // It would not have been there but for the hot level.
        if forecast.hot && idle > keep_alive {
            past.hot.want(now, boot);
        }
    }

    /// A node has nothing to do any more.
    pub(crate) fn note_freed(&mut self, id: FleetId) {
        if self.forecast().is_some_and(|forecast| forecast.keep_alive) {
            let now = self.state.now;
            self.state.pasts.learn(id.index()).gaps.freed(now);
        }
    }

    /// Reckons a fleet's levels and its keep-alive, when that is due.
    pub(super) fn reckon(&mut self, id: FleetId) {
        let Some(forecast) = self.forecast().filter(Forecast::reckons) else { return };
        let now = self.state.now;
        let is_due = self.state.pasts.learn(id.index()).due_at <= now;
        if !is_due {
            return;
        }
        let (request, _) = self.largest_request(id);
        let price = self.shape(id, request, 1, CapacityType::OnDemand).map(|shape| shape.rate);
        let price = price.unwrap_or_default().as_usd_per_hour();
        let boot = self.boot(id);
        let past = self.state.pasts.learn(id.index());
        let due_at = next_round(now + Span::from_ms(1), EVERY);
        past.due_at = due_at;
        let mut told = [None; 2];
        if forecast.stopped {
            let terms = forecast.stopped_terms(price, boot);
            let level = terms.level(&past.stock, now);
            told[0] = tell(id, Tier::Stopped, past.stopped_nodes, level, terms);
            past.stopped_nodes = level.nodes;
        }
        if forecast.hot {
            let terms = forecast.hot_terms(price, boot, past.stopped_nodes > 0);
            let level = terms.level(&past.hot, now);
            told[1] = tell(id, Tier::Hot, past.hot_nodes, level, terms);
            past.hot_nodes = level.nodes;
        }
        if forecast.keep_alive {
            let restart = forecast.restart(boot, past.stopped_nodes > 0);
            past.keep_alive = Some(past.gaps.keep_alive(restart, boot));
        }
        self.state.wakes.set(due_at, Wake::Fleet(id));
        for decision in told.into_iter().flatten() {
            self.explain(decision);
        }
    }
}

/// Explains a level that changed.
fn tell(
    fleet: FleetId,
    tier: Tier,
    before: u32,
    level: crate::forecast::levels::Level,
    terms: Terms,
) -> Option<Decision> {
    let pays_at_per_hour = terms.pays_at_per_hour()?;
    let (nodes, hits_per_hour) = (level.nodes, level.hits_per_hour);
    (nodes != before).then_some(Decision::Level {
        fleet,
        tier,
        before,
        nodes,
        hits_per_hour,
        pays_at_per_hour,
    })
}

//! One row for each node.

use super::table::{Cell, Column, Kind, RowWriter};
use crate::atomic::OutputError;
use crate::dense::Slots;
use crate::names::Names;
use crate::words;
use greenroom_scheduler::event::{Machine, NodeEnd};
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{FleetId, NodeId, RunnerId};
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::Time;
use std::path::Path;

/// The table of nodes, in the order in which they ended.
#[derive(Debug)]
pub struct NodeRows {
    rows: RowWriter,
    nodes: Slots<Node>,
    on_node: Slots<Option<NodeId>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    fleet: Option<FleetId>,
    claimed: Option<Time>,
    machine: Option<Machine>,
    launched: Option<Time>,
    ready: Option<Time>,
    gone: Option<(Time, NodeEnd)>,
    attempts: u32,
    lost: u32,
    open: bool,
}

impl NodeRows {
    /// Begins the table.
    pub fn begin(path: &Path) -> Result<Self, OutputError> {
        let rows = RowWriter::begin(path, &columns())?;
        Ok(Self { rows, nodes: Slots::default(), on_node: Slots::default() })
    }

    /// Takes one more fact.
    pub fn fact(&mut self, names: &Names, at: Time, fact: &Fact) {
        match *fact {
            Fact::NodeClaimed { node, fleet } => {
                if let Some(place) = self.nodes.put(node.serial, node.slot) {
                    *place = Node {
                        fleet: Some(fleet),
                        claimed: Some(at),
                        open: true,
                        ..Node::default()
                    };
                }
            }
            Fact::NodeLaunched { node, fleet, machine } => {
                if self.nodes.get(node.serial, node.slot).is_none()
                    && let Some(place) = self.nodes.put(node.serial, node.slot)
                {
                    *place = Node { fleet: Some(fleet), open: true, ..Node::default() };
                }
                if let Some(place) = self.nodes.get(node.serial, node.slot) {
                    place.machine = Some(machine);
                    place.launched = Some(at);
                }
            }
            Fact::NodeReady { node } => {
                if let Some(place) = self.nodes.get(node.serial, node.slot) {
                    place.ready = Some(at);
                }
            }
            Fact::RunnerBound { runner, node } => {
                if let Some(place) = self.on_node.put(runner.serial, runner.slot) {
                    *place = Some(node);
                }
            }
            Fact::JobStarted { runner: Some(runner), .. } => {
                if let Some(node) = self.node_of(runner) {
                    node.attempts += 1;
                }
            }
            Fact::AttemptLost { runner, .. } => {
                if let Some(node) = self.node_of(runner) {
                    node.lost += 1;
                }
            }
            Fact::NodeGone { node: id, end } => {
                let Some(node) = self.nodes.get(id.serial, id.slot) else { return };
                node.gone = Some((at, end));
                // A node that was never launched is never charged for.
                if node.launched.is_none() {
                    self.tell(names, id, None);
                }
            }
            Fact::NodeBilled { node, charge } => self.tell(names, node, Some(charge)),
            Fact::RunEnded { .. } => {
                for slot in 0..self.nodes.len() {
                    if let Some((serial, _)) = self.nodes.at(slot) {
                        self.tell(names, NodeId { serial, slot: slot as u32 }, None);
                    }
                }
            }
            _ => {}
        }
    }

    /// Puts the table into its place.
    pub fn finish(self) -> Result<(), OutputError> {
        self.rows.finish()
    }

    fn node_of(&mut self, runner: RunnerId) -> Option<&mut Node> {
        let node = (*self.on_node.get(runner.serial, runner.slot)?)?;
        self.nodes.get(node.serial, node.slot)
    }

    fn tell(&mut self, names: &Names, id: NodeId, charge: Option<Money>) {
        if let Some(node) = self.nodes.get(id.serial, id.slot).filter(|node| node.open) {
            node.open = false;
            self.rows.row(cells(names, id, node, charge));
        }
    }
}

fn columns() -> Vec<Column> {
    let names: [(&str, Kind); 15] = [
        ("node", Kind::Integer),
        ("fleet", Kind::Text),
        ("instance_type", Kind::Text),
        ("zone", Kind::Text),
        ("capacity_type", Kind::Text),
        ("rate_at_launch_micro_usd_per_hour", Kind::Integer),
        ("claimed_ms", Kind::Integer),
        ("launched_ms", Kind::Integer),
        ("ready_ms", Kind::Integer),
        ("gone_ms", Kind::Integer),
        ("end", Kind::Text),
        ("attempts", Kind::Integer),
        ("attempts_lost", Kind::Integer),
        ("charge_micro_usd", Kind::Integer),
        ("life_ms", Kind::Integer),
    ];
    names.map(|(name, kind)| Column { name: name.to_owned(), kind }).into()
}

fn cells(names: &Names, id: NodeId, node: &Node, charge: Option<Money>) -> Vec<Cell> {
    let machine = node.machine;
    let at = |at: Option<Time>| Cell::integer(at.map(Time::as_ms));
    let of_machine = |text: &dyn Fn(Machine) -> String| {
        machine.map_or(Cell::Empty, |machine| Cell::text(text(machine)))
    };
    let gone = node.gone.map(|(at, _)| at);
    let life = node.launched.zip(gone).map(|(launched, gone)| gone.since(launched).as_ms());
    vec![
        Cell::integer(Some(id.serial)),
        node.fleet.map_or(Cell::Empty, |fleet| Cell::text(names.fleet(fleet))),
        of_machine(&|machine| names.type_name(machine.instance_type)),
        of_machine(&|machine| names.zone(machine.zone)),
        of_machine(&|machine| words::capacity(machine.capacity).to_owned()),
        Cell::integer(machine.map(|machine| machine.rate.as_micros_per_hour())),
        at(node.claimed),
        at(node.launched),
        at(node.ready),
        at(gone),
        Cell::text(words::node_end(node.gone.map(|(_, end)| end))),
        Cell::integer(Some(node.attempts)),
        Cell::integer(Some(node.lost)),
        Cell::integer(charge.map(Money::as_micros)),
        Cell::integer(life),
    ]
}

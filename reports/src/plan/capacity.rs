//! How much of EC2 a run needed at once.

use crate::dense::Slots;
use crate::names::Names;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::journal::{Entry, Sink};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::Time;
use serde::Serialize;
use std::collections::BTreeMap;

/// What of an instance type counts against a quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TypeSize {
    /// Its vCPUs.
    pub vcpu: u32,
    /// Which of the account's quotas they count against.
    pub quota: usize,
}

/// Nodes of one type in one zone, bought one way.
type Place = (TypeId, ZoneId, CapacityType);

/// The fold: most nodes at once by type and zone, and most vCPUs at once by quota.
#[derive(Clone, Debug, Default)]
pub struct Peaks {
    /// By the number of the type.
    sizes: Vec<TypeSize>,
    zones: Vec<String>,
    names: Names,
    nodes: Slots<Option<Place>>,
    now: BTreeMap<Place, u32>,
    most: BTreeMap<Place, u32>,
    vcpu_now: BTreeMap<(usize, CapacityType), u32>,
    vcpu_most: BTreeMap<(usize, CapacityType), u32>,
}

/// Most nodes at once of one type in one zone, bought one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PeakNodes {
    /// EC2's name.
    pub instance_type: String,
    /// The zone.
    pub zone: String,
    /// How they were bought.
    pub capacity: CapacityType,
    /// How many.
    pub nodes: u32,
}

impl Peaks {
    /// An empty fold; `sizes` are those of the run's types, `zones` the names of its zones, each by
    /// number.
    pub fn new(sizes: Vec<TypeSize>, zones: Vec<String>) -> Self {
        Self { sizes, zones, ..Self::default() }
    }

    /// Most nodes at once, each place by itself, by type, zone and way of buying.
    pub fn nodes(&self) -> Vec<PeakNodes> {
        let all = self.most.iter().map(|(&(instance_type, zone, capacity), &nodes)| PeakNodes {
            instance_type: self.names.type_name(instance_type),
            zone: match self.zones.get(zone.index()) {
                Some(name) => name.clone(),
                None => self.names.zone(zone),
            },
            capacity,
            nodes,
        });
        let mut all: Vec<PeakNodes> = all.collect();
        all.sort();
        all
    }

    /// Most vCPUs at once by quota.
    pub const fn vcpu(&self) -> &BTreeMap<(usize, CapacityType), u32> {
        &self.vcpu_most
    }

    fn size(&self, instance_type: TypeId) -> TypeSize {
        self.sizes.get(instance_type.index()).copied().unwrap_or_default()
    }

    fn launched(&mut self, place: Place) {
        let now = self.now.entry(place).or_default();
        *now += 1;
        let most = self.most.entry(place).or_default();
        *most = (*most).max(*now);
        let TypeSize { vcpu, quota } = self.size(place.0);
        let now = self.vcpu_now.entry((quota, place.2)).or_default();
        *now += vcpu;
        let most = self.vcpu_most.entry((quota, place.2)).or_default();
        *most = (*most).max(*now);
    }

    fn gone(&mut self, place: Place) {
        let TypeSize { vcpu, quota } = self.size(place.0);
        if let Some(now) = self.now.get_mut(&place) {
            *now -= 1;
        }
        if let Some(now) = self.vcpu_now.get_mut(&(quota, place.2)) {
            *now -= vcpu;
        }
    }
}

impl Sink for Peaks {
    fn entry(&mut self, _at: Time, entry: Entry<'_>) {
        let Entry::Fact(fact) = entry else { return };
        match fact {
            Fact::Named(naming) => self.names.learn(naming),
            Fact::NodeLaunched { node, machine, .. } => {
                let place = (machine.instance_type, machine.zone, machine.capacity);
                if let Some(own) = self.nodes.put(node.serial, node.slot) {
                    *own = Some(place);
                    self.launched(place);
                }
            }
            Fact::NodeGone { node, .. } => {
                let own = self.nodes.get(node.serial, node.slot).and_then(Option::take);
                if let Some(place) = own {
                    self.gone(place);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_scheduler::event::{Machine, NodeEnd};
    use greenroom_scheduler::id::{FleetId, NodeId};
    use greenroom_scheduler::money::Rate;

    #[test]
    fn peaks_are_of_what_stood_at_once() {
        let mut peaks = Peaks::new(
            vec![TypeSize { vcpu: 4, quota: 0 }, TypeSize { vcpu: 16, quota: 0 }],
            vec!["a".to_owned()],
        );
        let mut tell = |fact: Fact| peaks.entry(Time::ZERO, Entry::Fact(&fact));
        let launch = |serial: u32, of: u32, zone: u32, capacity| Fact::NodeLaunched {
            node: NodeId { serial, slot: serial },
            fleet: FleetId(0),
            machine: Machine {
                instance_type: TypeId(of),
                zone: ZoneId(zone),
                capacity,
                rate: Rate::from_usd_per_hour(1.0),
            },
        };
        let gone = |serial| Fact::NodeGone {
            node: NodeId { serial, slot: serial },
            end: NodeEnd::Deleted,
        };
        let (spot, on_demand) = (CapacityType::Spot, CapacityType::OnDemand);
        tell(launch(0, 0, 0, spot));
        tell(launch(1, 0, 0, spot));
        tell(gone(0));
        tell(launch(2, 1, 1, spot));
        tell(launch(3, 0, 0, spot));
        tell(launch(4, 0, 0, on_demand));
        tell(gone(9));
        assert_eq!(
            peaks.vcpu().iter().collect::<Vec<_>>(),
            [(&(0, spot), &24), (&(0, on_demand), &4)]
        );
        let nodes: Vec<u32> = peaks.nodes().iter().map(|peak| peak.nodes).collect();
        assert_eq!(nodes, [2, 1, 1]);
        let named: Vec<String> = peaks
            .nodes()
            .iter()
            .map(|peak| format!("{} {}", peak.instance_type, peak.zone))
            .collect();
        assert_eq!(named, ["type 0 a", "type 0 a", "type 1 zone 1"]);
    }
}

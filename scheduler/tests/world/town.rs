//! What the core is configured with: four teams, two GitHub instances, four kinds of nodes.

use greenroom_scheduler::dial::{Dial, SpotDial};
use greenroom_scheduler::event::Event;
use greenroom_scheduler::hours::Hours;
use greenroom_scheduler::id::{FleetId, PoolId, SetId, TeamId, TypeId};
use greenroom_scheduler::model::{CapacityType, Forge, NodesBy};
use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::policy::buildkite::Buildkite;
use greenroom_scheduler::policy::cron::Cron;
use greenroom_scheduler::policy::gitlab::Gitlab;
use greenroom_scheduler::policy::one_vm::OneVm;
use greenroom_scheduler::policy::placeholder::Placeholder;
use greenroom_scheduler::policy::schedule::{Period, Schedule};
use greenroom_scheduler::policy::taskcluster::Taskcluster;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::{
    Fleet, Forecast, InstanceType, Packing, PolicySpec, Pool, RunnerSet, Settings, SpotRule,
    StoppedTier, Team,
};
use greenroom_scheduler::time::Span;
use proptest::option::of;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

#[derive(Clone, Debug)]
pub(crate) struct Town {
    pub(crate) settings: Settings,
    pub(crate) pools: Vec<Pool>,
    pub(crate) teams: Vec<Team>,
    pub(crate) fleets: Vec<Fleet>,
    pub(crate) sets: Vec<RunnerSet>,
}

const fn size(cpu: u32, memory_gib: u32, gpu: u32) -> Resources {
    Resources { cpu_milli: cpu * 1_000, memory_mib: memory_gib * 1_024, gpu }
}

fn of_type(name: &str, allocatable: Resources, pods_max: u32, cents: u32) -> InstanceType {
    let rate = |micros| Rate::from_micros_per_hour(micros);
    let (on_demand, spot) = (rate(cents * 10_000), rate(cents * 3_500));
    InstanceType { name: name.to_owned(), allocatable, pods_max, on_demand, spot }
}

/// Which team, pool, GitHub instance and fleet the sets belong to: web and tools share nodes, data
/// has its own, games is on the other GitHub, and web has runners with a GPU.
const SETS: [(u32, u32, Forge, u32); 6] = [
    (0, 0, Forge::Cloud, 0),
    (0, 1, Forge::Cloud, 0),
    (1, 0, Forge::Cloud, 0),
    (2, 0, Forge::Cloud, 1),
    (3, 0, Forge::Enterprise, 2),
    (0, 2, Forge::Cloud, 3),
];

impl Town {
    /// A town without limits.
    pub(crate) fn open() -> Self {
        let settings = Settings {
            policy: PolicySpec::Reactive,
            nodes_by: NodesBy::Core,
            types: vec![
                of_type("small", size(4, 16, 0), 20, 20),
                of_type("large", size(18, 72, 0), 3, 75),
                of_type("graphic", size(8, 32, 1), 20, 60),
            ],
            cancel_launches: false,
            schedule: Schedule::default(),
            dial: None,
            packing: None,
            forecast: None,
            reruns_max: 2,
            intent_ttl: Span::from_secs(60),
            disruptions_max: None,
            spot: SpotRule {
                hazard_per_hour_max: None,
                deadline: Span::from_secs(30),
                recovery: Span::from_secs(600),
            },
        };
        let pool =
            |name: &str, request| Pool { name: name.to_owned(), request, max: None, hosted: false };
        let team = |name: &str, isolated| Team {
            name: name.to_owned(),
            max: None,
            guaranteed: 0,
            budget_per_month: None,
            isolated,
            service_class: None,
        };
        let fleet = |forge, team: Option<u32>, types: &[u32]| Fleet {
            forge,
            team: team.map(TeamId),
            types: types.iter().copied().map(TypeId).collect(),
            capacity: vec![CapacityType::OnDemand],
            pods_per_node_max: None,
            nodes_max: None,
            keep_alive: Span::from_secs(60),
            boot: None,
            cpu_milli_max: u32::MAX,
        };
        let set = |&(team, pool, forge, fleet)| RunnerSet {
            team: TeamId(team),
            pool: PoolId(pool),
            forge,
            fleet: FleetId(fleet),
        };
        Self {
            settings,
            pools: vec![
                pool("linux", size(4, 16, 0)),
                pool("big", size(6, 24, 0)),
                pool("gpu", size(4, 16, 1)),
            ],
            teams: vec![
                team("web", false),
                team("tools", false),
                team("data", true),
                team("games", false),
            ],
            fleets: vec![
                fleet(Forge::Cloud, None, &[0, 1]),
                fleet(Forge::Cloud, Some(2), &[0, 1]),
                fleet(Forge::Enterprise, None, &[0, 1]),
                fleet(Forge::Cloud, None, &[2]),
            ],
            sets: SETS.iter().map(set).collect(),
        }
    }

    /// What the core is told first.
    pub(crate) fn opening(&self) -> Vec<Event> {
        let mut told = vec![Event::Configured(Box::new(self.settings.clone()))];
        let ids = 0_u32..;
        told.extend(ids.clone().zip(&self.pools).map(|(id, pool)| pool_known(id, pool)));
        told.extend(ids.clone().zip(&self.teams).map(|(id, team)| team_known(id, team)));
        told.extend(
            ids.clone()
                .zip(&self.fleets)
                .map(|(id, fleet)| Event::FleetKnown(FleetId(id), Box::new(fleet.clone()))),
        );
        told.extend(ids.zip(&self.sets).map(|(id, set)| Event::SetKnown(SetId(id), *set)));
        told
    }

    /// What one runner of a set asks for.
    pub(crate) fn request(&self, set: SetId) -> Resources {
        self.pools[self.sets[set.index()].pool.index()].request
    }

    /// Most runner pods on a node.
    pub(crate) fn pods_max(&self, fleet: FleetId, instance_type: TypeId) -> u32 {
        let of_type = self.settings.types[instance_type.index()].pods_max;
        of_type.min(self.fleets[fleet.index()].pods_per_node_max.unwrap_or(u32::MAX))
    }
}

pub(crate) fn pool_known(id: u32, pool: &Pool) -> Event {
    Event::PoolKnown(PoolId(id), Box::new(pool.clone()))
}

pub(crate) fn team_known(id: u32, team: &Team) -> Event {
    Event::TeamKnown(TeamId(id), Box::new(team.clone()))
}

/// What is learned, if anything: levels that reach a few nodes within minutes.
pub(crate) fn forecasts() -> impl Strategy<Value = Option<Forecast>> {
    let any = || prop_oneof![Just(false), Just(true)];
    let learned = (any(), any(), any(), 1_u64..100).prop_map(|(hot, stopped, keep_alive, usd)| {
        Some(Forecast {
            wait_value_micro_usd_per_hour: usd * 1_000_000,
            hot,
            stopped,
            keep_alive,
            runs: true,
            tier: StoppedTier {
                start: Span::from_secs(10),
                restock: Span::from_secs(180),
                prepare: Span::from_secs(60),
                price_ratio: 0.04,
            },
        })
    });
    prop_oneof![1 => Just(None), 1 => learned]
}

fn policies() -> impl Strategy<Value = PolicySpec> {
    prop_oneof![
        4 => Just(PolicySpec::Reactive),
        4 => (0_u32..3, 0_u32..3)
            .prop_map(|(hot, stopped)| PolicySpec::Greenroom { hot, stopped }),
        1 => (1_u32..4).prop_map(|runners| PolicySpec::Fixed { runners }),
        2 => (0_u32..2, 1_u32..6)
            .prop_map(|(min_runners, max_runners)| PolicySpec::Arc { min_runners, max_runners }),
        4 => rivals(),
    ]
}

/// What waiting is worth, with every part on or off.
fn dials() -> impl Strategy<Value = Dial> {
    let spot = (any::<[bool; 3]>(), 1_u32..4, 0.0_f64..1.0, 0_u64..900).prop_map(
        |([calm_first, hints, twins], types_min, share_max, restart_s)| SpotDial {
            calm_first,
            types_min,
            share_max,
            hints,
            twins,
            restart: Span::from_secs(restart_s),
        },
    );
    (0.0_f64..80.0, 1_u32..4, of(spot), any::<[bool; 2]>()).prop_map(
        |(wait_value, zones, spot, [fair, capacity])| Dial {
            wait_value,
            zones,
            spot,
            fair,
            capacity,
        },
    )
}

/// How runners are packed, with every part on or off.
fn packings() -> impl Strategy<Value = Packing> {
    (any::<[bool; 3]>(), prop_oneof![Just(0), 1_u32..2_000]).prop_map(
        |([mixed, ends, slots], headroom_permille)| Packing {
            mixed,
            ends,
            slots,
            headroom_permille,
        },
    )
}

/// Policies that count machines, with numbers small enough to matter in a small town.
fn rivals() -> impl Strategy<Value = PolicySpec> {
    let every = || (1_u64..30).prop_map(Span::from_secs);
    // Most machines, if that is limited: never so few that the largest runner finds none.
    let most = || prop_oneof![Just(u32::MAX), 4_u32..20];
    let cooldown = || (0_u64..60).prop_map(Span::from_secs);
    prop_oneof![
        (300_u32..3_000, prop_oneof![3 => Just(0), 1 => 1_u32..4], most(), every()).prop_map(
            |(ratio_milli, min, max, every)| PolicySpec::Taskcluster(Taskcluster {
                ratio_milli,
                min,
                max,
                every
            })
        ),
        (0_u32..4, 1_u32..3, prop_oneof![Just(0), 100_u32..2_000], most(), 1_u32..9).prop_map(
            |(idle_count, idle_count_min, factor_milli, limit, growth_max)| {
                PolicySpec::Gitlab(Gitlab {
                    idle_count,
                    idle_count_min,
                    factor_milli,
                    limit,
                    growth_max,
                })
            }
        ),
        (every(), most()).prop_map(|(every, max)| PolicySpec::Cron(Cron { every, max })),
        (0_u32..4, every(), every()).prop_map(|(count, window, recovery)| {
            PolicySpec::OneVmPerJob(OneVm { count, window, recovery })
        }),
        (
            (0_u32..4, prop_oneof![3 => Just(0), 1 => 1_u32..4], most()),
            every(),
            cooldown(),
            cooldown()
        )
            .prop_map(|((buffer, min, max), every, out_cooldown, in_cooldown)| {
                PolicySpec::Buildkite(Buildkite {
                    buffer,
                    min,
                    max,
                    every,
                    out_cooldown,
                    in_cooldown,
                })
            }),
        (prop_oneof![Just(0), 1_u32..4], 1_u32..4, 1_u32..3, cooldown(), every()).prop_map(
            |(pairs, burst_max, shards, overdue, every)| {
                PolicySpec::Placeholder(Placeholder { pairs, burst_max, shards, overdue, every })
            }
        ),
    ]
}

/// A pool and idle counts in some of the first hours of the time line, a Thursday.
fn schedules() -> impl Strategy<Value = Schedule> {
    let period = || {
        (0_u32..4, 0_u32..3)
            .prop_map(|(hours, count)| Period { hours: Hours::of(hours, 1 << 4), count })
    };
    (of(period()), of(period())).prop_map(|(pool, idle)| Schedule {
        pool: pool.into_iter().collect(),
        idle: idle.into_iter().collect(),
    })
}

/// Towns with any policy and any limits.
pub(crate) fn towns() -> impl Strategy<Value = Town> {
    let rules = (
        (policies(), schedules(), forecasts(), of(dials()), of(packings())),
        any::<bool>(),
        of(1_u32..3),
        of(0.0001_f64..0.01),
        0_u32..3,
    );
    let limits = (
        [of(1_u32..6), of(1_u32..6), of(1_u32..6), of(1_u32..6)],
        [of(1_u32..6), of(1_u32..6), of(1_u32..6)],
        of(1_i64..100_000),
    );
    let nodes = (of(1_u32..4), of(1_u32..4), any::<bool>(), 0_u64..180, 0_u32..10);
    (rules, limits, nodes).prop_map(|(rules, limits, nodes)| {
        let mut town = Town::open();
        let ((policy, schedule, forecast, dial, packing), karpenter, disruptions, hazard, reruns) =
            rules;
        let karpenter = karpenter && !policy.counts_machines();
        let by_karpenter = karpenter || matches!(policy, PolicySpec::Arc { .. });
        town.settings.policy = policy;
        let is_greenroom = matches!(policy, PolicySpec::Greenroom { .. });
        town.settings.forecast = forecast.filter(|_| is_greenroom);
        town.settings.schedule = schedule;
        town.settings.packing = packing.filter(|_| is_greenroom);
        town.settings.dial = dial.filter(|_| is_greenroom);
        town.settings.nodes_by = if by_karpenter { NodesBy::Karpenter } else { NodesBy::Core };
        town.settings.disruptions_max = disruptions;
        town.settings.spot.hazard_per_hour_max = hazard;
        town.settings.reruns_max = reruns;
        let (of_teams, of_pools, budget) = limits;
        for (team, max) in town.teams.iter_mut().zip(of_teams) {
            team.max = max;
        }
        for (pool, max) in town.pools.iter_mut().zip(of_pools) {
            pool.max = max;
        }
        town.teams[1].budget_per_month = budget.map(Money::from_micros);
        let (pods, nodes_max, spot, keep_alive_s, small) = nodes;
        for fleet in &mut town.fleets {
            fleet.pods_per_node_max = pods;
            fleet.nodes_max = nodes_max;
            // Where idle machines are made anew, there must be a moment between two of them.
            let least_s = if town.settings.keeps_capacity() { 120 } else { 0 };
            fleet.keep_alive = Span::from_secs(keep_alive_s.max(least_s));
            if spot {
                fleet.capacity = vec![CapacityType::Spot, CapacityType::OnDemand];
            }
        }
        // Now and then a custom pool allows only types that are too small for it.
        if small == 0 {
            town.fleets[3].types = vec![TypeId(0)];
        }
        town
    })
}

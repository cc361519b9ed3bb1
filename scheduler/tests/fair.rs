//! Fair shares between runner sets: weighted max-min, nothing idle, nobody starved.

use greenroom_scheduler::command::{Action, Outcome};
use greenroom_scheduler::core::{Core, Output};
use greenroom_scheduler::dial::{Dial, weight};
use greenroom_scheduler::event::{Counts, Event, RunnerChange, RunnerEnd};
use greenroom_scheduler::id::{FleetId, PoolId, RunnerId, SetId, TeamId};
use greenroom_scheduler::model::{CapacityType, Forge, NodesBy, ServiceClass};
use greenroom_scheduler::policy::schedule::Schedule;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::spec::{Fleet, PolicySpec, Pool, RunnerSet, Settings, SpotRule, Team};
use greenroom_scheduler::time::{Span, Time};
use proptest::prelude::*;

/// A pool that several teams want all of. Karpenter places pods, so a grant is a runner at once.
struct Shop {
    core: Core,
    now: Time,
    /// The runners of each set.
    runners: Vec<Vec<RunnerId>>,
}

impl Shop {
    fn new(max: u32, classes: &[ServiceClass], fair: bool) -> Self {
        let settings = Settings {
            policy: PolicySpec::Greenroom { hot: 0, stopped: 0 },
            nodes_by: NodesBy::Karpenter,
            types: Vec::new(),
            reruns_max: 1,
            intent_ttl: Span::from_secs(86_400),
            disruptions_max: None,
            cancel_launches: false,
            spot: SpotRule {
                hazard_per_hour_max: None,
                deadline: Span::ZERO,
                recovery: Span::ZERO,
            },
            schedule: Schedule::default(),
            forecast: None,
            packing: None,
            dial: Some(Dial { wait_value: 20.0, zones: 1, spot: None, fair, capacity: false }),
        };
        let request = Resources::JOB_DEFAULT;
        let pool = Pool { name: "linux".into(), request, max: Some(max), hosted: false };
        let kind = greenroom_scheduler::spec::InstanceType {
            name: "box".into(),
            allocatable: request,
            pods_max: 1,
            on_demand: greenroom_scheduler::money::Rate::from_usd_per_hour(0.2),
            spot: greenroom_scheduler::money::Rate::from_usd_per_hour(0.1),
        };
        let fleet = Fleet {
            forge: Forge::Cloud,
            team: None,
            types: vec![greenroom_scheduler::id::TypeId(0)],
            capacity: vec![CapacityType::OnDemand],
            pods_per_node_max: None,
            nodes_max: None,
            keep_alive: Span::from_secs(60),
            boot: None,
            cpu_milli_max: u32::MAX,
        };
        let settings = Settings { types: vec![kind], ..settings };
        let mut told = vec![
            Event::Configured(Box::new(settings)),
            Event::PoolKnown(PoolId(0), Box::new(pool)),
            Event::FleetKnown(FleetId(0), Box::new(fleet)),
        ];
        for (nth, class) in (0..).zip(classes) {
            let team = Team {
                name: format!("team {nth}"),
                max: None,
                guaranteed: 0,
                budget_per_month: None,
                isolated: false,
                service_class: Some(*class),
            };
            told.push(Event::TeamKnown(TeamId(nth), Box::new(team)));
            let (team, pool, forge, fleet) = (TeamId(nth), PoolId(0), Forge::Cloud, FleetId(0));
            told.push(Event::SetKnown(SetId(nth), RunnerSet { team, pool, forge, fleet }));
        }
        let mut shop =
            Self { core: Core::new(), now: Time::ZERO, runners: vec![Vec::new(); classes.len()] };
        for event in &told {
            shop.core.handle(shop.now, event);
        }
        shop.drain();
        shop
    }

    /// Gives back which sets got a runner, in order.
    fn drain(&mut self) -> Vec<usize> {
        let mut got = Vec::new();
        let mut answers = Vec::new();
        loop {
            match self.core.poll() {
                Output::Command(command) => {
                    answers.push(command.id);
                    if let Action::CreateRunner { runner, set, .. } = command.action {
                        self.runners[set.index()].push(runner);
                        got.push(set.index());
                    }
                }
                Output::Decision(_) => {}
                Output::WakeAt(_) if answers.is_empty() => return got,
                Output::WakeAt(_) => {
                    for command in answers.drain(..) {
                        let outcome = Outcome::Done;
                        self.core.handle(self.now, &Event::Finished { command, outcome });
                    }
                }
            }
        }
    }

    /// So many jobs of a set are assigned and wait.
    fn want(&mut self, set: usize, assigned: u32) -> Vec<usize> {
        let counts = Counts { available: 0, assigned, running: 0 };
        self.core.handle(self.now, &Event::Statistics { set: SetId(set as u32), counts });
        self.drain()
    }

    /// One of a set's runners ends, and its place is another's.
    fn end(&mut self, set: usize, which: usize) -> Vec<usize> {
        let which = which % self.runners[set].len();
        let runner = self.runners[set].remove(which);
        let change = RunnerChange::Gone(RunnerEnd::Finished);
        self.core.handle(self.now, &Event::RunnerChanged { runner, change });
        self.drain()
    }

    fn all(&self) -> usize {
        self.runners.iter().map(Vec::len).sum()
    }
}

const CLASSES: [ServiceClass; 3] =
    [ServiceClass::Interactive, ServiceClass::Standard, ServiceClass::Batch];

proptest! {
    /// The place that frees goes to a set than which none has less for its weight; so once every
    /// runner of the beginning has ended, no set has more than its share by more than one runner.
    #[test]
    fn whoever_has_least_for_its_weight_is_next(
        max in 1_u32..16,
        classes in prop::collection::vec(0_usize..3, 2..6),
        ends in prop::collection::vec(any::<u16>(), 600),
    ) {
        let classes: Vec<ServiceClass> = classes.into_iter().map(|nth| CLASSES[nth]).collect();
        let shop = &mut Shop::new(max, &classes, true);
        // The first has it all before the others come.
        shop.want(0, 10_000);
        prop_assert_eq!(shop.all(), max as usize);
        for set in 1..classes.len() {
            shop.want(set, 10_000);
        }
        let share = |have: usize, set: usize| have as f64 / weight(classes[set]);
        for end in ends {
            let mut nth = usize::from(end) % shop.all();
            let set = (0..classes.len()).find(|set| {
                let here = nth < shop.runners[*set].len();
                nth = if here { nth } else { nth - shop.runners[*set].len() };
                here
            }).unwrap();
            let before: Vec<usize> = (0..classes.len())
                .map(|other| shop.runners[other].len() - usize::from(other == set))
                .collect();
            let got = shop.end(set, nth);
            prop_assert_eq!(got.len(), 1, "nothing idles while somebody waits");
            let least = (0..classes.len())
                .map(|other| share(before[other], other))
                .fold(f64::INFINITY, f64::min);
            prop_assert!(share(before[got[0]], got[0]) <= least + 1e-9, "{before:?} {got:?}");
        }
        for one in 0..classes.len() {
            for other in 0..classes.len() {
                let (has, less) = (shop.runners[one].len(), shop.runners[other].len());
                let spared = share(has.saturating_sub(1), one);
                prop_assert!(spared <= share(less, other) + 1e-9, "{one} {has}, {other} {less}");
            }
        }
    }

    /// Each runner runs for ten seconds. However little its weight, a set has one again after so many
    /// ends as there are sets.
    #[test]
    fn nobody_starves(
        max in 1_u32..4,
        classes in prop::collection::vec(0_usize..3, 2..8),
    ) {
        let classes: Vec<ServiceClass> = classes.into_iter().map(|nth| CLASSES[nth]).collect();
        let shop = &mut Shop::new(max, &classes, true);
        for set in 0..classes.len() {
            shop.want(set, 10_000);
        }
        let mut last = vec![0; classes.len()];
        for step in 0..200 {
            shop.now += Span::from_secs(10);
            let oldest = (0..classes.len())
                .filter_map(|set| Some((shop.runners[set].first()?.serial, set)))
                .min()
                .unwrap()
                .1;
            for set in shop.end(oldest, 0) {
                last[set] = step;
            }
            for (set, since) in last.iter().enumerate() {
                let waits = shop.runners[set].is_empty();
                prop_assert!(!waits || step - since <= classes.len(), "set {set}: {last:?}");
            }
        }
    }
}

//! What the world is: settings, types, pools, teams, fleets and runner sets.

use super::names::{Names, find, learn};
use super::words::{Words, capacity, class, number, rate, size, span, time, usd};
use greenroom_scheduler::config::CronHours;
use greenroom_scheduler::dial::{Dial, SpotDial};
use greenroom_scheduler::event::Event;
use greenroom_scheduler::id::{FleetId, PoolId, SetId, TeamId, TypeId};
use greenroom_scheduler::model::{CapacityType, Forge, NodesBy};
use greenroom_scheduler::money::Money;
use greenroom_scheduler::policy::oracle::{Step, Timetable};
use greenroom_scheduler::policy::schedule::{Period, Schedule};
use greenroom_scheduler::spec::{
    Fleet, Forecast, InstanceType, Packing, PolicySpec, Pool, RunnerSet, Settings, SpotRule,
    StoppedTier, Team,
};
use greenroom_scheduler::time::Span;

/// What a file does not say.
pub(super) fn settings() -> Settings {
    Settings {
        policy: PolicySpec::Reactive,
        nodes_by: NodesBy::Core,
        types: Vec::new(),
        reruns_max: 1,
        intent_ttl: Span::from_secs(300),
        disruptions_max: None,
        cancel_launches: false,
        schedule: Schedule::default(),
        dial: None,
        packing: None,
        forecast: None,
        spot: SpotRule {
            hazard_per_hour_max: None,
            deadline: Span::from_secs(10),
            recovery: Span::from_secs(1_800),
        },
    }
}

/// Takes a line that says what something is; none if it is no such line.
pub(super) fn settle(
    line: &[&str],
    settings: &mut Settings,
    names: &mut Names,
) -> Result<Option<Event>, String> {
    let (kind, rest) = (line[0], &line[1..]);
    let event = match (kind, rest) {
        ("policy", [name, rest @ ..]) => {
            settings.policy = policy(name, &mut Words::new(rest))?;
            configured(settings)
        }
        ("learns", rest) => {
            settings.forecast = Some(forecast(Words::new(rest))?);
            configured(settings)
        }
        ("hours", [what @ ("pool" | "idle"), count, cron @ ..]) => {
            let hours = cron.join(" ").parse::<CronHours>()?.hours();
            let schedule = &mut settings.schedule;
            let list = if *what == "pool" { &mut schedule.pool } else { &mut schedule.idle };
            list.push(Period { hours, count: number(count)? });
            configured(settings)
        }
        ("nodes", ["by", who]) => {
            settings.nodes_by = match *who {
                "core" => NodesBy::Core,
                "karpenter" => NodesBy::Karpenter,
                _ => return Err(format!("{who}: neither core nor karpenter")),
            };
            configured(settings)
        }
        ("settings", rest) => {
            let words = &mut Words::new(rest);
            settings.reruns_max = words.value("reruns", number)?.unwrap_or(settings.reruns_max);
            settings.intent_ttl =
                words.value("answer-within", span)?.unwrap_or(settings.intent_ttl);
            settings.disruptions_max = words.value("disruptions", number)?;
            settings.cancel_launches = words.flag("cancel-launches");
            settings.spot.hazard_per_hour_max = words.value("hazard", number)?;
            let spot = &mut settings.spot;
            spot.deadline = words.value("deadline", span)?.unwrap_or(spot.deadline);
            spot.recovery = words.value("recovery", span)?.unwrap_or(spot.recovery);
            configured(settings)
        }
        ("dial", [value, rest @ ..]) => {
            let words = &mut Words::new(rest);
            let spot = words.flag("spot").then_some(SpotDial {
                calm_first: true,
                types_min: 10,
                share_max: 1.0 / 3.0,
                hints: true,
                twins: true,
                restart: Span::from_secs(120),
            });
            settings.dial = Some(Dial {
                wait_value: rate(value)?.as_usd_per_hour(),
                zones: words.value("zones", number)?.unwrap_or(1),
                spot,
                fair: words.flag("fair"),
                capacity: words.flag("real-room"),
            });
            configured(settings)
        }
        ("packing", rest) => {
            let words = &mut Words::new(rest);
            settings.packing = Some(Packing {
                mixed: words.flag("mixed"),
                ends: words.flag("ends"),
                slots: words.flag("slots"),
                headroom_permille: words.value("headroom-permille", number)?.unwrap_or(0),
            });
            configured(settings)
        }
        ("type", [name, offers, rest @ ..]) => {
            let mut words = Words::new(rest);
            let of_type = InstanceType {
                name: (*name).to_owned(),
                allocatable: size(offers)?,
                pods_max: words.value("pods", number)?.unwrap_or(100),
                on_demand: words.needed("on-demand", rate)?,
                spot: words.needed("spot", rate)?,
            };
            words.end()?;
            learn(&mut names.types, name);
            settings.types.push(of_type);
            configured(settings)
        }
        ("pool", [name, request, rest @ ..]) => {
            let mut words = Words::new(rest);
            let pool = Pool {
                name: (*name).to_owned(),
                request: size(request)?,
                max: words.value("max", number)?,
                hosted: words.flag("hosted"),
            };
            words.end()?;
            Event::PoolKnown(PoolId(learn(&mut names.pools, name)), Box::new(pool))
        }
        ("team", [name, rest @ ..]) => {
            let mut words = Words::new(rest);
            let team = Team {
                name: (*name).to_owned(),
                max: words.value("max", number)?,
                guaranteed: words.value("guaranteed", number)?.unwrap_or(0),
                budget_per_month: words.value("budget", usd)?.map(Money::from_usd),
                isolated: words.flag("isolated"),
                service_class: words.value("class", class)?,
            };
            words.end()?;
            Event::TeamKnown(TeamId(learn(&mut names.teams, name)), Box::new(team))
        }
        ("fleet", [name, rest @ ..]) => {
            let fleet = fleet(&mut Words::new(rest), names)?;
            Event::FleetKnown(FleetId(learn(&mut names.fleets, name)), Box::new(fleet))
        }
        ("timetable", [fleet, steps @ ..]) => {
            let step = |text: &&str| {
                let (at, places) =
                    text.split_once('=').ok_or_else(|| format!("{text}: not TIME=PLACES"))?;
                Ok::<_, String>(Step { at: time(at)?, places: number(places)? })
            };
            let steps = steps.iter().map(step).collect::<Result<_, _>>()?;
            let fleet = FleetId(find(&names.fleets, fleet)?);
            Event::TimetableKnown(fleet, Box::new(Timetable { steps }))
        }
        ("set", [name, rest @ ..]) => {
            let mut words = Words::new(rest);
            let spec = RunnerSet {
                team: TeamId(words.needed("team", |text| find(&names.teams, text))?),
                pool: PoolId(words.needed("pool", |text| find(&names.pools, text))?),
                forge: forge(&mut words),
                fleet: FleetId(words.needed("fleet", |text| find(&names.fleets, text))?),
            };
            words.end()?;
            Event::SetKnown(SetId(learn(&mut names.sets, name)), spec)
        }
        _ => return Ok(None),
    };
    Ok(Some(event))
}

fn configured(settings: &Settings) -> Event {
    Event::Configured(Box::new(settings.clone()))
}

fn policy(name: &str, words: &mut Words<'_>) -> Result<PolicySpec, String> {
    match name {
        "reactive" => Ok(PolicySpec::Reactive),
        "greenroom" => Ok(PolicySpec::Greenroom {
            hot: words.value("hot", number)?.unwrap_or(0),
            stopped: words.value("stopped", number)?.unwrap_or(0),
        }),
        "oracle" => Ok(PolicySpec::Oracle),
        "fixed" => Ok(PolicySpec::Fixed { runners: words.needed("runners", number)? }),
        "arc" => Ok(PolicySpec::Arc {
            min_runners: words.value("min", number)?.unwrap_or(0),
            max_runners: words.value("max", number)?.unwrap_or(i32::MAX as u32),
        }),
        rival => super::rivals::policy(rival, words),
    }
}

/// What is learned: `learns hot stopped keep-alive runs value=$20`.
fn forecast(mut words: Words<'_>) -> Result<Forecast, String> {
    let value = words.value("value", usd)?.unwrap_or(20.0);
    let forecast = Forecast {
        wait_value_micro_usd_per_hour: (value * 1e6) as u64,
        hot: words.flag("hot"),
        stopped: words.flag("stopped"),
        keep_alive: words.flag("keep-alive"),
        runs: words.flag("runs"),
        tier: StoppedTier {
            start: Span::from_secs(10),
            restock: Span::from_secs(180),
            prepare: Span::from_secs(60),
            price_ratio: 0.04,
        },
    };
    words.end()?;
    Ok(forecast)
}

fn forge(words: &mut Words<'_>) -> Forge {
    if words.flag("enterprise") { Forge::Enterprise } else { Forge::Cloud }
}

fn fleet(words: &mut Words<'_>, names: &Names) -> Result<Fleet, String> {
    let types = |text: &str| text.split(',').map(|one| find(&names.types, one)).collect();
    let bought = |text: &str| text.split(',').map(capacity).collect();
    let types: Vec<u32> = words.needed("types", types)?;
    Ok(Fleet {
        forge: forge(words),
        team: words.value("team", |text| find(&names.teams, text))?.map(TeamId),
        types: types.into_iter().map(TypeId).collect(),
        capacity: words.value("capacity", bought)?.unwrap_or_else(|| vec![CapacityType::OnDemand]),
        pods_per_node_max: words.value("pods-per-node", number)?,
        nodes_max: words.value("nodes-max", number)?,
        keep_alive: words.value("keep-alive", span)?.unwrap_or(Span::from_secs(60)),
        boot: words.value("boot", span)?,
        cpu_milli_max: words.value("cpu-max", number)?.map_or(u32::MAX, |cpu: u32| cpu * 1_000),
    })
}

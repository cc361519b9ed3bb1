//! Worlds whose answers are known.

use super::super::space::{Axis, Value};
use super::*;
use proptest::prelude::*;
use std::convert::Infallible;

/// Each axis: for each value what it costs and how many seconds of waiting it saves.
type World = Vec<Vec<(f64, f64)>>;

/// A wait without anything.
const COLD_S: f64 = 100.0;

fn space(world: &World, amounts: bool) -> Space {
    let axes = world.iter().enumerate().map(|(number, values)| Axis {
        key: format!("key{number}"),
        values: (0..values.len() as u64)
            .map(|place| Value { text: place.to_string(), amount: amounts.then_some(place) })
            .collect(),
    });
    Space { axes: axes.collect() }
}

fn outcome(world: &World, point: &[usize]) -> Outcome {
    let turned = world.iter().zip(point).map(|(values, &place)| values[place]);
    let (cost_usd, saved_s) =
        turned.fold((10.0, 0.0), |(cost, saved), (c, s)| (cost + c, saved + s));
    Outcome { cost_usd, values: vec![Some((COLD_S - saved_s).max(1.0))] }
}

fn found(world: &World, amounts: bool, limit_s: f64, budget: Budget) -> Found {
    let run = |_: &Space, trials: &[Trial]| {
        Ok::<_, Infallible>(trials.iter().map(|trial| outcome(world, &trial.point)).collect())
    };
    let normal = |_: &Space, point: &[usize]| Some(point.to_vec());
    let Ok(found) = search((space(world, amounts), vec![]), &[limit_s], budget, normal, run);
    found
}

/// The cheapest cost of any point that keeps the limit, and the shortest wait there is.
fn brute(world: &World, limit_s: f64) -> (Option<f64>, f64) {
    let all = space(world, false);
    let outcomes: Vec<Outcome> = (0..all.size()).map(|nth| outcome(world, &all.nth(nth))).collect();
    let wait = |outcome: &Outcome| outcome.values[0].unwrap_or(0.0);
    let keeping = outcomes.iter().filter(|outcome| wait(outcome) <= limit_s);
    let cheapest = keeping.map(|outcome| outcome.cost_usd).min_by(f64::total_cmp);
    (cheapest, outcomes.iter().map(wait).fold(f64::INFINITY, f64::min))
}

const BUDGET: Budget = Budget { runs_max: 400, replications: 3, explores_beginning: true };

/// More of each thing costs more and saves more: 2 to 4 axes of 2 to 5 values.
fn monotone() -> impl Strategy<Value = World> {
    let step = (1_u32..50, 0_u32..30);
    let axis = prop::collection::vec(step, 1..5).prop_map(|steps| {
        let mut values = vec![(0.0, 0.0)];
        for (cost, saved) in steps {
            let (c, s) = *values.last().expect("it begins with one");
            values.push((c + f64::from(cost), s + f64::from(saved)));
        }
        values
    });
    prop::collection::vec(axis, 2..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// On a grid that the budget covers what is found is the optimum, and where nothing keeps the
    /// limit, the nearest is the nearest.
    #[test]
    fn a_grid_within_the_budget_gives_its_optimum(
        world in monotone(), limit_s in 1.0..100.0_f64, explores_beginning: bool,
    ) {
        let budget = Budget { explores_beginning, ..BUDGET };
        let found = found(&world, false, limit_s, budget);
        prop_assert!(found.is_complete && found.runs <= budget.runs_max);
        let (cheapest, shortest) = brute(&world, limit_s);
        let of = |point: &Point| outcome(&world, point);
        prop_assert_eq!(found.best.as_ref().map(|best| of(best).cost_usd), cheapest);
        if found.best.is_none() {
            prop_assert_eq!(of(&found.nearest).values[0], Some(shortest));
        }
    }

    /// On a grid beyond the budget the bound holds, the limit is kept, and neither today's nor any
    /// single change of it that keeps the limit is cheaper.
    #[test]
    fn a_grid_beyond_the_budget_is_never_worse_than_single_changes(
        world in monotone(), limit_s in 1.0..100.0_f64,
    ) {
        let budget = Budget { runs_max: 60, ..BUDGET };
        let found = found(&world, true, limit_s, budget);
        prop_assert!(found.runs <= budget.runs_max, "{}", found.runs);
        let space = space(&world, true);
        let near = space.sweeps(&space.start()).into_iter().chain([space.start()]);
        let cheapest = near
            .map(|point| outcome(&world, &point))
            .filter(|outcome| outcome.values[0] <= Some(limit_s))
            .map(|outcome| outcome.cost_usd)
            .min_by(f64::total_cmp);
        if let Some(best) = &found.best {
            let got = found.tried[best].cost_usd().expect("it was run");
            prop_assert!(found.tried[best].keeps(&[limit_s]));
            prop_assert!(cheapest.is_none_or(|cheapest| got <= cheapest));
        } else {
            prop_assert!(cheapest.is_none());
        }
    }
}

/// Amounts 0 and 64 are given; 23 is the least that is enough.
#[test]
fn narrowing_finds_amounts_between() {
    let normal = |_: &Space, point: &[usize]| Some(point.to_vec());
    let run = |space: &Space, trials: &[Trial]| {
        let of = |trial: &Trial| {
            let amount = space.axes[0].values[trial.point[0]].amount.expect("a number") as f64;
            Outcome { cost_usd: amount, values: vec![Some(if amount < 23.0 { 90.0 } else { 5.0 })] }
        };
        Ok::<_, Infallible>(trials.iter().map(of).collect())
    };
    let value = |amount: u64| Value { text: amount.to_string(), amount: Some(amount) };
    let axis = Axis { key: "hot".to_owned(), values: vec![value(0), value(64)] };
    let Ok(found) = search((Space { axes: vec![axis] }, vec![]), &[15.0], BUDGET, normal, run);
    let best = found.best.expect("64 is enough");
    // Four halvings on the beginning and as many on the whole leave no gap.
    assert_eq!(found.space.changes(&best), ["hot = 23"]);
}

/// What means the same as today, or is no configuration, is not run.
#[test]
fn idle_keys_and_what_is_no_configuration_cost_no_run() {
    let world: World = vec![vec![(0.0, 0.0), (1.0, 90.0)], vec![(0.0, 0.0); 4]];
    let mut asked = 0;
    let run = |_: &Space, trials: &[Trial]| {
        asked += trials.len();
        Ok::<_, Infallible>(trials.iter().map(|trial| outcome(&world, &trial.point)).collect())
    };
    // The second key says something where the first is at 1 only, and not at its last value.
    let normal = |_: &Space, point: &[usize]| match point {
        [0, _] => Some(vec![0, 0]),
        [1, 3] => None,
        _ => Some(point.to_vec()),
    };
    let budget = Budget { replications: 1, explores_beginning: false, ..BUDGET };
    let Ok(found) = search((space(&world, false), vec![]), &[50.0], budget, normal, run);
    assert_eq!(found.best, Some(vec![1, 0]));
    assert_eq!((asked, found.runs), (4, 4));
}

/// A mean within the limit whose runs differ is passed over for a dearer one that is safe.
#[test]
fn who_keeps_the_limit_by_luck_alone_is_passed_over() {
    let world: World = vec![vec![(0.0, 0.0), (1.0, 51.0), (2.0, 60.0)]];
    let run = |_: &Space, trials: &[Trial]| {
        let of = |trial: &Trial| {
            let mut outcome = outcome(&world, &trial.point);
            let luck = [-4.0, 4.0, 1.0][trial.replication as usize % 3];
            outcome.values = vec![outcome.values[0].map(|value| value + luck)];
            outcome
        };
        Ok::<_, Infallible>(trials.iter().map(of).collect())
    };
    let normal = |_: &Space, point: &[usize]| Some(point.to_vec());
    let budget = Budget { replications: 6, ..BUDGET };
    let Ok(found) = search((space(&world, false), vec![]), &[50.0], budget, normal, run);
    assert_eq!(found.best, Some(vec![2]));
}

/// A key that means something under another policy alone, which by itself changes nothing, is found
/// from that policy's start, and not without.
#[test]
fn what_another_policy_alone_looks_at_is_found_from_its_start() {
    let world: World =
        vec![vec![(0.0, 0.0); 2], vec![(0.0, 0.0), (1.0, 90.0)], vec![(0.0, 0.0); 50]];
    let normal = |_: &Space, point: &[usize]| match point {
        [0, _, rest] => Some(vec![0, 0, *rest]),
        _ => Some(point.to_vec()),
    };
    let found = |starts: Vec<Point>| {
        let run = |_: &Space, trials: &[Trial]| {
            Ok::<_, Infallible>(trials.iter().map(|trial| outcome(&world, &trial.point)).collect())
        };
        let budget = Budget { runs_max: 150, replications: 1, explores_beginning: false };
        let Ok(found) = search((space(&world, false), starts), &[50.0], budget, normal, run);
        found.best
    };
    assert_eq!(found(vec![vec![1, 0, 0]]), Some(vec![1, 1, 0]));
    assert_eq!(found(vec![]), None);
}

//! The search for the cheapest configuration that keeps every limit.
//!
//! 1. **Explore** on the beginning of the input, one run each: all points where the budget allows,
//!    else today's and each single change of it and of each further start.
//! 2. **Climb**: step on to the points around the best one; where none is better, look halfway
//!    between its amounts and the next ones; then around the points that nobody beats in both cost
//!    and queue time, those nearest to the limit first.
//! 3. **The whole input**: the most hopeful are run on all of it, and climbed on from there.
//! 4. **Confirm** the cheapest with all replications, the next where the interval reaches beyond a
//!    limit.
//!
//! All configurations meet the same luck, run by run (common random numbers). Nothing hangs on the
//! order in which runs end: batches are asked for, and come back in their own order. Where more of
//! a thing costs more and waits less, and all points fit into the budget, what is found is the
//! optimum; otherwise it is the best of what was tried.

use super::space::{Point, Space};
use super::trial::{Extent, Outcome, Standing, Trial, Tried, front};
use std::collections::BTreeMap;

/// How far along the front from the limit, on either side, points are stepped on from.
const REACH: usize = 6;

/// How often the gaps around the best are halved.
const NARROWINGS: usize = 4;

/// Most configurations that go from the beginning to the whole input.
pub const HOPEFUL_MAX: usize = 24;

/// Most configurations that are run with all replications, beside today's.
pub const CONFIRMED_MAX: usize = 6;

/// How much may be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Most runs of any kind.
    pub runs_max: usize,
    /// Runs that confirm a configuration, 1 at least.
    pub replications: u64,
    /// Whether the beginning of the input tells enough; else all runs are of the whole.
    pub explores_beginning: bool,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The space, with the values that narrowing added.
    pub space: Space,
    /// Everything that was run, by point.
    pub tried: BTreeMap<Point, Tried>,
    /// The cheapest that keeps every limit with confidence.
    pub best: Option<Point>,
    /// That one, or else the one that comes nearest.
    pub nearest: Point,
    /// Runs that were made.
    pub runs: usize,
    /// Whether every point of the space was explored.
    pub is_complete: bool,
    /// Axes that changed no outcome of any run, whatever the others said.
    pub idle: Vec<bool>,
}

/// Searches `space` from its first point, today's, and from `starts`: points that make other keys mean
/// something, such as another policy. `normal` gives the point that stands for all that mean
/// the same as one, none for what is no configuration; `run` makes runs, and answers in their order.
///
/// # Errors
/// A run failed.
pub fn search<E>(
    (space, starts): (Space, Vec<Point>),
    limits: &[f64],
    budget: Budget,
    normal: impl FnMut(&Space, &[usize]) -> Option<Point>,
    run: impl FnMut(&Space, &[Trial]) -> Result<Vec<Outcome>, E>,
) -> Result<Found, E> {
    let mut search = Search {
        space,
        limits,
        budget,
        normal,
        run,
        tried: BTreeMap::new(),
        runs: 0,
        idle: vec![],
        starts,
    };
    let is_complete = search.explore()?;
    search.try_whole()?;
    let best = search.confirm()?;
    let nearest = match &best {
        Some(point) => point.clone(),
        None => search.most_run(),
    };
    let idle = search.idle_axes(search.exploring());
    let Search { space, tried, runs, .. } = search;
    Ok(Found { space, tried, best, nearest, runs, is_complete, idle })
}

struct Search<'a, N, R> {
    space: Space,
    limits: &'a [f64],
    budget: Budget,
    normal: N,
    run: R,
    tried: BTreeMap<Point, Tried>,
    runs: usize,
    /// Axes that are stepped along no more, since they change nothing.
    idle: Vec<bool>,
    starts: Vec<Point>,
}

impl<N, R, E> Search<'_, N, R>
where
    N: FnMut(&Space, &[usize]) -> Option<Point>,
    R: FnMut(&Space, &[Trial]) -> Result<Vec<Outcome>, E>,
{
    /// What stays for stage 4.
    const fn to_confirm(&self) -> usize {
        let most = (CONFIRMED_MAX + 1) * self.budget.replications as usize;
        let half = self.budget.runs_max / 2;
        if most < half { most } else { half }
    }

    /// How many runs are left for the stages before.
    const fn left(&self) -> usize {
        self.budget.runs_max.saturating_sub(self.to_confirm() + self.runs)
    }

    const fn exploring(&self) -> Extent {
        if self.budget.explores_beginning { Extent::Beginning } else { Extent::Whole }
    }

    /// Runs those of the points that were not run yet, up to so many. Answers how many were.
    fn measure(
        &mut self,
        points: impl IntoIterator<Item = Point>,
        span: Extent,
        most: usize,
    ) -> Result<usize, E> {
        let mut trials: Vec<Trial> = Vec::new();
        for point in points {
            let Some(point) = (self.normal)(&self.space, &point) else { continue };
            let is_known = match (self.tried.get(&point), span) {
                (Some(tried), Extent::Beginning) => tried.beginning.is_some(),
                (Some(tried), Extent::Whole) => !tried.whole.is_empty(),
                (None, _) => false,
            };
            if is_known || trials.iter().any(|trial| trial.point == point) {
                continue;
            }
            if trials.len() == most {
                break;
            }
            trials.push(Trial { point, span, replication: 0 });
        }
        let count = trials.len();
        self.make(trials)?;
        Ok(count)
    }

    fn make(&mut self, trials: Vec<Trial>) -> Result<(), E> {
        if trials.is_empty() {
            return Ok(());
        }
        self.runs += trials.len();
        let outcomes = (self.run)(&self.space, &trials)?;
        for (trial, outcome) in trials.into_iter().zip(outcomes) {
            let point = trial.point;
            let tried = self.tried.entry(point.clone()).or_insert_with(|| Tried::new(point));
            match trial.span {
                Extent::Beginning => tried.beginning = Some(outcome),
                Extent::Whole => tried.whole.push(outcome),
            }
        }
        Ok(())
    }

    fn standings(&self, span: Extent) -> Vec<(&Point, Standing)> {
        let all = self.tried.values();
        all.filter_map(|tried| Some((&tried.point, tried.standing(span, self.limits)?))).collect()
    }

    /// Everything that was run, the best first. Of equals, whoever changes less of today.
    fn ranked(&self, span: Extent) -> Vec<Point> {
        let mut all = self.standings(span);
        let changes = |point: &Point| point.iter().filter(|place| **place != 0).count();
        all.sort_by(|(p, a), (q, b)| a.order(b).then_with(|| changes(p).cmp(&changes(q))));
        all.into_iter().map(|(point, _)| point.clone()).collect()
    }

    /// The best of those with the most runs of the whole input.
    fn most_run(&self) -> Point {
        let ranked = self.ranked(Extent::Whole);
        let runs = |point: &Point| self.tried[point].whole.len();
        let most = ranked.iter().map(runs).max().unwrap_or_default();
        let best = ranked.into_iter().find(|point| runs(point) == most);
        best.expect("today's was run on the whole input")
    }

    /// The front, those first that are nearest to the limits along it.
    fn promising(&self, span: Extent) -> Vec<Point> {
        let on = front(&self.standings(span));
        let center = on.iter().position(|(_, standing)| standing.ratio <= 1.0);
        let center = center.unwrap_or_else(|| on.len().saturating_sub(1));
        let mut places: Vec<usize> = (0..on.len()).collect();
        places.sort_by_key(|place| place.abs_diff(center));
        places.into_iter().map(|place| on[place].0.clone()).collect()
    }

    /// Axes along which no outcome differs, of those along which there are two.
    fn idle_axes(&self, span: Extent) -> Vec<bool> {
        let outcome = |tried: &'_ Tried| match span {
            Extent::Beginning => tried.beginning.clone(),
            Extent::Whole => tried.whole.first().cloned(),
        };
        let is_idle = |number: usize| {
            let mut alike: BTreeMap<Point, Outcome> = BTreeMap::new();
            let mut pairs = 0;
            for (point, tried) in &self.tried {
                let Some(outcome) = outcome(tried) else { continue };
                let mut others = point.clone();
                others[number] = 0;
                match alike.get(&others) {
                    Some(known) if *known != outcome => return false,
                    Some(_) => pairs += 1,
                    None => drop(alike.insert(others, outcome)),
                }
            }
            // What makes others mean something may change nothing by itself.
            pairs > 0 && self.starts.iter().all(|start| start[number] == 0)
        };
        (0..self.space.axes.len()).map(is_idle).collect()
    }

    /// Points one step away along axes that change something.
    fn around(&self, point: &[usize]) -> Vec<Point> {
        let is_idle = |number: usize| self.idle.get(number).copied().unwrap_or(false);
        let mut all = self.space.around(point);
        all.retain(|other| (0..point.len()).all(|at| point[at] == other[at] || !is_idle(at)));
        all
    }

    /// Stages 1 and 2. Answers whether all points there are were run.
    fn explore(&mut self) -> Result<bool, E> {
        let span = self.exploring();
        // What is learned of the beginning is worth half.
        let all = self.left();
        let mut left = if span == Extent::Beginning { all / 2 } else { all }.max(1);
        let start = self.space.start();
        left -= self.measure([start.clone()], span, left)?;
        let is_small = self.space.size() <= left + 1;
        if is_small {
            let all: Vec<Point> = (0..self.space.size()).map(|nth| self.space.nth(nth)).collect();
            left -= self.measure(all, span, left)?;
        } else {
            for start in [start].into_iter().chain(self.starts.clone()) {
                let sweeps = self.space.sweeps(&start);
                left -= self.measure(sweeps, span, left)?;
            }
            self.idle = self.idle_axes(span);
        }
        self.climb(span, left)?;
        Ok(is_small)
    }

    /// Stage 2, with so many runs at most.
    fn climb(&mut self, span: Extent, mut left: usize) -> Result<(), E> {
        let mut stepped_on: Vec<Point> = Vec::new();
        let mut narrowed: Vec<Point> = Vec::new();
        while left > 0 {
            let best = self.ranked(span).swap_remove(0);
            if stepped_on.contains(&best) && narrowed.len() < NARROWINGS {
                let between = self.space.narrow(&best);
                let made = self.measure(between, span, left)?;
                narrowed.push(best);
                left -= made;
                if made > 0 {
                    continue;
                }
            }
            let next = self.promising(span).into_iter().take(2 * REACH + 1);
            let next = [self.ranked(span).swap_remove(0)].into_iter().chain(next);
            let mut open = next.into_iter().filter(|point| !stepped_on.contains(point));
            let Some(point) = open.next() else { break };
            drop(open);
            let around = self.around(&point);
            stepped_on.push(point);
            left -= self.measure(around, span, left)?;
        }
        Ok(())
    }

    /// Stage 3.
    fn try_whole(&mut self) -> Result<(), E> {
        let mut hopeful = vec![self.space.start()];
        hopeful.extend(self.ranked(self.exploring()).into_iter().take(HOPEFUL_MAX / 3));
        hopeful.extend(self.promising(self.exploring()));
        let is_unknown = self.standings(Extent::Whole).is_empty();
        let most = self.left().min(HOPEFUL_MAX).max(usize::from(is_unknown));
        self.measure(hopeful, Extent::Whole, most)?;
        if self.exploring() == Extent::Beginning {
            self.climb(Extent::Whole, self.left())?;
        }
        Ok(())
    }

    /// Stage 4.
    fn confirm(&mut self) -> Result<Option<Point>, E> {
        self.replicate(&self.space.start())?;
        let mut asked: Vec<Point> = Vec::new();
        // How far above its mean a figure's interval reached so far: whoever is nearer to a limit
        // than that would fail as well.
        let mut reach: f64 = 1.0;
        while asked.len() < CONFIRMED_MAX {
            let ranked = self.ranked(Extent::Whole);
            let mut open = ranked.iter().filter(|point| !asked.contains(point));
            let has_room = |point: &&Point| {
                let standing = self.tried[*point].standing(Extent::Whole, self.limits);
                standing.is_some_and(|standing| standing.ratio * reach <= 1.0)
            };
            let next = open.clone().find(|point| has_room(point)).or_else(|| open.next());
            let Some(point) = next.cloned() else { break };
            if !self.replicate(&point)? {
                break;
            }
            let tried = &self.tried[&point];
            if tried.keeps(self.limits) {
                return Ok(Some(point));
            }
            reach = reach.max(tried.reach(self.limits));
            asked.push(point);
        }
        Ok(None)
    }

    /// Runs the replications that a point lacks; does nothing and says so where the budget does not
    /// reach.
    fn replicate(&mut self, point: &[usize]) -> Result<bool, E> {
        let Some(point) = (self.normal)(&self.space, point) else { return Ok(false) };
        let have = self.tried.get(&point).map_or(0, |tried| tried.whole.len());
        let lacking = have as u64..self.budget.replications;
        let trials: Vec<Trial> = lacking
            .map(|replication| Trial { point: point.clone(), span: Extent::Whole, replication })
            .collect();
        if self.runs + trials.len() > self.budget.runs_max {
            return Ok(false);
        }
        self.make(trials)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests;

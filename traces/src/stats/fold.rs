//! Arrivals in, figures out.

use super::busy::Busy;
use super::durations::{Durations, EXACT_MAX};
use super::figures::{ClassFigures, Figures, Quantiles, Statistics};
use super::windows::Windows;
use crate::arrival::{Arrival, Name, Trigger};
use crate::names::Names;
use greenroom_scheduler::time::{Span, Time};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A fold over the arrivals of a trace. Its memory follows the jobs that are known and not ended,
/// and the durations up to [`EXACT_MAX`].
#[derive(Clone, Debug)]
pub struct Fold {
    all: Part,
    /// By the number of the class's name; `None` where a name is no class.
    classes: Vec<Option<ClassPart>>,
    /// Known, not ready: ready time, class, and how long it runs, if any time at all.
    waiting: BinaryHeap<Reverse<(Time, u32, Option<Span>)>>,
    running: BinaryHeap<Reverse<(Time, u32)>>,
    durations: u64,
    exact_max: u64,
}

#[derive(Clone, Debug, Default)]
struct Part {
    jobs: u64,
    known_ahead: u64,
    busy: Busy,
    windows: Windows,
}

#[derive(Clone, Debug)]
struct ClassPart {
    part: Part,
    durations: Durations,
}

impl Part {
    fn arrive(&mut self, now: Time, runs: bool) {
        self.busy.arrive(now);
        self.windows.add(now);
        if runs {
            self.busy.start();
        }
    }

    fn figures(self, durations: Durations) -> Figures {
        Figures {
            jobs: self.jobs,
            span_s: self.busy.span_s(),
            concurrency: self.busy.concurrency(),
            peakedness_z: self.busy.peakedness(),
            idc: self.windows.dispersion(),
            duration_s: durations.figures(),
            known_ahead_share: (self.jobs > 0).then(|| self.known_ahead as f64 / self.jobs as f64),
        }
    }
}

impl Default for Fold {
    fn default() -> Self {
        Self::exact_up_to(EXACT_MAX)
    }
}

impl Fold {
    fn exact_up_to(exact_max: u64) -> Self {
        Self {
            all: Part::default(),
            classes: Vec::new(),
            waiting: BinaryHeap::new(),
            running: BinaryHeap::new(),
            durations: 0,
            exact_max,
        }
    }

    /// Takes the next arrival; they come in order of `enter`.
    pub fn add(&mut self, arrival: &Arrival) {
        let is_known = arrival.predecessors > 0 || arrival.trigger == Trigger::Schedule;
        let runs = arrival.patience.is_none().then_some(arrival.duration);
        let is_exact = self.durations <= self.exact_max;
        let class = arrival.class.0;
        if self.classes.len() <= class as usize {
            self.classes.resize(class as usize + 1, None);
        }
        let its = self.classes[class as usize].get_or_insert_with(|| ClassPart {
            part: Part::default(),
            durations: Durations::new(is_exact),
        });
        for part in [&mut self.all, &mut its.part] {
            part.jobs += 1;
            part.known_ahead += u64::from(is_known);
        }
        if let Some(duration) = runs {
            its.durations.add(duration);
            self.durations += 1;
            if is_exact && self.durations > self.exact_max {
                for class in self.classes.iter_mut().flatten() {
                    class.durations.condense();
                }
            }
        }
        let takes_time = runs.filter(|duration| !duration.is_zero());
        self.waiting.push(Reverse((arrival.ready, class, takes_time)));
        self.advance(arrival.enter);
    }

    /// Lets pass what is ready at `now` or before: nothing that comes later is.
    fn advance(&mut self, now: Time) {
        while let Some(&Reverse((ready, class, runs))) = self.waiting.peek()
            && ready <= now
        {
            self.waiting.pop();
            self.end_until(ready);
            self.all.arrive(ready, runs.is_some());
            if let Some(its) = &mut self.classes[class as usize] {
                its.part.arrive(ready, runs.is_some());
            }
            if let Some(duration) = runs {
                self.running.push(Reverse((ready + duration, class)));
            }
        }
    }

    fn end_until(&mut self, now: Time) {
        while let Some(&Reverse((end, class))) = self.running.peek()
            && end <= now
        {
            self.running.pop();
            self.all.busy.end(end);
            if let Some(its) = &mut self.classes[class as usize] {
                its.part.busy.end(end);
            }
        }
    }

    /// The figures. `names` are those of the trace.
    pub fn finish(mut self, names: &Names) -> Statistics {
        self.advance(Time::MAX);
        let is_exact = self.durations <= self.exact_max;
        let mut all = Durations::new(is_exact);
        let mut by_class = Vec::new();
        for (number, its) in self.classes.into_iter().enumerate() {
            let Some(ClassPart { part, durations }) = its else { continue };
            all.merge(&durations);
            let name = names.text(Name(number as u32)).to_owned();
            by_class.push(ClassFigures { name, figures: part.figures(durations) });
        }
        by_class.sort_by(|a, b| a.name.cmp(&b.name));
        Statistics {
            all: self.all.figures(all),
            quantiles: if is_exact { Quantiles::Exact } else { Quantiles::Hdr3 },
            by_class,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Generator, Spec};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Jobs that were cancelled in the queue have no duration, so fewer than 2,000 count.
        /// Several classes cross the limit at different sizes, and some appear only beyond it.
        #[test]
        fn beyond_the_limit_quantiles_have_three_digits(seed: u64, exact_max in 0_u64..1_500) {
            let fold = |exact_max| {
                let spec = Spec { jobs: 2_000, ..Spec::named("default", seed).expect("a preset") };
                let mut generator = Generator::new(spec).expect("a sound preset");
                let mut fold = Fold::exact_up_to(exact_max);
                generator.by_ref().for_each(|arrival| fold.add(&arrival));
                fold.finish(generator.names())
            };
            let (exact, rounded) = (fold(EXACT_MAX), fold(exact_max));
            prop_assert_eq!((exact.quantiles, rounded.quantiles), (Quantiles::Exact, Quantiles::Hdr3));
            prop_assert_eq!(exact.by_class.len(), rounded.by_class.len());
            let classes = |its: &Statistics| {
                let classes = its.by_class.iter().map(|class| class.figures.clone());
                std::iter::once(its.all.clone()).chain(classes).collect::<Vec<_>>()
            };
            for (exact, rounded) in classes(&exact).into_iter().zip(classes(&rounded)) {
                let (a, b) = (exact.duration_s, rounded.duration_s);
                for (a, b) in [(a.p50, b.p50), (a.p90, b.p90), (a.p99, b.p99)] {
                    let (a, b) = (a.unwrap_or(0.0), b.unwrap_or(0.0));
                    prop_assert!((a - b).abs() <= 0.001 * a + 0.001, "{} {}", a, b);
                }
                prop_assert_eq!(a.lognormal_mu, b.lognormal_mu);
                prop_assert_eq!(Figures { duration_s: b, ..exact }, rounded);
            }
        }
    }
}

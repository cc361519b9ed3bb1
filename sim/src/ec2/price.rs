//! The price of a pool over time.

use super::log_process::LogProcess;
use super::timeline::HORIZON;
use crate::random::Stream;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::{Span, Time};

/// The spot price of one pool. Like a timeline it grows from its beginning, so that no answer
/// depends on the order of the questions.
#[derive(Clone, Debug)]
pub enum PriceLine {
    /// Always the same.
    Constant(Rate),
    /// What was recorded: each price holds from its time on, the first before it too.
    Recorded(Vec<(Time, Rate)>),
    /// A mean-reverting process in steps.
    Process(Walk),
}

/// A price whose logarithm strays from its level and returns, in steps of equal length.
#[derive(Clone, Debug)]
pub struct Walk {
    stream: Stream,
    origin: Time,
    process: LogProcess,
    level: Rate,
    most: Rate,
    deviations: Vec<f64>,
}

impl Walk {
    /// A price around `level` that begins at `origin` in its steady state and never exceeds `most`,
    /// the on-demand price, since nobody would pay more.
    pub const fn new(
        stream: Stream,
        origin: Time,
        process: LogProcess,
        level: Rate,
        most: Rate,
    ) -> Self {
        Self { stream, origin, process, level, most, deviations: Vec::new() }
    }

    fn step_of(&self, now: Time) -> u64 {
        now.since(self.origin).min(HORIZON).as_ms() / self.process.step.as_ms().max(1)
    }

    /// The price in a step: mean-corrected, so that its mean is the level.
    fn at(&mut self, step: u64) -> Rate {
        while self.deviations.len() as u64 <= step {
            let noise = self.stream.normal() * self.process.deviation;
            let keep = self.process.keep();
            let next = match self.deviations.last() {
                None => noise,
                Some(last) => keep * last + libm::sqrt(1.0 - keep * keep) * noise,
            };
            self.deviations.push(next);
        }
        let variance = self.process.deviation * self.process.deviation;
        let factor = libm::exp(self.deviations[step as usize] - variance / 2.0);
        let price = Rate::from_usd_per_hour(self.level.as_usd_per_hour() * factor);
        price.clamp(Rate::from_micros_per_hour(1), self.most.max(Rate::from_micros_per_hour(1)))
    }
}

impl PriceLine {
    /// The price at `now`.
    pub fn at(&mut self, now: Time) -> Rate {
        match self {
            Self::Constant(rate) => *rate,
            Self::Recorded(records) => {
                let after = records.partition_point(|(at, _)| *at <= now).max(1);
                records.get(after - 1).map_or(Rate::ZERO, |(_, rate)| *rate)
            }
            Self::Process(walk) => {
                let step = walk.step_of(now);
                walk.at(step)
            }
        }
    }

    /// The first moment strictly after `now` at which the price may be another; `None` when it
    /// stays for good.
    pub fn next_after(&self, now: Time) -> Option<Time> {
        match self {
            Self::Constant(_) => None,
            Self::Recorded(records) => {
                let after = records.partition_point(|(at, _)| *at <= now).max(1);
                records.get(after).map(|(at, _)| *at)
            }
            Self::Process(walk) => {
                let step = walk.step_of(now);
                let length = walk.process.step.as_ms();
                let next = walk.origin + Span::from_ms(length.saturating_mul(step + 1));
                (next > now).then_some(next)
            }
        }
    }
}

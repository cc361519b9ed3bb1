//! Conditions under which a comparison fails, for use in CI: `p95_queue>+5% or cost>+3%`.

mod parse;

pub use parse::GateError;

use super::{Metric, Paired};
use crate::words;
use std::fmt::{Display, Formatter, Result as Written};

/// A condition over what was compared; true means failure.
#[derive(Clone, Debug, PartialEq)]
pub enum Gate {
    /// One figure against one limit.
    If(Condition),
    /// All of them.
    All(Vec<Self>),
    /// Any of them.
    Any(Vec<Self>),
}

/// `METRIC OP LIMIT`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// The figure.
    pub metric: Metric,
    /// Which way the limit lies.
    pub op: Op,
    /// Against what.
    pub limit: Limit,
}

/// How a figure is held against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `>`
    Over,
    /// `>=`
    AtLeast,
    /// `<`
    Under,
    /// `<=`
    AtMost,
}

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// `+5%`: on the second side against the first, as a share of the first.
    Relative(f64),
    /// `+3s`, `-2usd`: second side less first, in the figure's unit.
    Difference(f64),
    /// `30s`, `100usd`, `2`: the second side alone.
    Value(f64),
}

/// A condition and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The condition.
    pub condition: Condition,
    /// The side that it was checked on.
    pub side: String,
    /// What was measured, in the unit of the limit; none where the figure does not exist.
    pub value: Option<f64>,
    /// Ends of its interval.
    pub ends: Option<(f64, f64)>,
    /// Whether the condition holds, which speaks for failure.
    pub holds: bool,
}

impl Gate {
    /// Reads an expression.
    ///
    /// # Errors
    /// Where in the expression what was found, and what was expected.
    pub fn parse(text: &str) -> Result<Self, GateError> {
        parse::parse(text)
    }

    /// Whether the comparison fails; every condition that was looked at goes into `checked`. The
    /// estimate decides, and the interval is told beside it.
    pub fn fails(&self, paired: &[&Paired], checked: &mut Vec<Checked>) -> bool {
        match self {
            Self::If(condition) => {
                let result = condition.check(paired);
                let holds = result.holds;
                checked.push(result);
                holds
            }
            // All are looked at, so that all are told.
            Self::All(parts) => {
                parts.iter().map(|part| part.fails(paired, checked)).fold(true, |a, b| a & b)
            }
            Self::Any(parts) => {
                parts.iter().map(|part| part.fails(paired, checked)).fold(false, |a, b| a | b)
            }
        }
    }
}

impl Condition {
    fn check(self, paired: &[&Paired]) -> Checked {
        let pair = paired.iter().find(|pair| pair.metric == self.metric.path());
        let value = pair.and_then(|pair| match self.limit {
            Limit::Relative(_) => pair.relative.or_else(|| (pair.difference == 0.0).then_some(0.0)),
            Limit::Difference(_) => Some(pair.difference),
            Limit::Value(_) => Some(pair.b),
        });
        let ends = pair.and_then(|pair| {
            let ends = (pair.low?, pair.high?);
            match self.limit {
                Limit::Relative(_) if pair.a > 0.0 => Some((ends.0 / pair.a, ends.1 / pair.a)),
                Limit::Difference(_) => Some(ends),
                Limit::Relative(_) | Limit::Value(_) => None,
            }
        });
        let limit = self.limit.amount();
        let holds = match (value, pair) {
            (Some(value), _) => match self.op {
                Op::Over => value > limit,
                Op::AtLeast => value >= limit,
                Op::Under => value < limit,
                Op::AtMost => value <= limit,
            },
            // From nothing to something is more than any share.
            (None, Some(pair)) => {
                matches!(self.op, Op::Over | Op::AtLeast) == (pair.difference > 0.0)
            }
            (None, None) => false,
        };
        let side = pair.map(|pair| pair.side_b.clone()).unwrap_or_default();
        Checked { condition: self, side, value, ends, holds }
    }
}

impl Limit {
    const fn amount(self) -> f64 {
        match self {
            Self::Relative(amount) | Self::Difference(amount) | Self::Value(amount) => amount,
        }
    }

    fn text(self, metric: Metric, amount: f64) -> String {
        match self {
            Self::Relative(_) => format!("{}{}", sign(amount), words::percent(amount.abs())),
            Self::Difference(_) => metric.signed(amount),
            Self::Value(_) => metric.text(amount),
        }
    }
}

const fn sign(amount: f64) -> &'static str {
    if amount < 0.0 { "-" } else { "+" }
}

impl Display for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        f.write_str(match self {
            Self::Over => ">",
            Self::AtLeast => ">=",
            Self::Under => "<",
            Self::AtMost => "<=",
        })
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        let limit = self.limit.text(self.metric, self.limit.amount());
        write!(f, "{} {} {limit}", self.metric.title(), self.op)
    }
}

impl Display for Checked {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        let Condition { metric, limit, .. } = self.condition;
        let verdict = if self.holds { "FAILS" } else { "passes" };
        write!(f, "{verdict}  {}: {}, found ", self.side, self.condition)?;
        match self.value {
            Some(value) => f.write_str(&limit.text(metric, value))?,
            None => f.write_str("no such figure on the first side")?,
        }
        if let Some((low, high)) = self.ends {
            write!(f, " ({} to {})", limit.text(metric, low), limit.text(metric, high))?;
            let amount = limit.amount();
            if low < amount && amount < high {
                f.write_str("; the interval holds the limit: more runs would settle it")?;
            }
        }
        Ok(())
    }
}

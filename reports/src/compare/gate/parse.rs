//! From text to conditions.
//!
//! ```text
//! any  = all { "or" all }
//! all  = one { "and" one }
//! one  = "(" any ")" | METRIC ( ">" | ">=" | "<" | "<=" ) LIMIT
//! LIMIT = ("+" | "-") NUMBER "%" | [ "+" | "-" ] NUMBER [ "ms" | "s" | "m" | "h" | "usd" ]
//! ```

use super::{Condition, Gate, Limit, Metric, Op};

/// Why a condition cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: found {found}, expected {expected}")]
pub struct GateError {
    /// Where, from 1.
    pub at: usize,
    /// What stands there.
    pub found: String,
    /// What could stand there.
    pub expected: String,
}

/// How deep parentheses may stand in each other.
const DEPTH_MAX: usize = 32;

pub(super) fn parse(text: &str) -> Result<Gate, GateError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let gate = reader.any()?;
    match reader.word() {
        "" => Ok(gate),
        _ => Err(reader.expected("`and`, `or` or the end")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// The next word, sign or number, without taking it.
    fn word(&mut self) -> &'t str {
        self.skip_space();
        let rest = self.rest();
        let is_part = |letter: char| letter.is_alphanumeric() || "_.%".contains(letter);
        let length = match rest.find(|letter| !is_part(letter)) {
            Some(0) => rest.chars().next().map_or(0, char::len_utf8),
            Some(length) => length,
            None => rest.len(),
        };
        &rest[..length]
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.word() == word;
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    fn expected(&mut self, expected: impl Into<String>) -> GateError {
        let found = match self.word() {
            "" => "the end".to_owned(),
            word => format!("`{word}`"),
        };
        let at = self.text[..self.at].chars().count() + 1;
        GateError { at, found, expected: expected.into() }
    }

    fn any(&mut self) -> Result<Gate, GateError> {
        let mut parts = vec![self.all()?];
        while self.take("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() > 1 { Gate::Any(parts) } else { parts.remove(0) })
    }

    fn all(&mut self) -> Result<Gate, GateError> {
        let mut parts = vec![self.one()?];
        while self.take("and") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() > 1 { Gate::All(parts) } else { parts.remove(0) })
    }

    fn one(&mut self) -> Result<Gate, GateError> {
        if self.word() == "(" {
            if self.depth == DEPTH_MAX {
                return Err(self.expected(format!("at most {DEPTH_MAX} open parentheses")));
            }
            self.at += 1;
            self.depth += 1;
            let inner = self.any()?;
            self.depth -= 1;
            return if self.take(")") { Ok(inner) } else { Err(self.expected("`)`")) };
        }
        let name = self.word();
        let Some(metric) = Metric::named(name) else {
            let names = Metric::ALL.map(Metric::word).join(", ");
            return Err(self.expected(format!("a figure ({names}) or its path in summary.json")));
        };
        self.at += name.len();
        let op = self.op()?;
        let limit = self.limit(metric)?;
        Ok(Gate::If(Condition { metric, op, limit }))
    }

    fn op(&mut self) -> Result<Op, GateError> {
        let (strict, loose) = match self.word() {
            ">" => (Op::Over, Op::AtLeast),
            "<" => (Op::Under, Op::AtMost),
            _ => return Err(self.expected("`>`, `>=`, `<` or `<=`")),
        };
        self.at += 1;
        if self.rest().starts_with('=') {
            self.at += 1;
            return Ok(loose);
        }
        Ok(strict)
    }

    fn limit(&mut self, metric: Metric) -> Result<Limit, GateError> {
        let sign = match self.word() {
            "+" => Some(1.0),
            "-" => Some(-1.0),
            _ => None,
        };
        self.at += usize::from(sign.is_some());
        let word = self.word();
        let digits = word.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let (number, unit) = word.split_at(digits.unwrap_or(word.len()));
        let number: f64 = match number.parse() {
            Ok(number) => number,
            Err(_) => return Err(self.expected("a number, such as `+5%` or `30s`")),
        };
        let Some(factor) = factor(metric, unit, sign.is_some()) else {
            let expected = match (sign, units(metric)) {
                (None, units) => format!("{number}{units}, or +{number}% for a change"),
                (Some(_), units) => format!("a number with % or{units}"),
            };
            return Err(self.expected(expected));
        };
        self.at += word.len();
        Ok(match (sign, unit) {
            (Some(sign), "%") => Limit::Relative(sign * number / 100.0),
            (Some(sign), _) => Limit::Difference(sign * number * factor),
            (None, _) => Limit::Value(number * factor),
        })
    }
}

const fn units(metric: Metric) -> &'static str {
    match metric {
        Metric::Cost => " usd",
        Metric::NeverUsed | Metric::Interrupted | Metric::Lost => " (a count)",
        Metric::CostRatio | Metric::Gap => " (a ratio)",
        _ => " ms, s, m or h",
    }
}

/// How many of the figure's own unit one of the given unit is.
fn factor(metric: Metric, unit: &str, is_signed: bool) -> Option<f64> {
    match (metric, unit) {
        (_, "%") => is_signed.then_some(1.0),
        (Metric::Cost, "" | "usd" | "USD") => Some(1.0),
        (Metric::NeverUsed | Metric::Interrupted | Metric::Lost, unit) => {
            unit.is_empty().then_some(1.0)
        }
        (Metric::CostRatio | Metric::Gap, unit) => unit.is_empty().then_some(1.0),
        (Metric::Cost, _) => None,
        (_, "ms") => Some(1e-3),
        (_, "" | "s") => Some(1.0),
        (_, "m") => Some(60.0),
        (_, "h") => Some(3_600.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use expect_test::expect;

    fn condition(metric: Metric, op: Op, limit: Limit) -> Gate {
        Gate::If(Condition { metric, op, limit })
    }

    #[test]
    fn the_example_of_the_manual_reads_as_it_should() {
        let want = Gate::Any(vec![
            condition(Metric::QueueP95, Op::Over, Limit::Relative(0.05)),
            condition(Metric::Cost, Op::Over, Limit::Relative(0.03)),
        ]);
        assert_eq!(parse("p95_queue>+5% or cost>+3%").unwrap(), want);
    }

    #[test]
    fn and_binds_closer_than_or_and_units_count() {
        let got = parse("lost>0 or cost_usd.total >= -2usd and (p99_queue<=1.5m)").unwrap();
        let want = Gate::Any(vec![
            condition(Metric::Lost, Op::Over, Limit::Value(0.0)),
            Gate::All(vec![
                condition(Metric::Cost, Op::AtLeast, Limit::Difference(-2.0)),
                condition(Metric::QueueP99, Op::AtMost, Limit::Value(90.0)),
            ]),
        ]);
        assert_eq!(got, want);
    }

    #[test]
    fn every_fault_names_its_place() {
        let told: Vec<String> = [
            "",
            "p95",
            "cost",
            "cost>",
            "cost>5%",
            "cost>+3s",
            "lost>1usd",
            "p95_queue>+5% xor cost>1",
            "(cost>1",
            "cost>1 or",
            "cost => 1",
        ]
        .into_iter()
        .map(|text| format!("{text:?}: {}\n", parse(text).unwrap_err()))
        .collect();
        expect![[r#"
            "": at character 1: found the end, expected a figure (cost, mean_queue, p50_queue, p90_queue, p95_queue, p99_queue, critical_path_queue, node_seconds, never_used, interrupted, lost, cost_ratio, gap) or its path in summary.json
            "p95": at character 1: found `p95`, expected a figure (cost, mean_queue, p50_queue, p90_queue, p95_queue, p99_queue, critical_path_queue, node_seconds, never_used, interrupted, lost, cost_ratio, gap) or its path in summary.json
            "cost": at character 5: found the end, expected `>`, `>=`, `<` or `<=`
            "cost>": at character 6: found the end, expected a number, such as `+5%` or `30s`
            "cost>5%": at character 6: found `5%`, expected 5 usd, or +5% for a change
            "cost>+3s": at character 7: found `3s`, expected a number with % or usd
            "lost>1usd": at character 6: found `1usd`, expected 1 (a count), or +1% for a change
            "p95_queue>+5% xor cost>1": at character 15: found `xor`, expected `and`, `or` or the end
            "(cost>1": at character 8: found the end, expected `)`
            "cost>1 or": at character 10: found the end, expected a figure (cost, mean_queue, p50_queue, p90_queue, p95_queue, p99_queue, critical_path_queue, node_seconds, never_used, interrupted, lost, cost_ratio, gap) or its path in summary.json
            "cost => 1": at character 6: found `=`, expected `>`, `>=`, `<` or `<=`
        "#]].assert_eq(&told.concat());
    }

    #[test]
    fn deep_parentheses_are_refused_and_not_a_crash() {
        let deep = "(".repeat(100_000);
        assert!(parse(&deep).unwrap_err().expected.contains("32 open"));
    }
}

//! From text to objectives.
//!
//! ```text
//! slo       = clause { ";" clause } [ ";" ]
//! clause    = [ KEY "=" VALUE { "," KEY "=" VALUE } ":" ] objective { "," objective }
//! objective = ( "p" NUMBER | "mean" | "max" ) "<=" NUMBER ( "ms" | "s" | "m" | "h" )
//! VALUE     = a text in quotes, or letters up to one of , ; : < =
//! ```

use super::{Key, OBJECTIVES_MAX, Objective, Select, Slo, Statistic};
use crate::compare::GateError;

const STATISTIC: &str = "p50, p95, p99.9 or another percentile, mean or max";

/// The longest limit: GitHub drops a job that nobody took for a day.
const LIMIT_S_MAX: f64 = 86_400.0;

pub(super) fn parse(text: &str) -> Result<Slo, GateError> {
    let mut reader = Reader { text, at: 0 };
    let mut objectives = Vec::new();
    loop {
        reader.clause(&mut objectives)?;
        if !reader.take(";") {
            break;
        }
        if reader.is_over() {
            break;
        }
    }
    if reader.is_over() {
        return Ok(Slo { objectives });
    }
    Err(reader.expected("`,`, `;` or the end"))
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn is_over(&mut self) -> bool {
        self.at += self.rest().len() - self.rest().trim_start().len();
        self.rest().is_empty()
    }

    /// The next word, number with its unit, or sign, without taking it.
    fn word(&mut self) -> &'t str {
        self.is_over();
        let rest = self.rest();
        if rest.starts_with("<=") {
            return &rest[..2];
        }
        let is_part = |letter: char| letter.is_alphanumeric() || "_.-/%".contains(letter);
        match rest.find(|letter| !is_part(letter)) {
            Some(0) => &rest[..rest.chars().next().map_or(0, char::len_utf8)],
            Some(length) => &rest[..length],
            None => rest,
        }
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

    fn clause(&mut self, into: &mut Vec<Objective>) -> Result<(), GateError> {
        let mut selector = Vec::new();
        if statistic(self.word()).is_none() {
            loop {
                selector.push(self.select(selector.is_empty())?);
                if !self.take(",") {
                    break;
                }
            }
            if !self.take(":") {
                return Err(self.expected("`:` before what these jobs must meet, or `,`"));
            }
        }
        loop {
            if into.len() == OBJECTIVES_MAX {
                return Err(self.expected(format!("{OBJECTIVES_MAX} objectives at most")));
            }
            into.push(self.objective(selector.clone())?);
            if !self.take(",") {
                return Ok(());
            }
        }
    }

    fn select(&mut self, is_first: bool) -> Result<Select, GateError> {
        let word = self.word();
        let Some(key) = Key::ALL.into_iter().find(|key| key.word() == word) else {
            let keys = Key::ALL.map(Key::word).join(", ");
            let or = if is_first { format!(", or {STATISTIC}") } else { String::new() };
            return Err(self.expected(format!("one of {keys}{or}")));
        };
        self.at += word.len();
        if !self.take("=") {
            return Err(self.expected(format!("`=` and a value of {}", key.word())));
        }
        Ok(Select { key, value: self.value(key)? })
    }

    fn value(&mut self, key: Key) -> Result<String, GateError> {
        self.is_over();
        let rest = self.rest();
        let quote = rest.chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let (value, length) = if let Some(quote) = quote {
            let Some(length) = rest[1..].find(quote) else {
                self.at = self.text.len();
                return Err(self.expected(format!("the closing {quote}")));
            };
            (&rest[1..=length], length + 2)
        } else {
            let end = rest.find([',', ';', ':', '<', '=', '"']).unwrap_or(rest.len());
            (rest[..end].trim_end(), end)
        };
        if value.is_empty() && quote.is_none() {
            return Err(self.expected(format!("a value of {}", key.word())));
        }
        self.at += length;
        Ok(value.to_owned())
    }

    fn objective(&mut self, selector: Vec<Select>) -> Result<Objective, GateError> {
        let word = self.word();
        let Some(statistic) = statistic(word) else { return Err(self.expected(STATISTIC)) };
        self.at += word.len();
        if !self.take("<=") {
            return Err(self.expected("`<=`"));
        }
        let word = self.word();
        let digits = word.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let (number, unit) = word.split_at(digits.unwrap_or(word.len()));
        let factor = match unit {
            "ms" => 1e-3,
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3_600.0,
            _ => return Err(self.expected("a time with its unit, such as 15s, 500ms, 10m or 1h")),
        };
        let limit_s = number.parse::<f64>().map_or(0.0, |number| number * factor);
        if !(limit_s > 0.0 && limit_s <= LIMIT_S_MAX) {
            return Err(self.expected("a time above 0 and at most 24h, such as 15s"));
        }
        self.at += word.len();
        Ok(Objective { selector, statistic, limit_s })
    }
}

fn statistic(word: &str) -> Option<Statistic> {
    match word {
        "mean" => Some(Statistic::Mean),
        "max" => Some(Statistic::Max),
        _ => {
            let digits = word.strip_prefix('p')?;
            let plain = digits.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
            let percent: f64 = digits.parse().ok().filter(|_| plain)?;
            (percent > 0.0 && percent < 100.0).then_some(Statistic::Percentile(percent))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_manual_read_as_they_should() {
        let told = |text: &str| format!("{}\n", parse(text).unwrap());
        let all = [
            "p95<=15s",
            "event=pull_request: p95<=30s; event=schedule: p95<=10m",
            "team = web , class=\"linux: large\" : p50 <= 500ms, p99.9<=1.5m; mean<=1h;",
            "repository=acme/shop, workflow='.github/workflows/ci.yml': max<=2h",
        ];
        expect![[r#"
            p95 <= 15s
            event=pull_request: p95 <= 30s; event=schedule: p95 <= 10m00s
            team=web, class=linux: large: p50 <= 500ms; team=web, class=linux: large: p99.9 <= 1m30s; mean <= 1h00m
            repository=acme/shop, workflow=.github/workflows/ci.yml: max <= 2h00m
        "#]]
        .assert_eq(&all.map(told).concat());
    }

    #[test]
    fn every_fault_names_its_place() {
        let many = "p95<=1s;".repeat(OBJECTIVES_MAX + 1);
        let told: Vec<String> = [
            "",
            "p95",
            "p95<15s",
            "p95<=15",
            "p95<=0s",
            "p95<=25h",
            "p100<=1s",
            "p95<=15s p99<=1m",
            "branch=main: p95<=1s",
            "event: p95<=1s",
            "event=: p95<=1s",
            "event=push p95<=1s",
            "event=push, p95<=1s",
            "team=\"web: p95<=1s",
            "p95<=1s;; p99<=1s",
            &many,
        ]
        .into_iter()
        .map(|text| format!("{:.30}: {}\n", text, parse(text).unwrap_err()))
        .collect();
        expect![[r#"
            : at character 1: found the end, expected one of event, class, team, repository, workflow, job, or p50, p95, p99.9 or another percentile, mean or max
            p95: at character 4: found the end, expected `<=`
            p95<15s: at character 4: found `<`, expected `<=`
            p95<=15: at character 6: found `15`, expected a time with its unit, such as 15s, 500ms, 10m or 1h
            p95<=0s: at character 6: found `0s`, expected a time above 0 and at most 24h, such as 15s
            p95<=25h: at character 6: found `25h`, expected a time above 0 and at most 24h, such as 15s
            p100<=1s: at character 1: found `p100`, expected one of event, class, team, repository, workflow, job, or p50, p95, p99.9 or another percentile, mean or max
            p95<=15s p99<=1m: at character 10: found `p99`, expected `,`, `;` or the end
            branch=main: p95<=1s: at character 1: found `branch`, expected one of event, class, team, repository, workflow, job, or p50, p95, p99.9 or another percentile, mean or max
            event: p95<=1s: at character 6: found `:`, expected `=` and a value of event
            event=: p95<=1s: at character 7: found `:`, expected a value of event
            event=push p95<=1s: at character 15: found `<=`, expected `:` before what these jobs must meet, or `,`
            event=push, p95<=1s: at character 13: found `p95`, expected one of event, class, team, repository, workflow, job
            team="web: p95<=1s: at character 19: found the end, expected the closing "
            p95<=1s;; p99<=1s: at character 9: found `;`, expected one of event, class, team, repository, workflow, job, or p50, p95, p99.9 or another percentile, mean or max
            p95<=1s;p95<=1s;p95<=1s;p95<=1: at character 129: found `p95`, expected 16 objectives at most
        "#]].assert_eq(&told.concat());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// No text makes it panic, and what is read means the same when it is read again.
        #[test]
        fn any_text_is_answered(text in "(p95|event|team|=|<=|push|web|15s|10m|:|;|,|\"|'| |ü){0,12}") {
            if let Ok(slo) = parse(&text) {
                prop_assert!(!slo.objectives.is_empty());
            }
        }
    }
}

//! What is compared: policies, configurations, a grid over either, and an earlier result.

use crate::failure::{Exit, Failure};
use crate::input::{InputArgs, configuration};
use greenroom_reports::compare::{Runs, Side};
use greenroom_reports::summary::Summary;
use greenroom_sim::config::{Config, Layer};
use serde::Deserialize;
use std::path::Path;

/// Most sides of one comparison: a grid grows fast, and each side is a run or many.
const SIDES_MAX: usize = 1_000;

/// A side that is still to be played.
pub(super) struct Candidate {
    pub(super) name: String,
    pub(super) config: Config,
    /// What the configuration was made of.
    pub(super) layers: Vec<Layer>,
}

impl Candidate {
    /// Whether both see the same rows of a trace.
    pub(super) fn reads_like(&self, other: &Self) -> bool {
        self.config.run == other.config.run
    }
}

/// The sides that the options ask for.
pub(super) fn candidates(
    input: &InputArgs,
    policies: &[String],
    grid: &[String],
    has_baseline: bool,
) -> Result<Vec<Candidate>, Failure> {
    let mut drafts: Vec<(String, Vec<Layer>)> = Vec::new();
    if policies.is_empty() {
        for (name, layers) in input.config.each()? {
            drafts.push((name, input.over(layers, None)));
        }
        if drafts.is_empty() {
            let layers = input.layers(None)?;
            drafts.push((configuration(&layers)?.policy.name.name().to_owned(), layers));
        }
    } else {
        for policy in policies {
            drafts.push((policy.clone(), input.layers(Some(policy))?));
        }
    }
    for axis in grid {
        drafts = crossed(drafts, axis)?;
    }
    let least = if has_baseline { 1 } else { 2 };
    if drafts.len() < least {
        return Err(Failure::told(
            Exit::Usage,
            "found one side, expected two or more: --policies A,B, two --config files, --grid \
             KEY=A,B or --baseline FILE",
        ));
    }
    numbered(&mut drafts);
    drafts
        .into_iter()
        .map(|(name, layers)| Ok(Candidate { name, config: configuration(&layers)?, layers }))
        .collect()
}

/// Every draft with every value of one key.
fn crossed(
    drafts: Vec<(String, Vec<Layer>)>,
    axis: &str,
) -> Result<Vec<(String, Vec<Layer>)>, Failure> {
    let values = axis.split_once('=').map(|(key, values)| (key.trim(), split(values)));
    let Some((key, values)) = values.filter(|(key, values)| !key.is_empty() && !values.is_empty())
    else {
        let message = format!("--grid: found {axis:?}, expected KEY=A,B,...");
        return Err(Failure::told(Exit::Usage, message));
    };
    if drafts.len() * values.len() > SIDES_MAX {
        let message = format!(
            "--grid {axis}: found {} sides, expected {SIDES_MAX} at most",
            drafts.len() * values.len()
        );
        return Err(Failure::told(Exit::Usage, message));
    }
    let alone = drafts.len() == 1;
    let mut all = Vec::new();
    for (name, layers) in drafts {
        for value in &values {
            let assignment = format!("{key}={value}");
            let mut layers = layers.clone();
            layers.push(Layer::set(&assignment));
            let name = if alone { assignment } else { format!("{name} {assignment}") };
            all.push((name, layers));
        }
    }
    Ok(all)
}

/// Parts between commas that stand outside brackets and quotes.
pub(in crate::commands) fn split(values: &str) -> Vec<&str> {
    let (mut parts, mut from, mut depth, mut quote) = (Vec::new(), 0, 0_u32, None);
    for (at, letter) in values.char_indices() {
        if let Some(open) = quote {
            quote = (letter != open).then_some(open);
            continue;
        }
        match letter {
            '"' | '\'' => quote = Some(letter),
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(values[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(values[from..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// Two sides of one name get numbers.
fn numbered(drafts: &mut [(String, Vec<Layer>)]) {
    let names: Vec<String> = drafts.iter().map(|(name, _)| name.clone()).collect();
    for (nth, (name, _)) in drafts.iter_mut().enumerate() {
        if names.iter().filter(|other| *other == name).count() > 1 {
            let before = names[..nth].iter().filter(|other| *other == name).count();
            *name = format!("{name} #{}", before + 1);
        }
    }
}

/// A file that `compare --json` or `simulate` wrote.
#[derive(Deserialize)]
struct Earlier {
    summaries: Vec<Summary>,
    sides: Vec<Runs>,
}

/// The first side of an earlier comparison, or a summary.
pub(super) fn baseline(file: &Path) -> Result<Side, Failure> {
    let place = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::told(Exit::Input, format!("{place}: cannot read: {error}")))?;
    let bad = |error: serde_json::Error| {
        let told = error.to_string();
        let told = told.split(" at line ").next().unwrap_or_default();
        Failure::told(
            Exit::Input,
            format!(
                "{place}: line {}, column {}: found {told}, expected what `compare --json` or \
                 `simulate --json` printed",
                error.line(),
                error.column()
            ),
        )
    };
    let is_comparison =
        serde_json::from_str::<serde_json::Value>(&text).map_err(bad)?.get("summaries").is_some();
    let (summary, runs) = if is_comparison {
        let Earlier { summaries, sides } = serde_json::from_str(&text).map_err(bad)?;
        summaries.into_iter().zip(sides).next().ok_or_else(|| {
            let message = format!("{place}: found a comparison without sides, expected one");
            Failure::told(Exit::Input, message)
        })?
    } else {
        let summary: Summary = serde_json::from_str(&text).map_err(bad)?;
        let runs = Runs::of(&summary.policy, std::slice::from_ref(&summary));
        (summary, runs)
    };
    let name = format!("{} ({})", runs.name, file.file_name().unwrap_or_default().display());
    Ok(Side {
        runs: Runs { name: name.clone(), ..runs },
        name,
        summary,
        days: None,
        frontier: None,
    })
}

/// Why an earlier result cannot be paired run by run with the present ones.
pub(super) fn unpaired(earlier: &Runs, now: &Runs) -> String {
    let [was, is] = [earlier, now].map(|runs| {
        let runs_count = runs.values.values().next().map_or(0, Vec::len);
        format!("{}, seed {}, {runs_count} runs", runs.trace, runs.seed)
    });
    format!(
        "--baseline is not paired with these runs: found {was}, expected {is}; intervals are \
         those of two samples"
    )
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn commas_in_lists_and_quotes_are_no_ends() {
        assert_eq!(split("1, 2"), ["1", "2"]);
        assert_eq!(
            split("[\"spot\", \"on-demand\"],[\"spot\"]"),
            ["[\"spot\", \"on-demand\"]", "[\"spot\"]"]
        );
        assert_eq!(split("'a,b',c,"), ["'a,b'", "c"]);
    }
}

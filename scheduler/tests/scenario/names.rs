//! Who is who: names that people gave, ids that the core gave.

use super::words::number;
use greenroom_scheduler::command::{Action, Command};
use greenroom_scheduler::id::{CommandId, JobId, NodeId, RunnerId};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Names {
    pub(super) types: Vec<String>,
    pub(super) pools: Vec<String>,
    pub(super) teams: Vec<String>,
    pub(super) fleets: Vec<String>,
    pub(super) sets: Vec<String>,
    runners: BTreeMap<u32, RunnerId>,
    nodes: BTreeMap<u32, NodeId>,
    sent: BTreeMap<String, CommandId>,
}

/// The number of a name, which becomes known if it was not.
pub(super) fn learn(known: &mut Vec<String>, name: &str) -> u32 {
    let place = known.iter().position(|other| other == name).unwrap_or_else(|| {
        known.push(name.to_owned());
        known.len() - 1
    });
    place as u32
}

/// The number of a name that was given before.
pub(super) fn find(known: &[String], name: &str) -> Result<u32, String> {
    let place = known.iter().position(|other| other == name);
    Ok(place.ok_or_else(|| format!("who is {name}?"))? as u32)
}

impl Names {
    /// `r5`: the runner that the core named so, or one of a listing.
    pub(super) fn runner(&self, text: &str) -> Result<RunnerId, String> {
        let serial = numbered('r', text)?;
        Ok(self.runners.get(&serial).copied().unwrap_or(RunnerId { serial, slot: serial }))
    }

    /// `n5`: the node that the core named so, or one of a listing.
    pub(super) fn node(&self, text: &str) -> Result<NodeId, String> {
        let serial = numbered('n', text)?;
        Ok(self.nodes.get(&serial).copied().unwrap_or(NodeId { serial, slot: serial }))
    }

    /// The command that was sent last in these words: `create r5`.
    pub(super) fn command(&self, text: &str) -> Result<CommandId, String> {
        self.sent.get(text).copied().ok_or_else(|| format!("nobody ordered: {text}"))
    }

    /// Remembers a command, and says how it reads.
    pub(super) fn tell(&mut self, command: &Command) -> String {
        match &command.action {
            Action::CreateRunner { runner, .. } => {
                self.runners.insert(runner.serial, *runner);
            }
            Action::ClaimNode { node, .. } => {
                self.nodes.insert(node.serial, *node);
            }
            _ => {}
        }
        let mut text = command.action.to_string();
        if let Action::ClaimNode { types, .. } = &command.action {
            let names: Vec<&str> = types.iter().map(|t| self.types[t.index()].as_str()).collect();
            let end = text.rfind("type ").unwrap_or(text.len());
            text.replace_range(end.., &names.join(", "));
        }
        let subject = text.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let again = self.sent.insert(subject, command.id) == Some(command.id);
        let again = if again { "again, under the same id: " } else { "" };
        let by = match command.generation.0 {
            0 => String::new(),
            generation => format!(" (generation {generation})"),
        };
        format!("{again}{text}{by}")
    }

    /// Puts names where a text has numbers: `set 0` becomes `web`.
    pub(super) fn named(&self, text: &str) -> String {
        let kinds = [
            ("set ", &self.sets),
            ("fleet ", &self.fleets),
            ("type ", &self.types),
            ("pool ", &self.pools),
        ];
        let mut named = text.to_owned();
        for (kind, names) in kinds {
            // Longer numbers first, so that 12 is not read as 1.
            for (place, name) in names.iter().enumerate().rev() {
                named = named.replace(&format!("{kind}{place}"), name);
            }
        }
        named
    }
}

fn numbered(letter: char, text: &str) -> Result<u32, String> {
    number(
        text.strip_prefix(letter)
            .ok_or_else(|| format!("{text}: expected {letter} and a number"))?,
    )
}

/// `j5`.
pub(super) fn job(text: &str) -> Result<JobId, String> {
    let serial = numbered('j', text)?;
    Ok(JobId { serial, slot: serial })
}

//! Pseudonyms that keep the structure of a trace: equal names stay equal, owners stay owners of
//! their repositories, the parts of a matrix job stay parts.

use crate::schema::Row;
use std::hash::{BuildHasher, RandomState};

/// A keyed hash with a key that nobody knows: SipHash, which is made to hide its key.
pub(super) struct Pseudonyms {
    key: RandomState,
}

/// Branches that every repository has tell nothing about it.
const COMMON_BRANCHES: [&str; 4] = ["main", "master", "develop", "trunk"];

impl Pseudonyms {
    pub(super) fn new() -> Self {
        Self { key: RandomState::new() }
    }

    /// Replaces every name in a row. Classes, labels, machine types, events, times and sizes stay:
    /// they are what planning needs.
    pub(super) fn replace(&mut self, row: &mut Row) {
        row.repository = match row.repository.split_once('/') {
            Some((owner, name)) => {
                // The same name under two owners must not show.
                let whole = row.repository.as_str();
                format!("{}/{}", self.word("owner", owner), self.word_of("repo", name, whole))
            }
            None => self.word("repo", &row.repository),
        };
        row.workflow = self.word("workflow", &row.workflow);
        row.job_name = self.job(&row.job_name);
        if !COMMON_BRANCHES.contains(&row.head_branch.as_str()) {
            row.head_branch = self.word("branch", &row.head_branch);
        }
        row.actor = self.word("actor", &row.actor);
        row.team = self.word("team", &row.team);
        row.runner_name = self.word("runner", &row.runner_name);
        row.runner_group = self.word("group", &row.runner_group);
        row.instance_id = self.word("i", &row.instance_id);
        if !row.head_sha.is_empty() {
            let parts = ["sha0", "sha1", "sha2"].map(|part| self.hash(part, &row.head_sha));
            row.head_sha = format!("{:016x}{:016x}{:08x}", parts[0], parts[1], parts[2] as u32);
        }
        // Ids lead to public pages of their runs.
        row.run_id = self.id("run", &row.run_id);
        row.predecessors =
            row.predecessor_ids().map(|id| self.id("job", id)).collect::<Vec<_>>().join(" ");
        row.job_id = self.id("job", &row.job_id);
    }

    /// `build (linux, 3.9)` is `job-… (part-…, part-…)`.
    fn job(&self, name: &str) -> String {
        let parts = name.strip_suffix(')').and_then(|name| name.split_once(" ("));
        let Some((base, parts)) = parts else { return self.word("job", name) };
        let parts: Vec<_> = parts.split(", ").map(|part| self.word("part", part)).collect();
        format!("{} ({})", self.word("job", base), parts.join(", "))
    }

    fn word(&self, kind: &str, name: &str) -> String {
        self.word_of(kind, name, name)
    }

    fn word_of(&self, kind: &str, name: &str, whole: &str) -> String {
        if name.is_empty() {
            return String::new();
        }
        format!("{kind}-{:012x}", self.hash(kind, whole) >> 16)
    }

    /// A number again, so that ids stay short in memory.
    fn id(&self, kind: &str, id: &str) -> String {
        if id.is_empty() {
            return String::new();
        }
        // The highest bit set: never 0, and always of the same length.
        (self.hash(kind, id) | 1 << 63).to_string()
    }

    fn hash(&self, kind: &str, name: &str) -> u64 {
        self.key.hash_one((kind, name))
    }
}

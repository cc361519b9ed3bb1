//! A generated job as a file tells it.

use super::draw::pair;
use super::generator::Generator;
use crate::arrival::{Arrival, Conclusion, Forge, Trigger};
use crate::schema::Row;
use std::fmt::Write as _;

/// Run numbers begin here, as those of a GitHub that has been in use.
const FIRST_RUN: u64 = 1_000_000;
/// Accounts that set off runs.
const ACTORS: u64 = 40;

impl Generator {
    /// Fills `row` with the job that was given last; what GitHub would know and no draw decides
    /// (commit, account) follows from the run. There is no runner and no start: nothing ran yet.
    pub fn fill(&self, arrival: &Arrival, row: &mut Row) {
        row.clear();
        let Some(run) = self.current_run() else { return };
        let names = self.names();
        let sha = pair(u64::from(run.branch), run.key >> 8);
        write!(row.run_id, "{}", FIRST_RUN + u64::from(run.number)).expect(FITS);
        row.run_attempt = Some(i64::from(run.attempt));
        write!(row.job_id, "{}", u64::from(arrival.row) + 1).expect(FITS);
        row.job_name.push_str(names.text(arrival.job));
        row.repository.push_str(names.text(arrival.repository));
        row.workflow.push_str(names.text(arrival.workflow));
        row.event.push_str(event(arrival.trigger));
        match (run.branch, arrival.trigger) {
            (0, _) => row.head_branch.push_str("main"),
            (branch, Trigger::MergeGroup) => {
                write!(row.head_branch, "gh-readonly-queue/main/pr-{branch}").expect(FITS);
            }
            (branch, _) => write!(row.head_branch, "change-{branch}").expect(FITS),
        }
        write!(row.head_sha, "{sha:016x}{:016x}{:08x}", pair(sha, 1), pair(sha, 2) >> 32)
            .expect(FITS);
        write!(row.actor, "user-{:02}", pair(sha, 3) % ACTORS + 1).expect(FITS);
        row.team.push_str(names.text(arrival.team));
        row.forge.push_str(match arrival.forge {
            Forge::Cloud => "cloud",
            Forge::Enterprise => "enterprise",
        });
        write!(row.labels, "self-hosted;{}", names.text(arrival.class)).expect(FITS);
        row.runner_class.push_str(names.text(arrival.class));
        let ready_ms = arrival.ready.as_ms() as i64;
        row.queued_ms = Some(ready_ms);
        row.ready_ms = Some(ready_ms);
        row.duration_ms = Some(arrival.duration.as_ms() as i64);
        row.completed_ms = arrival.patience.map(|patience| ready_ms + patience.as_ms() as i64);
        row.conclusion.push_str(match arrival.conclusion {
            Conclusion::Success => "success",
            Conclusion::Failure => "failure",
            Conclusion::Cancelled => "cancelled",
            Conclusion::Unknown => "",
        });
        for (nth, predecessor) in self.predecessors(arrival).iter().enumerate() {
            let blank = if nth == 0 { "" } else { " " };
            write!(row.predecessors, "{blank}{}", u64::from(*predecessor) + 1).expect(FITS);
        }
        if let Some(size) = arrival.size {
            row.cpu_milli = Some(i64::from(size.cpu_milli));
            row.memory_mib = Some(i64::from(size.memory_mib));
            row.gpu = Some(i64::from(size.gpu));
        }
    }
}

const FITS: &str = "a String takes any text";

/// The event as GitHub names it.
fn event(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Push => "push",
        Trigger::PullRequest => "pull_request",
        Trigger::MergeGroup => "merge_group",
        Trigger::Schedule => "schedule",
        Trigger::Other => "workflow_dispatch",
    }
}

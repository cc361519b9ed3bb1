//! What a page says in words.

use crate::chart::Chart;

pub(super) const HOW_TO_READ: &str = "<p><span class=\"modelled\">Modelled</span> figures come \
from the simulation: they say what would have happened with this job history, this policy and \
these settings. <span class=\"measured\">Measured</span> figures come from the record of what did \
happen. The two never share a colour. No figure here is a bill.</p>\n";

pub(super) const GITHUBS_CHOICE: &str = "GitHub alone chooses which runner of a set takes a job, \
and in which order the jobs of a set are taken. A controller chooses how many runners there are \
and on which nodes they start.";

/// What a chart shows, before it.
pub(super) const fn before(chart: Chart) -> &'static str {
    match chart {
        Chart::Demand => {
            "Jobs that run and wait are the demand; nodes are the capacity that was paid for. \
             Where the light blue of idle nodes stands over the jobs, capacity waited for work; \
             where jobs wait, work waited for capacity."
        }
        Chart::QueueTime => {
            "Queue time runs from the moment a job is ready until its first step runs. Read it \
             across: at 75 %, three of four jobs waited no longer than the time below the curve."
        }
        Chart::Causes => {
            "Every millisecond of queue time has one cause. Bars are in the order in which a job \
             meets them: first GitHub's word, then limits and capacity, then the start of its \
             node and runner."
        }
        Chart::Cost => {
            "Every charge is cut by what the time of the node was spent on. Used is what jobs \
             occupied; idle is capacity that was ready and had no job; node startup is from \
             launch until ready; interrupted work was lost with its runner."
        }
        Chart::Week => {
            "The working week as the runners see it: how many jobs become ready in each hour, \
             and how long the jobs of that hour waited on average."
        }
        Chart::Recorded => {
            "Where the job history has start times, each job has two queue times: the one that \
             was measured then, and the one that is modelled now. Below the line the simulation \
             is faster than the record, above it slower."
        }
    }
}

/// What to bear in mind, after it.
pub(super) const fn after(chart: Chart) -> &'static str {
    match chart {
        Chart::Demand => {
            "Each point is the mean over a stretch of time, so a short peak stands lower than it \
             was. A node with at least one job counts as busy, however much room it has left."
        }
        Chart::QueueTime => {
            "A job that lost its runner waits again; both waits count, the lost work between them \
             does not. A job that was cancelled while it waited counts with the time it had \
             waited."
        }
        Chart::Causes => {
            "What a job waits for while its runner does not exist yet is what the controller says \
             held its runner set at that time."
        }
        Chart::Cost => {
            "Other holds what is charged beyond a machine's life (started seconds and minutes, \
             the minimum of a launch) and everything beside machines, such as volumes, traffic \
             and control planes."
        }
        Chart::Week => "Hours are UTC. An outlined square is an hour without a job to tell of.",
        Chart::Recorded => {
            "The record was made under another policy, on other machines and under limits that a \
             job history does not tell; agreement job by job is not to be expected, agreement of \
             the distributions is."
        }
    }
}

pub(super) const WORDS: &str = "<dl>
<dt>Queue time</dt><dd>From ready to the first step of the job.</dd>
<dt>Runner set</dt><dd>The runners of one team and one class; GitHub's protocol calls it a scale \
set.</dd>
<dt>Runner class</dt><dd>Runners of one size and image that jobs ask for by label.</dd>
<dt>Modelled cost</dt><dd>What the machines and minutes of the simulation would cost at the prices \
in the settings.</dd>
<dt>Used, idle</dt><dd>A runner occupies its node by the largest of its shares of vCPU, memory and \
GPU, from when its job is ready and it is bound. The rest of a ready node is idle.</dd>
<dt>Interrupted work</dt><dd>Attempts that were lost with their runner, mostly because EC2 took a \
spot machine back.</dd>
<dt>Infrastructure failure</dt><dd>A job that infrastructure ended for good: lost with its runner \
and not run again, or taken by nobody for 24 hours.</dd>
<dt>Overhead</dt><dd>Node time over job time, less one. Below zero where nodes carry several jobs \
at once.</dd>
<dt>p95</dt><dd>The time that 95 of 100 jobs did not exceed.</dd>
</dl>\n";

//! The best schedule of a few jobs on one-slot nodes, by trying all.

/// A job: when it comes and how long it takes.
pub(crate) type Job = (u64, u64);

/// The least of cost (1 a millisecond and node) plus `wait_value` a millisecond of waiting; with an
/// infinite value nobody waits.
///
/// Every schedule gives each node an ordered list of jobs. The best timing of a list is convex in
/// the start of its first job, with corners where a later one stops waiting, so trying those
/// suffices; and a gap that is longer than a boot is better cut into two nodes, which is another
/// way to give out the jobs.
pub(crate) fn best(jobs: &[Job], boot_ms: u64, wait_value: f64) -> f64 {
    let all = (1_usize << jobs.len()) - 1;
    let mut node = vec![f64::INFINITY; all + 1];
    let mut order = Vec::new();
    lists(jobs, &mut order, 0, &mut |order, set| {
        let cost = boot_ms as f64 + list(jobs, order, wait_value);
        node[set] = node[set].min(cost);
    });
    let mut fleet = vec![f64::INFINITY; all + 1];
    fleet[0] = 0.0;
    for set in 1..=all {
        // The node of the set's first job, and the best of the others.
        let first = set & set.wrapping_neg();
        let mut part = set;
        while part > 0 {
            if part & first > 0 {
                fleet[set] = fleet[set].min(node[part] + fleet[set & !part]);
            }
            part = (part - 1) & set;
        }
    }
    fleet[all]
}

fn lists(jobs: &[Job], order: &mut Vec<usize>, set: usize, tell: &mut impl FnMut(&[usize], usize)) {
    if !order.is_empty() {
        tell(order, set);
    }
    for job in 0..jobs.len() {
        if set & (1 << job) == 0 {
            order.push(job);
            lists(jobs, order, set | 1 << job, tell);
            order.pop();
        }
    }
}

/// The best timing of one node's list, without its boot.
fn list(jobs: &[Job], order: &[usize], wait_value: f64) -> f64 {
    let first = jobs[order[0]].0;
    let mut before = 0;
    let mut best = f64::INFINITY;
    for &job in order {
        let (ready, busy) = jobs[job];
        // The first start at which this job begins the moment it comes.
        let start = ready.saturating_sub(before).max(first);
        best = best.min(timed(jobs, order, start, wait_value));
        before += busy;
    }
    best
}

fn timed(jobs: &[Job], order: &[usize], start: u64, wait_value: f64) -> f64 {
    let (mut at, mut waited) = (start, 0);
    for &job in order {
        let (ready, busy) = jobs[job];
        at = at.max(ready);
        waited += at - ready;
        at += busy;
    }
    let value = if waited > 0 { wait_value * waited as f64 } else { 0.0 };
    (at - start) as f64 + value
}

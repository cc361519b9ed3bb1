//! What runs are expected to bring: told when a run appears, and made a reservation where a node
//! ahead is worth more than it may idle.

use crate::core::Core;
use crate::decision::Decision;
use crate::forecast::histogram::Histogram;
use crate::id::{RunId, SetId};
use crate::model::{CapacityType, NodesBy};
use crate::policy::greenroom::PROBABILITY_MIN;
use crate::time::Span;
use crate::view::ahead::Hint;
use alloc::vec::Vec;

/// Jobs that are expected within so long of each other wait together: one of them late is as bad for
/// whoever waits for the run as all of them.
const TOGETHER: Span = Span::from_secs(30);

/// Between these, a node is to be ready for a share of the jobs and no other: where waiting is dear
/// it is ready for nearly all, where it is cheap for few.
const EARLY_MIN: f64 = 0.01;
const EARLY_MAX: f64 = 0.9;

/// Nothing is launched for what is less likely, however dear waiting is: what was learned of a kind of
/// run may be wrong, and nodes that nobody uses take quota and capacity from others.
const PROBABILITY_AHEAD_MIN: f64 = 0.75;

/// Nobody waits for the last two of a hundred.
const LATE: f64 = 0.98;

/// What is added to that: news takes a while.
const LATE_MARGIN: Span = Span::from_secs(15);

/// What is expected of a run under one name.
struct Wish {
    label: u32,
    set: SetId,
    count: u32,
    probability: f64,
    lead: Histogram,
    median: Span,
}

/// What a node ahead may cost and save, in USD.
struct Worth {
    idle_usd: f64,
    waiting_usd: f64,
    hint: Hint,
}

impl Core {
    /// Says what is expected of the runs that began since the last plan.
    pub(super) fn expect_runs(&mut self) {
        while let Some(run) = self.state.runs.take_new() {
            let expected = self.state.runs.expected(run);
            let likely = expected.into_iter().filter(|e| e.probability >= PROBABILITY_MIN);
            let mut wishes: Vec<Wish> = likely
                .filter_map(|e| {
                    let (set, label, lead) = (e.follower.set, e.follower.label, &e.follower.lead);
                    let (median, lead) = (lead.quantile(0.5)?, lead.clone());
                    let (count, probability) = (e.count, e.probability);
                    Some(Wish { label, set, count, probability, lead, median })
                })
                .collect();
            wishes.sort_by_key(|wish| (wish.median, wish.label));
            let mut reserved = Vec::new();
            for together in wishes.chunk_by(|a, b| b.median.saturating_sub(a.median) <= TOGETHER) {
                let jobs: u32 = together.iter().map(|wish| wish.count).sum();
                for wish in together {
                    if self.expect(run, wish, jobs) {
                        reserved.push((wish.label, wish.count));
                    }
                }
            }
            self.state.runs.expect(run, reserved);
        }
    }

    /// Says what is expected, and makes a reservation if that is worth it.
    fn expect(&mut self, run: RunId, wish: &Wish, together: u32) -> bool {
        let &Wish { set, count, probability, median, .. } = wish;
        let worth = self.worth(wish, together);
        let node_at = worth.as_ref().and_then(|worth| {
            let is_sure = probability >= PROBABILITY_AHEAD_MIN;
            let pays = is_sure && worth.waiting_usd >= worth.idle_usd && worth.waiting_usd > 0.0;
            let known = self.state.view.set_mut(set)?;
            (pays && known.ahead.add(worth.hint)).then_some(worth.hint.reserve_at)
        });
        let (idle_usd, waiting_usd) = worth.map_or((0.0, 0.0), |w| (w.idle_usd, w.waiting_usd));
        let expected_at = self.state.now + median;
        self.explain(Decision::Expect {
            run,
            set,
            count,
            probability,
            expected_at,
            node_at,
            idle_usd,
            waiting_usd,
        });
        if node_at.is_some() {
            self.touch_set(set);
        }
        node_at.is_some()
    }

    /// What a node ahead may cost and save; none where nodes are not ours to launch.
    fn worth(&mut self, wish: &Wish, together: u32) -> Option<Worth> {
        let settings = self.state.settings.as_ref()?;
        let forecast = settings.forecast?;
        let now = self.state.now;
        let fleet = self.state.view.set(wish.set)?.spec.fleet;
        let hosted = self.state.view.pool(self.state.view.set(wish.set)?.spec.pool)?.spec.hosted;
        if settings.nodes_by != NodesBy::Core || hosted {
            return None;
        }
        let (request, boot) = (self.request_of(wish.set), self.boot(fleet));
        let shape = self.shape(fleet, request, wish.count, CapacityType::OnDemand)?;
        let places = shape.places.min(wish.count).max(1);
        let price_usd_per_s = shape.rate.as_usd_per_hour() / f64::from(places) / 3_600.0;
        let value = forecast.wait_value_micro_usd_per_hour as f64 / 1e6 / 3_600.0;
        let value_usd_per_s = value / f64::from(together.max(1));
        if value_usd_per_s <= 0.0 {
            return None;
        }
        // A moment sooner costs that moment of a node, and saves it to whoever would come before the
        // node is ready: at the best time these are equal (the newsvendor's fractile).
        let early = price_usd_per_s / (value_usd_per_s * wish.probability);
        let ready_after = wish.lead.quantile(early.clamp(EARLY_MIN, EARLY_MAX))?;
        let launch_after = ready_after.saturating_sub(boot);
        let ready_after = launch_after + boot;
        let forget_after = wish.lead.quantile(LATE)? + LATE_MARGIN;
        let (mut idle_s, mut saved_s, mut all) = (0.0, 0.0, 0.0);
        for (lead_s, weight) in wish.lead.steps() {
            idle_s += weight * (lead_s - ready_after.as_secs_f64()).max(0.0);
            saved_s +=
                weight * (lead_s - launch_after.as_secs_f64()).clamp(0.0, boot.as_secs_f64());
            all += weight;
        }
        let in_vain_s = forget_after.saturating_sub(launch_after).as_secs_f64();
        let comes = wish.probability;
        let idle_s = comes * idle_s / all + (1.0 - comes) * in_vain_s;
        let count = f64::from(wish.count);
        let hint = Hint {
            reserve_at: now + launch_after,
            forget_at: now + forget_after,
            expected_at: now + wish.median,
            count: wish.count,
        };
        Some(Worth {
            idle_usd: count * price_usd_per_s * idle_s,
            waiting_usd: count * value_usd_per_s * comes * saved_s / all,
            hint,
        })
    }
}

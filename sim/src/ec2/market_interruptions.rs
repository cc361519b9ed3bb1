//! Which of the market's spot nodes are taken back, and when.

use super::hazard::{Hazard, monthly_to_hourly};
use super::interruption::{Cause, Interruption};
use super::timeline::Timeline;
use super::{Market, Pool};
use crate::catalogue::InstanceType;
use crate::random::{Purpose, Stream, pair, triple};
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::{Span, Time};

/// Interruptions later than this after a launch are not looked for: Karpenter replaces nodes after
/// 720 h by default, and no CI node lives longer.
const NODE_AGE_MAX: Span = Span::from_secs(720 * 3600);

/// Shares of nodes that the advisor's buckets stand for: the middle of 0-5, 5-10, 10-15, 15-20 %,
/// and 25 % for "over 20".
const BUCKET_SHARES: [f64; 5] = [0.025, 0.075, 0.125, 0.175, 0.25];

impl Market {
    /// The spot hazard of an old node of this type, an hour, all causes but the zone's together.
    pub fn hazard_per_hour(&self, kind: &InstanceType) -> f64 {
        let bucket = kind.spot_interruption_bucket.unwrap_or(self.spot.unknown_bucket);
        let share = BUCKET_SHARES.get(usize::from(bucket)).copied().unwrap_or(0.0);
        let per_hour = self.spot.hazard_per_hour.unwrap_or_else(|| monthly_to_hourly(share));
        per_hour * self.spot.hazard_scale
    }

    /// The hazard that a node of this type runs alone, by its age.
    pub fn own_hazard(&self, kind: &InstanceType) -> Hazard {
        let alone = if self.spot.lost_share > 0.0 { 1.0 - self.spot.correlated_share } else { 1.0 };
        Hazard::new(self.hazard_per_hour(kind) * alone, self.spot.age_bands.clone())
    }

    /// How often a pool of this type is lost, an hour with capacity. Each loss takes `lost_share`
    /// of the nodes, so a node's hazard from them is this times that share.
    pub fn pool_losses_per_hour(&self, kind: &InstanceType) -> f64 {
        if self.spot.lost_share <= 0.0 {
            return 0.0;
        }
        let together = self.hazard_per_hour(kind) * self.spot.correlated_share;
        // The bound of every rate an hour, see `checked`.
        (together / self.spot.lost_share).min(60.0)
    }

    /// When EC2 takes back the `ordinal`th spot node of a pool, launched at `launched`; `None` when
    /// it does not within 30 days. The notice comes strictly after the launch.
    ///
    /// The earliest of three causes counts: the node's own hazard, which falls with its age; a loss
    /// of its pool, and a loss of its zone, each of which takes it with the loss's share. A loss is
    /// the same for every node and every policy, and so is the coin of the `ordinal`th node.
    pub fn interruption_of(
        &mut self,
        instance_type: TypeId,
        zone: ZoneId,
        ordinal: u64,
        launched: Time,
    ) -> Option<Interruption> {
        let pool = Pool { instance_type, zone, capacity: CapacityType::Spot };
        self.place(pool)?;
        let key = pair(self.key(instance_type, zone), ordinal);
        let mut stream = self.streams.stream(Purpose::Interruption, key);
        let kind = self.catalogue.get(instance_type)?;
        let recorded = self.place(pool).is_some_and(|place| {
            self.capacity[place].as_ref().is_some_and(|line| line.is_recorded())
        });
        // The draw is taken in any case, so that those after it stay the same. A recording is the whole
        // truth about its pool: there a node has no hazard of its own beside it.
        let gathered = stream.exponential();
        let own = if recorded { None } else { self.own_hazard(kind).age_at(gathered) };
        let mut until = launched + own.unwrap_or(NODE_AGE_MAX).min(NODE_AGE_MAX);
        let mut found =
            own.filter(|age| *age <= NODE_AGE_MAX).map(|age| (launched + age, Cause::Own));

        let streams = self.streams;
        let coin = |salt: u64, nth: u64, share: f64| {
            streams.stream(Purpose::CorrelatedLoss, triple(key, salt, nth)).chance(share)
        };
        if let Some(line) = self.timeline(pool)
            && let Some(at) = first_hit(line, launched, until, |nth, share| coin(0, nth, share))
        {
            (found, until) = (Some((at, Cause::Pool)), at);
        }
        if let Some(line) = self.zone_timeline(zone)
            && let Some(at) = first_hit(line, launched, until, |nth, share| coin(1, nth, share))
        {
            found = Some((at, Cause::Zone));
        }
        let (at, cause) = found?;
        let notice_at = at.max(launched + Span::from_ms(1));
        Some(self.announced(launched, notice_at, cause, &mut stream))
    }

    fn announced(
        &self,
        launched: Time,
        notice_at: Time,
        cause: Cause,
        stream: &mut Stream,
    ) -> Interruption {
        let late = stream.chance(self.spot.rebalance_late_share);
        let lead = self.spot.rebalance_lead.sample(stream);
        let rebalance_at = if late { notice_at } else { (notice_at - lead).max(launched) };
        let reclaim_at = notice_at + Span::from_secs(self.spot.notice_s);
        Interruption { rebalance_at, notice_at, reclaim_at, cause }
    }
}

/// The first loss in (after, until] whose coin takes the node.
fn first_hit(
    line: &mut Timeline,
    after: Time,
    until: Time,
    hit: impl Fn(u64, f64) -> bool,
) -> Option<Time> {
    let mut from = after;
    while let Some(loss) = line.loss_after(from, until) {
        if hit(loss.nth, loss.share) {
            return Some(loss.at);
        }
        from = loss.at;
    }
    None
}

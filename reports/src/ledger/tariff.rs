//! What EC2 charges for a node.

use greenroom_scheduler::event::NodeEnd;
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::time::Time;
use serde::{Deserialize, Serialize};

const MS_PER_SECOND: u64 = 1_000;
const SECONDS_PER_HOUR: u64 = 3_600;

/// The rules of a bill for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// Fewest seconds charged for a launch.
    pub seconds_min: u64,
    /// Whether a spot machine that EC2 takes back within its first hour is free.
    pub first_hour_free: bool,
}

impl Tariff {
    /// EC2's: by the second with a minimum of 60 s for Linux; a spot machine that EC2 interrupts
    /// in its first hour is not charged (Amazon EC2 User Guide, "Billing for interrupted Spot
    /// Instances").
    pub const EC2: Self = Self { seconds_min: 60, first_hour_free: true };

    /// The idealised one: by the second, nothing else.
    pub const BY_THE_SECOND: Self = Self { seconds_min: 0, first_hour_free: false };

    /// The tariff of a world by its name.
    pub fn of_world(world: &str) -> Self {
        if world == "one-slot" { Self::BY_THE_SECOND } else { Self::EC2 }
    }
}

/// A running count of one machine: its seconds, each at the price of its instance hour.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meter {
    launched: Time,
    spot: bool,
    rate: u64,
    /// Started seconds that are already in `sum`.
    seconds: u64,
    /// Seconds times micro-dollars an hour.
    sum: u64,
}

/// What a machine costs, and how long it was charged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) money: Money,
    /// Charged milliseconds; at least the machine's life unless it was free.
    pub(crate) charged_ms: u64,
}

impl Meter {
    pub(crate) fn start(at: Time, rate: Rate, capacity: CapacityType) -> Self {
        let spot = capacity == CapacityType::Spot;
        Self { launched: at, spot, rate: u64::from(rate.as_micros_per_hour()), seconds: 0, sum: 0 }
    }

    /// A price begins to hold.
    pub(crate) fn reprice(&mut self, at: Time, rate: Rate) {
        self.run_to(at, 0);
        self.rate = u64::from(rate.as_micros_per_hour());
    }

    /// The machine ends, or the run does (`end` is none): one rounding, half up, for all of it.
    pub(crate) fn stop(mut self, at: Time, end: Option<NodeEnd>, tariff: Tariff) -> Charge {
        let life_ms = at.since(self.launched).as_ms();
        let free = tariff.first_hour_free
            && self.spot
            && end == Some(NodeEnd::Reclaimed)
            && life_ms < SECONDS_PER_HOUR * MS_PER_SECOND;
        if free {
            return Charge { money: Money::ZERO, charged_ms: 0 };
        }
        self.run_to(at, tariff.seconds_min);
        let micros = self.sum.saturating_add(SECONDS_PER_HOUR / 2) / SECONDS_PER_HOUR;
        Charge {
            money: Money::from_micros(micros as i64),
            charged_ms: self.seconds.saturating_mul(MS_PER_SECOND),
        }
    }

    fn run_to(&mut self, at: Time, seconds_min: u64) {
        let started = at.since(self.launched).as_ms().div_ceil(MS_PER_SECOND).max(seconds_min);
        let more = started.saturating_sub(self.seconds);
        // 2^64 / 2^32 micro-dollars an hour is 136 years of the dearest machine.
        self.sum = self.sum.saturating_add(more.saturating_mul(self.rate));
        self.seconds = self.seconds.max(started);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: u64) -> Time {
        Time::from_ms(ms)
    }

    fn start(at: Time, rate: Rate) -> Meter {
        Meter::start(at, rate, CapacityType::Spot)
    }

    fn rate(usd: f64) -> Rate {
        Rate::from_usd_per_hour(usd)
    }

    #[test]
    fn a_started_second_is_charged_and_a_minute_is_the_least() {
        let charge = |ms: u64| start(at(500), rate(0.36)).stop(at(500 + ms), None, Tariff::EC2);
        assert_eq!(charge(1).money.as_micros(), 6_000);
        assert_eq!(charge(60_000).money.as_micros(), 6_000);
        assert_eq!(charge(60_001).money.as_micros(), 6_100);
        assert_eq!(charge(3_600_000).money.as_micros(), 360_000);
    }

    #[test]
    fn each_instance_hour_has_its_price_and_the_whole_is_rounded_once() {
        let mut meter = start(at(0), Rate::from_micros_per_hour(100_001));
        meter.reprice(at(3_600_000), Rate::from_micros_per_hour(200_001));
        let charge = meter.stop(at(3_600_000 + 1_800_000), None, Tariff::EC2);
        // 100,001 + 100,000.5, half up.
        assert_eq!(charge.money.as_micros(), 200_002);
    }

    #[test]
    fn reclaimed_within_the_first_hour_is_free_and_after_it_is_not() {
        let charge = |ms, end| start(at(0), rate(1.0)).stop(at(ms), Some(end), Tariff::EC2);
        assert_eq!(charge(3_599_999, NodeEnd::Reclaimed).money, Money::ZERO);
        assert_eq!(charge(3_600_000, NodeEnd::Reclaimed).money.as_micros(), 1_000_000);
        assert_eq!(charge(3_599_000, NodeEnd::Deleted).money.as_micros(), 999_722);
    }

    #[test]
    fn the_one_slot_world_has_no_minimum() {
        let tariff = Tariff::of_world("one-slot");
        let charge = start(at(0), rate(0.2)).stop(at(1), Some(NodeEnd::Reclaimed), tariff);
        assert_eq!(charge.money.as_micros(), 56);
    }
}

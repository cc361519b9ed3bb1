//! Prices of the market's pools.

use super::history::History;
use super::log_process::LogProcess;
use super::price::{PriceLine, Walk};
use super::spot_config::PriceModel;
use super::{Market, Pool};
use crate::catalogue::InstanceType;
use crate::random::Purpose;
use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::{Span, Time};

impl Market {
    /// Puts recorded prices in the place of the model, for the pools that they name. The file's
    /// second `start_s` is the run's beginning; by default its earliest record, or, where the run
    /// begins within the recorded time, the run's own beginning.
    pub fn record_prices(&mut self, history: &History, start_s: Option<u64>) {
        let Some(earliest) = history.earliest_s() else { return };
        let begin_s = self.origin.as_ms() / 1000;
        let start_s = start_s.unwrap_or_else(|| earliest.max(begin_s));
        for pool in history.pools() {
            let line = history.prices(pool, start_s, self.origin).map(PriceLine::Recorded);
            let place = self.spot_place(pool.0, pool.1);
            if let (Some(line), Some(place)) = (line, place) {
                self.prices[place] = Some(Box::new(line));
            }
        }
    }

    fn price_line(&mut self, instance_type: TypeId, zone: ZoneId) -> Option<&mut PriceLine> {
        let place = self.spot_place(instance_type, zone)?;
        if self.prices[place].is_none() {
            let kind = self.catalogue.get(instance_type)?;
            let level = self.usual_spot_price(kind);
            let hours = |h: f64| Span::from_secs_f64(h * 3600.0);
            let line = match self.spot.price {
                PriceModel::Constant => PriceLine::Constant(level),
                PriceModel::Process => PriceLine::Process(Walk::new(
                    self.streams.stream(Purpose::SpotPrice, self.key(instance_type, zone)),
                    self.origin,
                    LogProcess {
                        deviation: self.spot.price_log_deviation,
                        half_life: hours(self.spot.price_half_life_h),
                        step: hours(self.spot.price_step_h),
                    },
                    level,
                    kind.on_demand,
                )),
            };
            self.prices[place] = Some(Box::new(line));
        }
        self.prices[place].as_deref_mut()
    }

    /// On-demand less the saving, rounded half up to the micro-dollar.
    pub fn usual_spot_price(&self, kind: &InstanceType) -> Rate {
        let known = kind.spot_saving_percent.map(f64::from);
        let saving = self.spot.saving_percent.or(known).unwrap_or(self.spot.unknown_saving_percent);
        Rate::from_usd_per_hour(kind.on_demand.as_usd_per_hour() * (1.0 - saving / 100.0))
    }

    /// The price of a pool at `now`; zero for one that does not exist.
    pub fn price(&mut self, pool: Pool, now: Time) -> Rate {
        match pool.capacity {
            CapacityType::OnDemand => {
                self.catalogue.get(pool.instance_type).map_or(Rate::ZERO, |kind| kind.on_demand)
            }
            CapacityType::Spot => self
                .price_line(pool.instance_type, pool.zone)
                .map_or(Rate::ZERO, |line| line.at(now)),
        }
    }

    /// When the price of a pool may next be another; `None` when it stays.
    pub fn next_price_change(&mut self, pool: Pool, now: Time) -> Option<Time> {
        match pool.capacity {
            CapacityType::OnDemand => None,
            CapacityType::Spot => self.price_line(pool.instance_type, pool.zone)?.next_after(now),
        }
    }
}

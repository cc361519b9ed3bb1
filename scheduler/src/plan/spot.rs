//! Spot or on-demand, with the reason.

use crate::core::Core;
use crate::decision::CapacityChoice;
use crate::id::FleetId;
use crate::model::CapacityType;
use crate::money::Rate;
use crate::resources::Resources;
use crate::spec::PolicySpec;

impl Core {
    /// How the next node of a fleet is bought.
    pub(super) fn choose_capacity(
        &mut self,
        id: FleetId,
        request: Resources,
    ) -> (CapacityType, CapacityChoice) {
        let now = self.state.now;
        let dial = self.dial();
        let (Some(settings), Some(fleet)) =
            (self.state.settings.as_ref(), self.state.view.fleet_mut(id))
        else {
            return (CapacityType::OnDemand, CapacityChoice::Only(CapacityType::OnDemand));
        };
        if let [only] = fleet.spec.capacity[..] {
            return (only, CapacityChoice::Only(only));
        }
        let rule = settings.spot;
        let spot = &mut fleet.spot;
        if spot.strikes > 0 {
            spot.strikes -= 1;
            return (CapacityType::OnDemand, CapacityChoice::OneStrike);
        }
        if let PolicySpec::OneVmPerJob(breaker) = settings.policy
            && let Some(left) = fleet.breaker.open_for(breaker, now)
        {
            let (count, window) = (breaker.count, breaker.window);
            return (CapacityType::OnDemand, CapacityChoice::BreakerOpen { count, window, left });
        }
        if let Some(dial) = dial
            && let Some(by_job) = dial.spot
        {
            return self.choose_by_hazard(id, request, dial, by_job);
        }
        spot.count(now);
        let hazard_per_hour = spot.hazard_per_hour();
        if let Some(threshold_per_hour) = rule.hazard_per_hour_max {
            if hazard_per_hour > threshold_per_hour {
                let since = *spot.over_since.get_or_insert(now);
                let for_span = now.since(since);
                let why = CapacityChoice::HazardOverThreshold {
                    hazard_per_hour,
                    threshold_per_hour,
                    for_span,
                };
                return (CapacityType::OnDemand, why);
            }
            spot.over_since = None;
        }
        if spot.left_until.is_some_and(|until| now < until) {
            let waited = now.since(spot.refused_since.unwrap_or(now));
            let why = CapacityChoice::SpotDeadline { waited, deadline: rule.deadline };
            return (CapacityType::OnDemand, why);
        }
        if spot.left_until.take().is_some() {
            spot.refused_since = None;
        }
        let price = |core: &mut Self, capacity| {
            core.shape(id, request, 1, capacity).map_or(Rate::ZERO, |shape| shape.rate)
        };
        let spot = price(self, CapacityType::Spot);
        let on_demand = price(self, CapacityType::OnDemand);
        (CapacityType::Spot, CapacityChoice::SpotCheaper { spot, on_demand })
    }
}

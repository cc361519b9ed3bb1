//! Warm level: places that are there before anyone waits.

use crate::core::Core;
use crate::id::FleetId;
use crate::spec::PolicySpec;

impl Core {
    /// Launches nodes until the fleet has the places that the policy always wants, for each of
    /// its pools.
    pub(super) fn keep_warm(&mut self, id: FleetId, policy: PolicySpec) {
        let places = policy.warm_places();
        if places == 0 {
            return;
        }
        let pools = self.state.view.fleet(id).map_or(0, |fleet| fleet.pools.len() as u32);
        if pools > 0 {
            self.claim_until_enough(id, Some(places.saturating_mul(pools)));
        }
    }
}

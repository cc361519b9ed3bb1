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
        if self.state.view.fleet(id).is_some_and(|fleet| !fleet.pools.is_empty()) {
            self.claim_until_enough(id, Some(places));
        }
    }
}

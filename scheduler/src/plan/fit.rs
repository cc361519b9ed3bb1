//! Fit: whether any instance type of a pool is large enough for its runners.

use crate::core::Core;
use crate::decision::Decision;
use crate::id::{SetId, TypeId};
use crate::resources::Resources;
use crate::spec::{InstanceType, RunnerSet};

impl Core {
    /// Looks at these sets once more. Only a change of the configuration calls for it.
    pub(crate) fn measure_sets(&mut self, which: impl Fn(&RunnerSet) -> bool) {
        for place in 0..self.state.view.sets.len() {
            if self.state.view.sets[place].as_ref().is_some_and(|set| which(&set.spec)) {
                self.measure_set(SetId(place as u32));
            }
        }
    }

    /// Looks at one set.
    pub(crate) fn measure_set(&mut self, id: SetId) {
        let misfit = !self.fits_somewhere(id);
        let view = &mut self.state.view;
        let Some(set) = view.sets.get_mut(id.index()).and_then(Option::as_mut) else { return };
        let pool = view.pools.get(set.spec.pool.index()).and_then(Option::as_ref);
        set.request = pool.map_or(Resources::JOB_DEFAULT, |pool| pool.spec.request);
        if core::mem::replace(&mut set.misfit, misfit) != misfit {
            self.touch_set(id);
        }
    }

    /// The instance types that runners of a set may use.
    fn types_of(&self, id: SetId) -> impl Iterator<Item = (TypeId, &InstanceType)> {
        let view = &self.state.view;
        let fleet = view.set(id).and_then(|set| view.fleet(set.spec.fleet));
        let types = self.state.settings.as_ref().map_or(&[][..], |settings| &settings.types);
        let allowed = fleet.map_or(&[][..], |fleet| &fleet.spec.types);
        allowed.iter().filter_map(|id| Some((*id, types.get(id.index())?)))
    }

    fn fits_somewhere(&self, id: SetId) -> bool {
        let view = &self.state.view;
        let Some(set) = view.set(id) else { return true };
        // What is not configured yet will be measured when it is.
        let (Some(pool), Some(fleet)) = (view.pool(set.spec.pool), view.fleet(set.spec.fleet))
        else {
            return true;
        };
        let pods_limit = fleet.spec.pods_per_node_max.unwrap_or(u32::MAX);
        let holds = |of_type: &InstanceType| {
            of_type.pods_max.min(pods_limit) > 0 && pool.spec.request.fits(of_type.allocatable)
        };
        pool.spec.hosted
            || self.state.settings.is_none()
            || self.types_of(id).any(|(_, of_type)| holds(of_type))
    }

    /// Says with which numbers a set fits nowhere.
    pub(super) fn explain_misfit(&mut self, set: SetId) {
        let request = self.request_of(set);
        // Of the resource that is scarcest, the most.
        let size = |r: Resources| (r.gpu.min(request.gpu), r.cpu_milli, r.memory_mib);
        let types = self.types_of(set).map(|(id, of_type)| (id, of_type.allocatable));
        let largest = types.max_by_key(|(_, offers)| size(*offers));
        self.explain(Decision::Misfit { set, request, largest });
    }
}

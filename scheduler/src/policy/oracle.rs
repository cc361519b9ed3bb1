//! `oracle`: follows a timetable that somebody made who knows the whole trace.
//!
//! The core learns nothing of the future from it: a timetable says when how many places are to be
//! there, not what comes or how long it takes. It serves to execute a bound, so that it can be looked
//! at like any other run.

use crate::id::FleetId;
use crate::time::Time;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// From this time on so many places are to be there, booting ones included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Time,
    /// Places for runners of each pool of the fleet.
    pub places: u32,
}

/// The steps of one fleet, in order of time. Before the first there is no place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timetable {
    /// The steps.
    pub steps: Vec<Step>,
}

/// What is left of a fleet's timetable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Course {
    places: u32,
    to_come: VecDeque<Step>,
}

/// The timetables that are followed, as far as they lie ahead. As many steps as were told, no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timetables(BTreeMap<FleetId, Course>);

impl Timetables {
    /// A fleet has this timetable from now on.
    pub fn put(&mut self, fleet: FleetId, timetable: &Timetable) {
        let to_come = timetable.steps.iter().copied().collect();
        self.0.insert(fleet, Course { places: 0, to_come });
    }

    /// How many places a fleet is to have at `now`, and when that changes. Steps that lie behind are
    /// forgotten.
    pub fn places(&mut self, fleet: FleetId, now: Time) -> (u32, Option<Time>) {
        let Some(course) = self.0.get_mut(&fleet) else { return (0, None) };
        while let Some(step) = course.to_come.front().filter(|step| step.at <= now) {
            course.places = step.places;
            course.to_come.pop_front();
        }
        (course.places, course.to_come.front().map(|step| step.at))
    }
}

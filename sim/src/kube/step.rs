//! One instant of Kubernetes' life, as the driver hands it in.

use super::output::Output;
use super::timer::Timer;
use crate::engine::timers::Timers;
use greenroom_scheduler::time::Time;

/// The time, where timers go, and where news goes.
#[derive(Debug)]
pub struct Step<'a, T> {
    /// The instant.
    pub now: Time,
    /// Where timers go.
    pub timers: &'a mut T,
    /// Where news goes; the driver empties and reuses it.
    pub out: &'a mut Vec<Output>,
}

impl<T: Timers<Timer>> Step<'_, T> {
    /// Microseconds of this instant: kube-scheduler's attempts are finer than the clock.
    pub(super) const fn now_us(&self) -> u64 {
        self.now.as_ms().saturating_mul(1000)
    }
}

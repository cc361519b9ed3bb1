//! Arrivals of one instance of GitHub, dealt out to two.

use greenroom_scheduler::time::Time;
use greenroom_sim::engine::simulation::Arrivals;
use greenroom_traces::arrival::{Arrival, Forge, Name};

/// Every second job belongs to the Enterprise instance.
#[derive(Debug)]
pub(crate) struct TwoInstances<A>(pub(crate) A);

impl<A: Arrivals> Arrivals for TwoInstances<A> {
    type Error = A::Error;

    fn peek(&mut self) -> Result<Option<Time>, A::Error> {
        self.0.peek()
    }

    fn take(&mut self) -> Arrival {
        let job = self.0.take();
        let forge = if job.row.is_multiple_of(2) { Forge::Cloud } else { Forge::Enterprise };
        Arrival { forge, ..job }
    }

    fn needs(&self) -> &[u32] {
        self.0.needs()
    }

    fn text(&self, name: Name) -> &str {
        self.0.text(name)
    }
}

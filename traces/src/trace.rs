//! A trace, opened: held in memory when small, streamed otherwise.

use crate::arrival::Arrival;
use crate::error::TraceError;
use crate::held::Draft;
use crate::loader::Loader;
use crate::names::Names;
use crate::options::ReadOptions;
use crate::provenance::Provenance;
use crate::source::Source;
use crate::window::Window;
use std::sync::Arc;

pub use crate::held::Held;

/// Arrivals in the order in which the simulator needs them.
pub struct Trace {
    inner: Inner,
}

enum Inner {
    Held { held: Arc<Held>, next: usize },
    Streamed(Box<Window>),
}

impl Trace {
    /// Opens the files of one trace. Reads the whole of it if it fits into
    /// [`ReadOptions::held_bytes_max`], else only the beginning.
    pub fn open(sources: &[Source], options: &ReadOptions) -> Result<Self, TraceError> {
        let mut loader = Loader::open(sources, options)?;
        let mut draft = Draft::default();
        let range = (options.from, options.to);
        while draft.arrivals.len() < options.held_rows_max() {
            let Some(arrival) = loader.read()? else {
                draft.take_places(&mut loader);
                loader.finish()?;
                let held =
                    draft.finish(&loader.compactor.names, loader.merged.provenance, range)?;
                return Ok(Self::from(Arc::new(held)));
            };
            draft.push(arrival, &mut loader);
        }
        Ok(Self { inner: Inner::Streamed(Box::new(Window::new(loader, draft, range)?)) })
    }

    /// The rows of an arrival's predecessors, all smaller than its own. Of a streamed trace only
    /// for the arrival that was given last.
    pub fn predecessors(&self, arrival: &Arrival) -> &[u32] {
        match &self.inner {
            Inner::Held { held, .. } => held.predecessors(arrival),
            Inner::Streamed(window) => window.predecessors(arrival),
        }
    }

    /// The texts behind the numbers: of a streamed trace those of the arrivals given so far and
    /// perhaps more.
    pub fn names(&self) -> &Names {
        match &self.inner {
            Inner::Held { held, .. } => &held.names,
            Inner::Streamed(window) => window.names(),
        }
    }

    /// What it was made from; of a streamed trace whole only behind the last arrival.
    pub fn provenance(&self) -> &Provenance {
        match &self.inner {
            Inner::Held { held, .. } => &held.provenance,
            Inner::Streamed(window) => window.provenance(),
        }
    }

    /// The whole trace for other threads, if it is held.
    pub fn shared(&self) -> Option<Arc<Held>> {
        match &self.inner {
            Inner::Held { held, .. } => Some(Arc::clone(held)),
            Inner::Streamed(_) => None,
        }
    }
}

/// A held trace from its beginning.
impl From<Arc<Held>> for Trace {
    fn from(held: Arc<Held>) -> Self {
        Self { inner: Inner::Held { held, next: 0 } }
    }
}

/// In order of `(enter, row)`.
impl Iterator for Trace {
    type Item = Result<Arrival, TraceError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.inner {
            Inner::Held { held, next } => {
                let arrival = held.arrivals.get(*next).copied()?;
                *next += 1;
                Some(Ok(arrival))
            }
            Inner::Streamed(window) => window.next().transpose(),
        }
    }
}

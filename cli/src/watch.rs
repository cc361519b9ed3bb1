//! Who watches a run: Ctrl-C, and a person who wants to know how far it is.

use crate::failure::{Exit, Failure};
use greenroom_scheduler::time::Time;
use greenroom_sim::engine::simulation::Arrivals;
use greenroom_sim::feed::Feed;
use greenroom_traces::{Arrival, Name, TraceError};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Jobs between two looks at the clock of the progress bar.
const TICK_JOBS: u32 = 4_096;

/// Set by Ctrl-C, once for the whole program.
static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The flag that Ctrl-C sets. The second Ctrl-C ends the program at once.
pub(crate) fn stop_flag() -> Arc<AtomicBool> {
    let flag = STOP.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let set = Arc::clone(&flag);
        // Without a handler Ctrl-C still ends the program; only temporary files may stay.
        let _ = ctrlc::set_handler(move || {
            if set.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        });
        flag
    });
    Arc::clone(flag)
}

/// Why a run stopped before its end.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The trace cannot be read on.
    Trace(TraceError),
    /// Ctrl-C.
    Interrupted,
}

/// So many threads; all cores if not said.
pub(crate) fn threads(number: Option<usize>) -> Result<rayon::ThreadPool, Failure> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(number) = number {
        pool = pool.num_threads(number);
    }
    pool.build().map_err(|error| Failure::told(Exit::Usage, error))
}

/// How the program ends for it.
pub(crate) fn failed(stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Trace(error) => Failure::told(Exit::Input, error),
        Stopped::Interrupted => {
            Failure::told(Exit::Interrupted, "interrupted; nothing was written")
        }
    }
}

/// A bar on standard error, shown on a terminal only.
pub(crate) fn bar(jobs: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(jobs, ProgressDrawTarget::stderr());
    let template = match jobs {
        Some(_) => "{bar:32} {human_pos}/{human_len} jobs  {per_sec}  {eta} left",
        None => "{spinner} {human_pos} jobs  {per_sec}  {elapsed}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// A bar for runs of which there may be so many at most, on standard error.
pub(crate) fn runs_bar(most: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(most), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos} runs, {len} at most  {elapsed}")
    {
        bar.set_style(style);
    }
    bar
}

/// A feed that somebody watches.
pub(crate) struct Watched {
    pub(crate) feed: Feed,
    stop: Arc<AtomicBool>,
    bar: ProgressBar,
    untold: u32,
    /// How many jobs still come at most.
    left: u64,
}

impl Watched {
    pub(crate) fn new(feed: Feed, bar: ProgressBar) -> Self {
        Self { feed, stop: stop_flag(), bar, untold: 0, left: u64::MAX }
    }
}

impl Watched {
    /// Nobody comes after so many jobs more.
    pub(crate) const fn end_after(&mut self, jobs: u64) {
        self.left = jobs;
    }
}

impl Arrivals for Watched {
    type Error = Stopped;

    #[inline]
    fn peek(&mut self) -> Result<Option<Time>, Stopped> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Stopped::Interrupted);
        }
        if self.left == 0 {
            return Ok(None);
        }
        self.feed.peek().map_err(Stopped::Trace)
    }

    #[inline]
    fn take(&mut self) -> Arrival {
        self.left -= 1;
        self.untold += 1;
        if self.untold == TICK_JOBS {
            self.bar.inc(u64::from(self.untold));
            self.untold = 0;
        }
        self.feed.take()
    }

    fn needs(&self) -> &[u32] {
        self.feed.needs()
    }

    fn text(&self, name: Name) -> &str {
        self.feed.text(name)
    }
}

//! Whole runs: what the benchmarks and the example `growth` measure. Everything that a user's run
//! does is in them: reading, the world, the core, the laws and the summary.

pub(crate) mod bare;
pub(crate) mod two_instances;

use greenroom_reports::summary::{Fold, Options, Run, Summary};
use greenroom_sim::check::Laws;
use greenroom_sim::config::{self, Config, Layer};
use greenroom_sim::engine::simulation::Arrivals;
use greenroom_sim::feed::Feed;
use greenroom_sim::run::{Plan, run};
use greenroom_sim::setup;
use greenroom_traces::generate::{Generator, Spec};
use greenroom_traces::{ReadOptions, Source, Trace, TraceError};
use std::path::{Path, PathBuf};

/// The trace that speed is measured on, below the folder of the real data.
const TRACE: &str = "traces/firefox-ci/gecko-t-t-linux-large.csv.gz";

/// Where jobs come from.
#[derive(Clone, Debug)]
pub(crate) enum Jobs {
    /// A file.
    Recorded(PathBuf),
    /// The generator's default preset: so many jobs at so many times its rate.
    Generated {
        /// How many.
        count: u32,
        /// 1 for the preset's own.
        rate_scale: f64,
    },
}

impl Jobs {
    /// The real trace where it is at hand, else generated jobs, said loudly.
    #[allow(clippy::print_stderr)]
    pub(crate) fn real() -> Self {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
        let folder = std::env::var_os("GREENROOM_DATA").map_or(beside, PathBuf::from);
        let path = folder.join(TRACE);
        if path.exists() {
            return Self::Recorded(path);
        }
        eprintln!(
            "{} is missing (GREENROOM_DATA names the folder): GENERATED JOBS ARE MEASURED",
            path.display()
        );
        Self::Generated { count: 100_000, rate_scale: 1.0 }
    }

    /// From their beginning, one instance of GitHub.
    pub(crate) fn feed(&self) -> Feed {
        match self {
            Self::Recorded(path) => {
                let sources = [Source::new(path)];
                let trace = Trace::open(&sources, &ReadOptions::default());
                Feed::of_trace(trace.expect("the real trace is sound"), 1.0)
            }
            &Self::Generated { count, rate_scale } => {
                let preset = Spec::named("default", 1).expect("there is a default preset");
                let spec = Spec { jobs: count, rate_scale, ..preset };
                Feed::of_generator(Generator::new(spec).expect("the preset is sound"))
            }
        }
    }
}

/// A scene: what a run is configured with.
#[derive(Debug)]
pub(crate) struct Scene {
    config: Config,
    plan: Plan,
}

impl Scene {
    /// From files and settings (`key=value`), the later over the earlier.
    pub(crate) fn new(files: &[&Path], settings: &[&str]) -> Self {
        let files = files.iter().map(|path| Layer::read(path).expect("the file is there"));
        let layers: Vec<Layer> = files.chain(settings.iter().map(|set| Layer::set(set))).collect();
        let config = config::load(&layers).expect("the configuration makes sense");
        let seed = setup::Seed { seed: 1, replication: 0 };
        let plan = setup::plan(&config, seed, None, None).expect("the catalogue has all of it");
        Self { config, plan }
    }

    /// From settings alone, with randomness of its own.
    pub(crate) fn seeded(settings: &[&str], seed: u64) -> Self {
        let Self { config, .. } = Self::new(&[], settings);
        let seed = setup::Seed { seed, replication: 0 };
        let plan = setup::plan(&config, seed, None, None).expect("the catalogue has all of it");
        Self { config, plan }
    }

    /// The idealised world.
    pub(crate) fn one_slot() -> Self {
        Self::new(&[], &["world=\"one-slot\"", "policy.name=\"reactive\""])
    }

    /// The whole world with everything on (`full.toml`), changed by settings.
    pub(crate) fn full(settings: &[&str]) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/full.toml");
        Self::new(&[&file], settings)
    }

    /// What runs are made from.
    pub(crate) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The same, to be told more.
    pub(crate) const fn plan_mut(&mut self) -> &mut Plan {
        &mut self.plan
    }

    /// One run, held to all laws and summed up.
    pub(crate) fn play(&self, arrivals: impl Arrivals<Error = TraceError>) -> Summary {
        let about = Run { world: self.config.world.name().to_owned(), ..Run::default() };
        let mut fold = Fold::new(about, Options::default());
        let mut laws = Laws::default();
        run(&self.plan, arrivals, (&mut laws, &mut fold)).expect("the jobs can be read");
        assert_eq!(laws.breaches(), (&[][..], 0));
        fold.summary()
    }
}

//! What commands read: the options that several of them share.

use crate::failure::{Exit, Failure, OrExit};
use clap::builder::PossibleValuesParser;
use greenroom_scheduler::config::PolicyName;
use greenroom_sim::config::{Config, ConfigErrors, Layer, load, place_of};
use greenroom_sim::feed::Feed;
use greenroom_sim::setup::SetupError;
use greenroom_traces::generate::{Generator, Spec};
use greenroom_traces::{Format, Held, Limit, ReadOptions, Source, Trace};
use std::path::PathBuf;
use std::sync::Arc;

/// The preset that runs when nothing else is asked for.
const PRESET: &str = "default";

/// Takes the name of any policy that there is.
pub(crate) fn policies() -> PossibleValuesParser {
    PossibleValuesParser::new(PolicyName::ALL.map(PolicyName::name))
}

/// Configuration: files, and single keys over them.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ConfigArgs {
    /// Configuration file (TOML); may stand several times, the later over the earlier
    #[arg(long = "config", value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// Set one key over all files, such as `pool.linux.max=40`; the value is TOML, a bare word is a
    /// string
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

impl ConfigArgs {
    /// The layers in order: files, then `--set`.
    pub(crate) fn layers(&self) -> Result<Vec<Layer>, Failure> {
        let mut layers = Vec::new();
        let mut errors = Vec::new();
        for file in &self.config {
            match Layer::read(file) {
                Ok(layer) => layers.push(layer),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(Failure::told(Exit::Input, ConfigErrors(errors)));
        }
        layers.extend(self.set.iter().map(|assignment| Layer::set(assignment)));
        Ok(layers)
    }

    /// Each file as a configuration of its own, with `--set` over it, and the name that the file
    /// gives it.
    pub(crate) fn each(&self) -> Result<Vec<(String, Vec<Layer>)>, Failure> {
        self.config
            .iter()
            .map(|file| {
                let alone = Self { config: vec![file.clone()], set: self.set.clone() };
                let name = file.file_stem().unwrap_or(file.as_os_str());
                Ok((name.to_string_lossy().into_owned(), alone.layers()?))
            })
            .collect()
    }

    /// The configuration that makes sense, or every fault of it.
    pub(crate) fn load(&self) -> Result<Config, Failure> {
        configuration(&self.layers()?)
    }
}

/// The configuration that layers make together, or every fault of them.
pub(crate) fn configuration(layers: &[Layer]) -> Result<Config, Failure> {
    load(layers).map_err(|errors| Failure::told(Exit::Input, errors))
}

/// Why layers that are well formed cannot be run, with the place of the key.
pub(crate) fn refused(layers: &[Layer], error: &SetupError) -> Failure {
    let place = match error {
        SetupError::Value { key, .. } => place_of(layers, key),
        SetupError::Read(_) => None,
    };
    let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
    Failure::told(Exit::Input, format!("{place}{error}"))
}

/// Files of job history, and how to read them.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct TraceArgs {
    /// Format of all files; recognised by content if not given
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<String>,
    /// TOML file that says what the columns of a CSV file are
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// CSV file with the runner class and the `needs` of each job name
    #[arg(long, value_name = "FILE")]
    pub(crate) classes: Option<PathBuf>,
    /// Count and list rows that cannot be read instead of stopping at the first
    #[arg(long)]
    pub(crate) skip_bad_rows: bool,
}

impl TraceArgs {
    /// As the reader wants them.
    pub(crate) fn options(&self) -> Result<ReadOptions, Failure> {
        let format = match &self.format {
            None => None,
            Some(name) => Some(Format::from_name(name).ok_or_else(|| {
                let formats = Format::list();
                Failure::told(
                    Exit::Usage,
                    format!("--format: found {name:?}, expected one of {formats}"),
                )
            })?),
        };
        Ok(ReadOptions {
            format,
            map: self.map.clone(),
            classes: self.classes.clone(),
            skip_bad_rows: self.skip_bad_rows,
            ..ReadOptions::default()
        })
    }
}

/// What is simulated.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct InputArgs {
    /// File of job history; may stand several times
    #[arg(long = "trace", value_name = "FILE", conflicts_with_all = ["preset", "jobs"])]
    pub(crate) trace: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: TraceArgs,
    /// Generated jobs instead of a file: `default` and others, see `greenroom traces generate`
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,
    /// How many jobs to generate; more of them make a longer span at the same rate
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<u32>,
    /// The world: `eks`, or the idealised `one-slot`
    #[arg(long, value_name = "NAME", value_parser = ["eks", "one-slot"])]
    pub(crate) world: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    pub(crate) seed: u64,
    /// Only jobs from this time on: a date, a time, milliseconds, or `3d` after the start
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<String>,
    /// Only jobs before this time
    #[arg(long, value_name = "T")]
    pub(crate) to: Option<String>,
}

/// A trace that was opened or a generator, ready to give feeds.
pub(crate) enum Opened {
    /// Held in memory, and shared by all replications.
    Held(Arc<Held>),
    /// Too large to hold: read anew for each replication. The first reader is open already.
    Streamed(Option<Box<Trace>>),
    /// Made up.
    Generated(Box<Spec>),
}

/// How an input is opened again, for other threads.
#[derive(Clone)]
pub(crate) enum Again {
    /// What is held is shared.
    Held(Arc<Held>),
    /// The files are read again.
    Streamed,
    /// The generator starts again.
    Generated(Box<Spec>),
}

impl Opened {
    /// How it is opened again.
    pub(crate) fn again(&self) -> Again {
        match self {
            Self::Held(held) => Again::Held(Arc::clone(held)),
            Self::Streamed(_) => Again::Streamed,
            Self::Generated(spec) => Again::Generated(spec.clone()),
        }
    }
}

impl Again {
    /// From the beginning.
    pub(crate) fn opened(&self) -> Opened {
        match self {
            Self::Held(held) => Opened::Held(Arc::clone(held)),
            Self::Streamed => Opened::Streamed(None),
            Self::Generated(spec) => Opened::Generated(spec.clone()),
        }
    }
}

/// An end of the time that is read.
pub(crate) fn limit(option: &'static str, text: Option<&str>) -> Result<Option<Limit>, Failure> {
    text.map(|text| Limit::parse(option, text)).transpose().or_exit(Exit::Usage)
}

impl InputArgs {
    /// The layers of the configuration, with `--world` and `--policy` over them.
    pub(crate) fn layers(&self, policy: Option<&str>) -> Result<Vec<Layer>, Failure> {
        Ok(self.over(self.config.layers()?, policy))
    }

    /// The same over other layers than those of `--config` and `--set`.
    pub(crate) fn over(&self, mut layers: Vec<Layer>, policy: Option<&str>) -> Vec<Layer> {
        let quoted = |key: &str, value: &str| Layer::set(&format!("{key}={value:?}"));
        layers.extend(self.world.as_deref().map(|world| quoted("world", world)));
        layers.extend(policy.map(|policy| quoted("policy.name", policy)));
        layers
    }

    /// What was run, for people: file names or the preset.
    pub(crate) fn name(&self) -> String {
        if self.trace.is_empty() {
            return format!("preset {}", self.preset.as_deref().unwrap_or(PRESET));
        }
        let names = self.trace.iter().map(|path| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            name.to_string_lossy().into_owned()
        });
        names.collect::<Vec<_>>().join(", ")
    }

    /// How the files are read.
    pub(crate) fn options(&self, config: &Config) -> Result<ReadOptions, Failure> {
        let from = self
            .from
            .as_deref()
            .or_else(|| config.run.from.as_ref().map(greenroom_sim::config::Moment::text));
        Ok(ReadOptions {
            from: limit("--from", from)?,
            to: limit("--to", self.to.as_deref())?,
            ..self.reading.options()?
        })
    }

    /// Opens the trace, or sets up the generator.
    pub(crate) fn open(&self, config: &Config) -> Result<Opened, Failure> {
        if self.trace.is_empty() {
            return self.generator(config).map(|spec| Opened::Generated(Box::new(spec)));
        }
        let trace = self.read(config)?;
        Ok(match trace.shared() {
            Some(held) => Opened::Held(held),
            None => Opened::Streamed(Some(Box::new(trace))),
        })
    }

    /// Reads the files from their beginning.
    pub(crate) fn read(&self, config: &Config) -> Result<Trace, Failure> {
        let sources: Vec<Source> = self.trace.iter().map(Source::new).collect();
        Trace::open(&sources, &self.options(config)?).or_exit(Exit::Input)
    }

    /// A feed from the beginning.
    pub(crate) fn feed(&self, opened: &mut Opened, config: &Config) -> Result<Feed, Failure> {
        let rate_scale = config.run.rate_scale;
        Ok(match opened {
            Opened::Held(held) => Feed::of_trace(Trace::from(Arc::clone(held)), rate_scale),
            Opened::Streamed(first) => {
                let trace = match first.take() {
                    Some(trace) => *trace,
                    None => self.read(config)?,
                };
                Feed::of_trace(trace, rate_scale)
            }
            Opened::Generated(spec) => {
                Feed::of_generator(Generator::new((**spec).clone()).or_exit(Exit::Input)?)
            }
        })
    }

    fn generator(&self, config: &Config) -> Result<Spec, Failure> {
        for (given, option) in [
            (self.reading.format.is_some(), "--format"),
            (self.reading.map.is_some(), "--map"),
            (self.reading.classes.is_some(), "--classes"),
            (self.from.is_some(), "--from"),
            (self.to.is_some(), "--to"),
        ] {
            if given {
                let message = format!("{option} needs --trace FILE: generated jobs have no file");
                return Err(Failure::told(Exit::Usage, message));
            }
        }
        let name = self.preset.as_deref().unwrap_or(PRESET);
        let mut spec = Spec::named(name, self.seed).or_exit(Exit::Usage)?;
        if let Some(jobs) = self.jobs {
            spec.jobs = jobs;
        }
        spec.rate_scale = config.run.rate_scale;
        Ok(spec)
    }
}

//! The formats that a trace may come in.

use std::fmt;

/// Which reader a file gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Our own: CSV with the columns of [`crate::schema`], any subset of them.
    Greenroom,
    /// `created_ms,duration_ms` since the start of the capture, one file a worker pool.
    FirefoxCi,
    /// Jobs with run times in epoch seconds, classes and `needs` in a second file.
    BitcoinCore,
    /// `workflow,job,conclusion,started_s,completed_s`: no queue times.
    Linkerd,
    /// Pages of GitHub's REST API: runs and jobs.
    GithubRest,
    /// Logs of `workflow_job` deliveries.
    GithubWebhooks,
    /// Any other CSV, described by a map file.
    Csv,
}

impl Format {
    /// All of them, in the order in which messages list them.
    pub const ALL: [Self; 7] = [
        Self::Greenroom,
        Self::FirefoxCi,
        Self::BitcoinCore,
        Self::Linkerd,
        Self::GithubRest,
        Self::GithubWebhooks,
        Self::Csv,
    ];

    /// The name that users type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Greenroom => "greenroom",
            Self::FirefoxCi => "firefox-ci",
            Self::BitcoinCore => "bitcoin-core",
            Self::Linkerd => "linkerd",
            Self::GithubRest => "github-rest",
            Self::GithubWebhooks => "github-webhooks",
            Self::Csv => "csv",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// All names, for messages.
    pub fn list() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

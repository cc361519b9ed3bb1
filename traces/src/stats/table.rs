//! The figures as text for people.

use super::figures::{Figures, Quantiles, Statistics};
use greenroom_scheduler::time::Span;
use std::fmt::{self, Write as _};

const HEADERS: [&str; 14] = [
    "class",
    "jobs",
    "span",
    "at once",
    "peak",
    "z",
    "IDC 1m",
    "10m",
    "1h",
    "p50",
    "p90",
    "p99",
    "mu, sigma",
    "known ahead",
];

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![HEADERS.map(str::to_owned)];
        rows.extend(self.by_class.iter().map(|class| cells(&class.name, &class.figures)));
        if self.by_class.len() != 1 {
            rows.push(cells("all", &self.all));
        }
        let widths: [usize; HEADERS.len()] = std::array::from_fn(|column| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
        });
        for row in &rows {
            let mut line = format!("{:<1$}", row[0], widths[0]);
            for (cell, width) in row.iter().zip(widths).skip(1) {
                write!(line, "  {cell:>width$}")?;
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        writeln!(
            f,
            "\nat once, peak: running jobs if each started when it was ready. z: variance of that \
             number\ndivided by its mean, 1 for Poisson arrivals. IDC: the same for the jobs that \
             become ready in a\nminute, ten minutes, an hour. mu, sigma: of the natural logarithm \
             of the duration in seconds.\nknown ahead: jobs that need another one or come by \
             timetable."
        )?;
        match self.quantiles {
            Quantiles::Exact => Ok(()),
            Quantiles::Hdr3 => writeln!(f, "Quantiles have three significant digits."),
        }
    }
}

fn cells(name: &str, figures: &Figures) -> [String; HEADERS.len()] {
    let number = |value: Option<f64>| match value {
        None => "-".to_owned(),
        Some(value) if value < 10.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.0}"),
    };
    let length = |secs: Option<f64>| {
        secs.map_or_else(|| "-".to_owned(), |secs| Span::from_secs_f64(secs).to_string())
    };
    let Figures { jobs, span_s, concurrency, peakedness_z, idc, duration_s, known_ahead_share } =
        figures;
    let fit = match (duration_s.lognormal_mu, duration_s.lognormal_sigma) {
        (Some(mu), Some(sigma)) => format!("{mu:.2}, {sigma:.2}"),
        _ => "-".to_owned(),
    };
    [
        if name.is_empty() { "(none)".to_owned() } else { name.to_owned() },
        jobs.to_string(),
        format!("{:.1}d", span_s / 86_400.0),
        number(concurrency.mean),
        concurrency.peak.to_string(),
        number(*peakedness_z),
        number(idc.one_minute),
        number(idc.ten_minutes),
        number(idc.one_hour),
        length(duration_s.p50),
        length(duration_s.p90),
        length(duration_s.p99),
        fit,
        known_ahead_share.map_or_else(|| "-".to_owned(), |share| format!("{:.0}%", share * 100.0)),
    ]
}

//! Which format a file has, by its content alone.

use crate::error::{Place, TraceError, shown};
use crate::format::Format;
use crate::options::ReadOptions;
use crate::source::Input;

/// The format asked for, or the one that the beginning of the file shows.
pub(crate) fn format(input: &Input, options: &ReadOptions) -> Result<Format, TraceError> {
    let head = &input.head[..];
    let unknown =
        |found: String| TraceError::UnknownFormat { place: Place::whole(&input.file), found };
    if head.starts_with(b"PAR1") {
        return match options.format {
            _ if cfg!(not(feature = "parquet")) => {
                Err(unknown("Parquet, which this build cannot read (feature `parquet`)".to_owned()))
            }
            None | Some(Format::Greenroom) => Ok(Format::Greenroom),
            Some(other) => Err(TraceError::Option {
                option: "--format",
                found: other.to_string(),
                expected: "greenroom, as the file is Parquet".to_owned(),
            }),
        };
    }
    if let Some(format) = options.format {
        return Ok(format);
    }
    // JSON text sequences (RFC 7464) begin with a record separator.
    let start = head.trim_ascii_start();
    match start.strip_prefix(b"\x1e").unwrap_or(start) {
        [b'{' | b'[', ..] => return Ok(json(head)),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            return Err(unknown("text in UTF-16, which no format uses".to_owned()));
        }
        _ => {}
    }
    if options.map.is_some() {
        return Ok(Format::Csv);
    }
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let names: Vec<&[u8]> = line
        .split(|&byte| byte == b',')
        .map(<[u8]>::trim_ascii)
        .map(|name| {
            name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name)
        })
        .collect();
    let has = |wanted: &[&str]| wanted.iter().all(|name| names.contains(&name.as_bytes()));
    if has(&["run_created_s", "job_started_s", "job_completed_s"]) {
        return Ok(Format::BitcoinCore);
    }
    if has(&["created_ms", "duration_ms"]) && !has(&["ready_ms"]) && !has(&["queued_ms"]) {
        return Ok(Format::FirefoxCi);
    }
    if has(&["started_s", "completed_s"]) {
        return Ok(Format::Linkerd);
    }
    if names.iter().any(|name| {
        std::str::from_utf8(name).is_ok_and(|name| crate::schema::column(name).is_some())
    }) {
        return Ok(Format::Greenroom);
    }
    Err(unknown(format!("a file that begins with {}", shown(line.trim_ascii_end()))))
}

/// Webhook bodies hold the job under `workflow_job` beside an `action`; wrappers hold the body.
fn json(head: &[u8]) -> Format {
    let marks = [&b"\"workflow_job\""[..], b"\\\"workflow_job\\\"", b"\"action\"", b"\"payload\""];
    let is_webhook = marks.iter().any(|mark| {
        memchr::memmem::find_iter(head, mark).any(|at| {
            let behind = head[at + mark.len()..].trim_ascii_start();
            behind.first() == Some(&b':')
        })
    });
    if is_webhook { Format::GithubWebhooks } else { Format::GithubRest }
}

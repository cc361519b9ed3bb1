//! Taskcluster captures: `created_ms,duration_ms` since the start of the capture.
//!
//! Lines are cut and numbers read here and not by the `csv` crate: it would take half of the time
//! that the whole simulated job may cost, for two numbers without quotes.

use crate::error::{Place, TraceError, shown};
use crate::provenance::Provenance;
use crate::schema::{Row, TIME_MS_MAX};
use crate::source::{Budget, Content, Input, ROW_BYTES_MAX, ROW_TOO_LARGE, unreadable};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Large enough that a system call is rare, small enough for the cache.
const BUFFER_BYTES: usize = 64 << 10;

pub(crate) struct FirefoxCi {
    file: Arc<Path>,
    number: u32,
    class: String,
    lines: Lines,
    columns: Columns,
}

/// Where the two numbers stand.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Columns {
    created: usize,
    duration: usize,
    /// How many columns there are.
    width: usize,
}

impl FirefoxCi {
    pub(crate) fn open(
        input: Input,
        number: u32,
        class: String,
        provenance: &mut Provenance,
    ) -> Result<Self, TraceError> {
        let file = Arc::clone(&input.file);
        let mut lines = Lines::new(input);
        let (_, header) = lines.next()?.unwrap_or_default();
        let names: Vec<&[u8]> = header.split(|&byte| byte == b',').map(unquoted).collect();
        let find = |name: &str| {
            names.iter().position(|&column| column == name.as_bytes()).ok_or_else(|| {
                TraceError::MissingColumn {
                    place: Place { file: Arc::clone(&file), line: 1 },
                    found: String::from_utf8_lossy(header).into_owned(),
                    expected: "created_ms,duration_ms".to_owned(),
                }
            })
        };
        let (created, duration) = (find("created_ms")?, find("duration_ms")?);
        let width = names.len();
        for (column, name) in names.iter().enumerate() {
            if column != created && column != duration {
                let name = String::from_utf8_lossy(name).into_owned();
                *provenance.unknown_columns.entry(name).or_default() += 1;
            }
        }
        let columns = Columns { created, duration, width };
        Ok(Self { file, number, class, lines, columns })
    }

    pub(crate) fn read(&mut self, row: &mut Row) -> Result<bool, TraceError> {
        let Self { file, number: file_number, class, lines, columns } = self;
        let (number, line) = loop {
            match lines.next()? {
                None => return Ok(false),
                Some((_, [])) => {}
                Some(line) => break line,
            }
        };
        let place = || Place { file: Arc::clone(file), line: number };
        let (ready_ms, duration_ms) = columns.numbers(line, place)?;
        // The row may come from elsewhere; between two rows of this file only the numbers change.
        if row.file != *file_number || row.runner_class != *class {
            row.clear();
            row.runner_class.push_str(class);
        }
        (row.file, row.line) = (*file_number, number);
        (row.ready_ms, row.duration_ms) = (Some(ready_ms), Some(duration_ms));
        Ok(true)
    }
}

impl Columns {
    /// How nearly all captures are written.
    const USUAL: Self = Self { created: 0, duration: 1, width: 2 };

    /// The numbers of a line.
    #[inline]
    fn numbers(self, line: &[u8], place: impl Fn() -> Place) -> Result<(i64, i64), TraceError> {
        match pair(line) {
            Some(numbers) if self == Self::USUAL => Ok(numbers),
            _ => self.fields(line, place),
        }
    }

    /// The same for any line, and what is wrong with it.
    fn fields(self, line: &[u8], place: impl Fn() -> Place) -> Result<(i64, i64), TraceError> {
        let (mut created, mut duration, mut found) = (&[][..], &[][..], 0);
        for (column, value) in line.split(|&byte| byte == b',').enumerate() {
            found = column as u64 + 1;
            if column == self.created {
                created = value;
            } else if column == self.duration {
                duration = value;
            }
        }
        if found != self.width as u64 {
            let expected = self.width as u64;
            return Err(TraceError::Width { place: place(), found, expected });
        }
        let number_of = |field: &str, value: &[u8]| {
            millis(unquoted(value)).ok_or_else(|| TraceError::Field {
                place: place(),
                field: field.to_owned(),
                found: shown(value),
                expected: "whole milliseconds, not negative".to_owned(),
            })
        };
        Ok((number_of("created_ms", created)?, number_of("duration_ms", duration)?))
    }
}

/// Two numbers and a comma, nothing else.
#[inline]
fn pair(line: &[u8]) -> Option<(i64, i64)> {
    let (first, rest) = leading_millis(line)?;
    let (second, rest) = leading_millis(rest.strip_prefix(b",")?)?;
    rest.is_empty().then_some((first, second))
}

/// Whole milliseconds within the range of dates.
#[inline]
fn millis(value: &[u8]) -> Option<i64> {
    leading_millis(value).and_then(|(number, rest)| rest.is_empty().then_some(number))
}

/// Whole milliseconds within the range of dates, and what stands behind them.
#[inline]
fn leading_millis(text: &[u8]) -> Option<(i64, &[u8])> {
    let (mut number, mut digits) = (0, 0);
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        number = number * 10 + i64::from(digit);
        digits += 1;
        // 15 digits hold the last millisecond of the year 9999 and cannot overflow.
        if digits > 15 {
            return None;
        }
    }
    (digits > 0 && number <= TIME_MS_MAX).then_some((number, &text[digits..]))
}

fn unquoted(value: &[u8]) -> &[u8] {
    match value.trim_ascii() {
        [b'"', inner @ .., b'"'] => inner,
        value => value,
    }
}

/// Lines of a file through one buffer.
struct Lines {
    file: Arc<Path>,
    content: Content,
    budget: Budget,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    number: u64,
    is_over: bool,
}

impl Lines {
    fn new(input: Input) -> Self {
        let Input { file, content, budget, .. } = input;
        let buffer = vec![0; BUFFER_BYTES];
        Self { file, content, budget, buffer, start: 0, end: 0, number: 0, is_over: false }
    }

    /// The next line and its number, without its end; `None` behind the last.
    fn next(&mut self) -> Result<Option<(u64, &[u8])>, TraceError> {
        let mut searched = self.start;
        loop {
            let found = memchr::memchr(b'\n', &self.buffer[searched..self.end]);
            if let Some(offset) = found {
                let line = self.start..searched + offset;
                self.start = line.end + 1;
                self.number += 1;
                return Ok(Some((self.number, self.buffer[line].trim_ascii_end())));
            }
            if self.is_over {
                let line = self.start..self.end;
                self.start = self.end;
                self.number += 1;
                return Ok(
                    (!line.is_empty()).then(|| (self.number, self.buffer[line].trim_ascii_end()))
                );
            }
            searched = self.end - self.start;
            self.fill()?;
        }
    }

    /// Moves what is left to the front and reads on behind it.
    fn fill(&mut self) -> Result<(), TraceError> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end == self.buffer.len() {
            if self.buffer.len() as u64 >= ROW_BYTES_MAX {
                let place = Place { file: Arc::clone(&self.file), line: self.number + 1 };
                return Err(TraceError::Huge { place, what: ROW_TOO_LARGE });
            }
            self.buffer.resize(2 * self.buffer.len(), 0);
        }
        self.budget.refill();
        match self.content.read(&mut self.buffer[self.end..]) {
            Ok(count) => {
                self.end += count;
                self.is_over = count == 0;
                Ok(())
            }
            Err(source) => Err(unreadable(&self.file, self.number + 1, &self.budget, source)),
        }
    }
}

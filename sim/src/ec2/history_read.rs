//! Reading recorded spot prices.

use super::history::{History, ascend};
use crate::catalogue::{Catalogue, ReadError, broken, shown};
use greenroom_scheduler::id::ZoneId;
use greenroom_scheduler::money::Rate;
use serde::Deserialize;
use std::io::{BufRead, BufReader, Read};

/// The most price changes that are held: 32 million, half a gigabyte; a year of the whole of
/// us-east-1 has about a million.
const RECORDS_MAX: usize = 32_000_000;

/// One record as any of the forms has it.
struct Row<'a> {
    /// Where it stands: the line of a CSV, the place in a JSON list.
    place: String,
    line: u64,
    instance_type: &'a str,
    zone: &'a str,
    system: Option<&'a str>,
    time: (&'a str, &'a str),
    price: (&'a str, &'a str),
}

/// What `aws ec2 describe-spot-price-history` prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    spot_price_history: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    availability_zone: String,
    instance_type: String,
    product_description: Option<String>,
    spot_price: String,
    timestamp: String,
}

struct Reading<'a> {
    file: &'a str,
    catalogue: &'a Catalogue,
    zones: &'a [String],
    history: History,
    count: usize,
}

impl History {
    /// Reads recorded prices, newest or oldest first, in either of two forms:
    ///
    /// * CSV with the columns `instance_type`, `az`, `timestamp_s` and `usd_per_hour` in any order;
    /// * the JSON of `aws ec2 describe-spot-price-history`.
    ///
    /// Times are seconds since 1970 or RFC 3339. A record says that the price is another from its
    /// time on. Of two records of one pool and time the newer one counts, as the file's order has
    /// it. `file` is the name in errors.
    pub fn read(
        file: &str,
        reader: impl Read,
        catalogue: &Catalogue,
        zones: &[String],
    ) -> Result<Self, ReadError> {
        let mut reader = BufReader::new(reader);
        let mut reading = Reading { file, catalogue, zones, history: Self::default(), count: 0 };
        let begins = reader.fill_buf().map_err(|error| reading.unreadable(1, error.to_string()))?;
        let first = begins.iter().copied().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(b'{') {
            reading.json(reader)?;
        } else {
            reading.csv(reader)?;
        }
        let mut history = reading.history;
        for records in history.pools.values_mut() {
            ascend(records);
        }
        Ok(history)
    }
}

impl Reading<'_> {
    fn unreadable(&self, line: u64, found: String) -> ReadError {
        let expected = "CSV, or the JSON of aws ec2 describe-spot-price-history".to_owned();
        ReadError { file: self.file.to_owned(), line, field: "file".to_owned(), found, expected }
    }

    fn csv(&mut self, reader: impl Read) -> Result<(), ReadError> {
        let mut csv = csv::Reader::from_reader(reader);
        let header = csv.headers().map_err(|error| broken(self.file, &error))?.clone();
        let place = |name: &str| {
            header.iter().position(|column| column.trim() == name).ok_or_else(|| ReadError {
                file: self.file.to_owned(),
                line: 1,
                field: "header".to_owned(),
                found: shown(&header.iter().collect::<Vec<_>>().join(",")),
                expected: format!("the column {name}"),
            })
        };
        let (kind, az) = (place("instance_type")?, place("az")?);
        let (time, price) = (place("timestamp_s")?, place("usd_per_hour")?);
        let mut record = csv::StringRecord::new();
        while csv.read_record(&mut record).map_err(|error| broken(self.file, &error))? {
            let field = |place: usize| record.get(place).unwrap_or("").trim();
            self.add(&Row {
                place: String::new(),
                line: record.position().map_or(0, csv::Position::line),
                instance_type: field(kind),
                zone: field(az),
                system: None,
                time: ("timestamp_s", field(time)),
                price: ("usd_per_hour", field(price)),
            })?;
        }
        Ok(())
    }

    fn json(&mut self, reader: impl Read) -> Result<(), ReadError> {
        let page: Page = serde_json::from_reader(reader)
            .map_err(|error| self.unreadable(error.line() as u64, error.to_string()))?;
        for (place, item) in page.spot_price_history.iter().enumerate() {
            self.add(&Row {
                place: format!("SpotPriceHistory[{place}]."),
                line: 1,
                instance_type: &item.instance_type,
                zone: &item.availability_zone,
                system: item.product_description.as_deref(),
                time: ("Timestamp", &item.timestamp),
                price: ("SpotPrice", &item.spot_price),
            })?;
        }
        Ok(())
    }

    fn add(&mut self, row: &Row<'_>) -> Result<(), ReadError> {
        let fail = |(name, text): (&str, &str), expected: &str| ReadError {
            file: self.file.to_owned(),
            line: row.line,
            field: format!("{}{name}", row.place),
            found: shown(text),
            expected: expected.to_owned(),
        };
        let at = seconds(row.time.1).ok_or_else(|| {
            fail(row.time, "seconds since 1970, or a time such as 2026-07-01T00:00:00Z")
        })?;
        let usd = row.price.1.parse::<f64>().ok().filter(|usd| (0.0..=4_000.0).contains(usd));
        let usd = usd.ok_or_else(|| fail(row.price, "dollars an hour, 0 to 4000"))?;
        // "Linux/UNIX" and, in old accounts, "Linux/UNIX (Amazon VPC)".
        if row.system.is_some_and(|system| !system.starts_with("Linux/UNIX")) {
            self.history.skipped.other_system += 1;
            return Ok(());
        }
        let Ok(kind) = self.catalogue.find(row.instance_type) else {
            self.history.skipped.unknown_type += 1;
            return Ok(());
        };
        let Some(zone) = self.zones.iter().position(|zone| zone == row.zone) else {
            self.history.skipped.unknown_zone += 1;
            return Ok(());
        };
        self.count += 1;
        if self.count > RECORDS_MAX {
            let expected = format!("at most {RECORDS_MAX} records of this run's pools");
            return Err(fail(("file", "one more"), &expected));
        }
        let pool = (kind, ZoneId(zone as u32));
        self.history.pools.entry(pool).or_default().push((at, Rate::from_usd_per_hour(usd)));
        Ok(())
    }
}

/// Seconds since 1970, written as such or as RFC 3339. Nothing before 1970 has a spot price.
fn seconds(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| {
        let time: jiff::Timestamp = text.parse().ok()?;
        u64::try_from(time.as_second()).ok()
    })
}

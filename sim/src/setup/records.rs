//! Recordings of spot that the configuration names: prices and capacity.

use super::SetupError;
use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::ec2::{AfterEnd, Availability, History};
use greenroom_scheduler::id::{TypeId, ZoneId};
use std::sync::Arc;

/// What was recorded, read and checked.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Prices, and the second of the file that the run begins at.
    pub prices: Option<(Arc<History>, Option<u64>)>,
    /// Capacity of pools.
    pub capacity: Vec<(TypeId, ZoneId, Arc<Availability>, AfterEnd)>,
}

/// Reads what the configuration names.
pub(super) fn read(config: &Config, catalogue: &Catalogue) -> Result<Records, SetupError> {
    let market = &config.spot.market;
    let mut records = Records::default();
    if let Some(history) = &market.price_history {
        let file = open("spot.market.price_history.file", &history.file)?;
        let read = History::read(&history.file, file, catalogue, &config.ec2.zones)?;
        if read.pools().next().is_none() {
            return Err(SetupError::Value {
                key: "spot.market.price_history.file".into(),
                found: format!("{:?}, with no price of this run's types and zones", history.file),
                expected: format!("prices of Linux in {}", config.ec2.zones.join(", ")),
            });
        }
        records.prices = Some((Arc::new(read), history.start_s));
    }
    for (number, recorded) in market.availability.iter().enumerate() {
        let key = |name: &str| format!("spot.market.availability.{number}.{name}");
        let mut text = String::new();
        let mut file = open(&key("file"), &recorded.file)?;
        std::io::Read::read_to_string(&mut file, &mut text)
            .map_err(|error| unreadable(&key("file"), &recorded.file, &error))?;
        let instance_type =
            catalogue.find(&recorded.instance_type).map_err(|unknown| SetupError::Value {
                key: key("type"),
                found: format!("{:?}", unknown.found),
                expected: format!("an instance type of the catalogue{}", unknown.hint()),
            })?;
        let zone = config.ec2.zone(&recorded.zone).map_err(|unknown| SetupError::Value {
            key: key("zone"),
            found: format!("{:?}", unknown.found),
            expected: format!("one of {}", unknown.expected.join(", ")),
        })?;
        let read = Availability::read(&recorded.file, &text)?;
        records.capacity.push((instance_type, zone, Arc::new(read), recorded.after_end));
    }
    Ok(records)
}

/// A file, unpacked if it is packed with gzip.
fn open(key: &str, path: &str) -> Result<Box<dyn std::io::Read>, SetupError> {
    use std::io::{BufRead, BufReader};
    let file = std::fs::File::open(path).map_err(|error| unreadable(key, path, &error))?;
    let mut buffered = BufReader::new(file);
    let begins = buffered.fill_buf().map_err(|error| unreadable(key, path, &error))?;
    Ok(if begins.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(buffered))
    } else {
        Box::new(buffered)
    })
}

fn unreadable(key: &str, path: &str, error: &std::io::Error) -> SetupError {
    SetupError::Value {
        key: key.to_owned(),
        found: format!("{path:?} ({error})"),
        expected: "a readable file".into(),
    }
}

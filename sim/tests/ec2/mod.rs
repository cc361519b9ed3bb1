//! The market, the account and the bill.

mod account;
mod availability;
mod billing;
mod config;
mod interruption;
mod price;
mod timeline;
mod world;

use greenroom_scheduler::id::{TypeId, ZoneId};
use greenroom_scheduler::model::CapacityType;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::catalogue::Catalogue;
use greenroom_sim::ec2::{Ec2Config, Market, Pool, SpotConfig};
use greenroom_sim::random::Streams;
use std::sync::{Arc, LazyLock};

/// Some instant of 2025, so that times are as large as real ones.
const ORIGIN: Time = Time::from_ms(1_757_000_000_000);

/// The embedded catalogue, read once for all tests.
fn catalogue() -> Arc<Catalogue> {
    static EMBEDDED: LazyLock<Arc<Catalogue>> = LazyLock::new(|| Arc::new(Catalogue::embedded()));
    Arc::clone(&EMBEDDED)
}

fn hours(hours: f64) -> Span {
    Span::from_secs_f64(hours * 3600.0)
}

fn market(seed: u64, spot: &str) -> Market {
    market_with(seed, catalogue(), spot)
}

fn market_with(seed: u64, catalogue: Arc<Catalogue>, spot: &str) -> Market {
    let spot: SpotConfig = toml::from_str(spot).unwrap();
    let (streams, ec2) = (Streams::new(seed), Ec2Config::default());
    Market::new(streams, ORIGIN, catalogue, ec2, spot)
}

fn spot(instance_type: TypeId, zone: u32) -> Pool {
    Pool { instance_type, zone: ZoneId(zone), capacity: CapacityType::Spot }
}

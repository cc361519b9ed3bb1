//! EC2: what can be launched where, what it costs, and when it is taken back.
//!
//! Everything that chance decides here is a timeline of its pool, keyed by (seed, type, zone), so
//! that two policies meet the same market as far as they do the same.

mod account;
mod addresses;
mod availability;
pub mod billing;
pub(crate) mod checked;
mod config;
mod fleet;
mod hazard;
mod history;
mod history_read;
mod interruption;
mod log_process;
mod market;
mod market_interruptions;
mod market_prices;
mod pool;
mod price;
mod quota;
mod ranking;
mod spot_config;
mod throttle;
mod timeline;

pub use account::{Account, LaunchError, Launched, Order, StartError};
pub use addresses::{AddressModel, Addresses, NoAddresses};
pub use availability::{Availability, Event as AvailabilityEvent};
pub use config::{ApiConfig, Bucket, Ec2Config, GroupQuota, UnknownZone};
pub use fleet::{Choice, Lack, NoLaunch, Offer, Strategy, choose};
pub use hazard::{Hazard, monthly_to_hourly};
pub use history::{History, Skipped};
pub use interruption::{Cause, Interruption};
pub use log_process::LogProcess;
pub use market::Market;
pub use pool::Pool;
pub use price::{PriceLine, Walk};
pub use quota::{Quota, QuotaExceeded, QuotaGroup};
pub use spot_config::{AfterEnd, AgeBand, AvailabilityFile, PriceHistory, PriceModel, SpotConfig};
pub use throttle::{Throttled, TokenBucket};
pub use timeline::{Loss, State, Timeline};

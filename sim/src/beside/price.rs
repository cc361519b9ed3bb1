//! Usage in, money out.
//!
//! Every charge is computed in whole numbers and rounded once, half up, to the micro-dollar: that
//! of a node when it ends, of a job when it ends, of a pull, and of what runs all the time.

use super::config::BesideConfig;
use super::lines::{Line, Lines};
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::Span;

const MS_PER_HOUR: u128 = 3_600_000;
/// EBS and ECR count a month as 30 days.
const MS_PER_MONTH: u128 = 30 * 24 * MS_PER_HOUR;
/// Traffic is counted in GB of 10^9 bytes here; the difference to the GiB of some bills (7 %) is
/// less than the error of any assumed amount.
const BYTES_PER_GB: u128 = 1_000_000_000;
/// A disk is charged for a minute at least (EBS pricing page).
const DISK_MIN: Span = Span::from_secs(60);

/// Minutes of a job as GitHub counts them: begun ones whole.
pub const fn billed_minutes(ran: Span) -> u64 {
    ran.as_ms().div_ceil(60_000)
}

/// The lines of a configuration in whole micro-dollars and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    disk_bytes: u128,
    disk_gb_month: u128,
    cross_zone_bytes: u128,
    cross_zone_gb: u128,
    nat_bytes: u128,
    nat_gb: u128,
    pulls_through_nat: bool,
    gateways_hour: u128,
    registry_bytes: u128,
    registry_gb_month: u128,
    registry_gb_pulled: u128,
    control_planes_hour: u128,
    agents_hour: u128,
    platform_minute: u128,
}

/// `amount` times `price` over `unit`, rounded half up.
fn rounded(amount: u128, price: u128, unit: u128) -> Money {
    let micros = (amount.saturating_mul(price).saturating_add(unit / 2)) / unit;
    Money::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

impl Beside {
    /// Amounts are rounded to the byte, prices to the micro-dollar.
    pub fn new(config: &BesideConfig) -> Self {
        let micros = |usd: f64| libm::round(usd * 1e6) as u128;
        let bytes = |gb: f64| libm::round(gb * 1e9) as u128;
        Self {
            disk_bytes: bytes(config.disk_gb_per_node),
            disk_gb_month: micros(config.disk_usd_per_gb_month),
            cross_zone_bytes: bytes(config.cross_zone_gb_per_job),
            cross_zone_gb: micros(config.cross_zone_usd_per_gb),
            nat_bytes: bytes(config.nat_gb_per_job),
            nat_gb: micros(config.nat_usd_per_gb),
            pulls_through_nat: config.pulls_through_nat,
            gateways_hour: micros(config.nat_gateway_usd_per_hour)
                * u128::from(config.nat_gateways),
            registry_bytes: bytes(config.registry_gb),
            registry_gb_month: micros(config.registry_usd_per_gb_month),
            registry_gb_pulled: micros(config.registry_usd_per_gb_pulled),
            control_planes_hour: micros(config.control_plane_usd_per_hour)
                * u128::from(config.control_planes),
            agents_hour: micros(config.agents_usd_per_node_hour),
            platform_minute: micros(config.platform_usd_per_job_minute),
        }
    }

    /// What a node costs beside itself that ran for so long: its disk, by the millisecond and a
    /// minute at least, and its agents.
    pub fn node(&self, ran: Span) -> Lines {
        let disk_ms = u128::from(ran.max(DISK_MIN).as_ms());
        let disk =
            rounded(self.disk_bytes * disk_ms, self.disk_gb_month, BYTES_PER_GB * MS_PER_MONTH);
        let agents = rounded(u128::from(ran.as_ms()), self.agents_hour, MS_PER_HOUR);
        Lines::default().with(Line::Disk, disk).with(Line::Agents, agents)
    }

    /// What an attempt of a job costs that ran for so long: its traffic and the platform's fee.
    pub fn job(&self, ran: Span) -> Lines {
        let fee = rounded(u128::from(billed_minutes(ran)), self.platform_minute, 1);
        Lines::default()
            .with(Line::CrossZone, rounded(self.cross_zone_bytes, self.cross_zone_gb, BYTES_PER_GB))
            .with(Line::Nat, rounded(self.nat_bytes, self.nat_gb, BYTES_PER_GB))
            .with(Line::Platform, fee)
    }

    /// What a pull of so many bytes costs.
    pub fn pull(&self, bytes: u64) -> Lines {
        let bytes = u128::from(bytes);
        let nat = if self.pulls_through_nat { self.nat_gb } else { 0 };
        Lines::default()
            .with(Line::Registry, rounded(bytes, self.registry_gb_pulled, BYTES_PER_GB))
            .with(Line::Nat, rounded(bytes, nat, BYTES_PER_GB))
    }

    /// What runs all the time costs over the whole of a run: gateways, registry, control planes.
    pub fn standing(&self, run: Span) -> Lines {
        let ms = u128::from(run.as_ms());
        let stored = rounded(
            self.registry_bytes.saturating_mul(ms),
            self.registry_gb_month,
            BYTES_PER_GB * MS_PER_MONTH,
        );
        Lines::default()
            .with(Line::NatGateways, rounded(ms, self.gateways_hour, MS_PER_HOUR))
            .with(Line::Registry, stored)
            .with(Line::ControlPlanes, rounded(ms, self.control_planes_hour, MS_PER_HOUR))
    }
}

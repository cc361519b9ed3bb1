//! What EC2 charges for a node.

use greenroom_scheduler::money::{Money, Rate};
use greenroom_scheduler::time::{Span, Time};

/// An instance hour: a spot price is fixed for so long, from the launch on.
const HOUR: Span = Span::from_secs(3600);

/// How time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// Charged at least.
    pub minimum: Span,
    /// Time is rounded up to a multiple of this, at least a millisecond.
    pub step: Span,
    /// Whether a spot node that EC2 takes back within its first hour is free.
    pub first_hour_free: bool,
}

impl Tariff {
    /// Linux on EC2: by the second, a minute at least. Source: EC2 pricing, "per-second billing";
    /// the free first hour: EC2 User Guide, "Billing for interrupted Spot Instances".
    pub const EC2: Self =
        Self { minimum: Span::from_secs(60), step: Span::from_secs(1), first_hour_free: true };

    /// The `one-slot` world: exact, no minimum.
    pub const ONE_SLOT: Self =
        Self { minimum: Span::ZERO, step: Span::from_ms(1), first_hour_free: false };

    /// The time that is charged for a node that ran from `launched` to `ended`.
    pub fn charged(self, launched: Time, ended: Time) -> Span {
        let step = self.step.as_ms().max(1);
        let ran = ended.since(launched).as_ms();
        let steps = ran.div_ceil(step).saturating_mul(step);
        Span::from_ms(steps).max(self.minimum)
    }
}

/// How a node was paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purchase {
    /// At one price throughout.
    OnDemand(Rate),
    /// At the spot price, and whether EC2 took it back.
    Spot {
        /// EC2 ended it, not we.
        interrupted: bool,
    },
}

/// What a node costs that ran from `launched` to `ended`.
///
/// Each instance hour of a spot node costs the price at its start, `spot_price(launched + k hours)`,
/// for the part that ran. The sum is exact; it is rounded once, half up, to the micro-dollar.
pub fn charge(
    tariff: Tariff,
    purchase: Purchase,
    launched: Time,
    ended: Time,
    mut spot_price: impl FnMut(Time) -> Rate,
) -> Money {
    let charged = tariff.charged(launched, ended);
    let product = match purchase {
        Purchase::OnDemand(rate) => product(rate, charged),
        Purchase::Spot { interrupted: true }
            if tariff.first_hour_free && ended.since(launched) < HOUR =>
        {
            0
        }
        Purchase::Spot { .. } => {
            let (mut at, mut left, mut sum) = (launched, charged, 0_u128);
            for hour in 1..=HOURS_MAX {
                // Whoever runs longer than the bound pays the rest at the price of its last hour.
                let part = if hour == HOURS_MAX { left } else { left.min(HOUR) };
                if part.is_zero() {
                    break;
                }
                sum += product(spot_price(at), part);
                left = left.saturating_sub(part);
                at += HOUR;
            }
            sum
        }
    };
    Money::from_micros(i64::try_from((product + HALF) / MS_PER_HOUR).unwrap_or(i64::MAX))
}

/// Prices looked up for one node at most: ten years of hours, longer than any trace.
const HOURS_MAX: u32 = 10 * 366 * 24;

const MS_PER_HOUR: u128 = 3_600_000;
const HALF: u128 = MS_PER_HOUR / 2;

/// Micro-dollars an hour times milliseconds.
fn product(rate: Rate, span: Span) -> u128 {
    u128::from(rate.as_micros_per_hour()) * u128::from(span.as_ms())
}

//! Timelines: independence of the order of questions, and their steady state.

use super::{ORIGIN, hours};
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::ec2::{Loss, State, Timeline};
use greenroom_sim::latency::Distribution;
use greenroom_sim::random::{Purpose, Streams};
use proptest::prelude::*;

fn renewal(seed: u64, losses_per_hour: f64, outage: Distribution) -> Timeline {
    let stream = Streams::new(seed).stream(Purpose::Capacity, 1);
    Timeline::renewal(stream, ORIGIN, losses_per_hour, outage, 0.25)
}

fn outage() -> Distribution {
    Distribution::log_normal(544.0, 4_624.0).unwrap()
}

fn losses(line: &mut Timeline, until: Time) -> Vec<Loss> {
    let (mut all, mut from) = (Vec::new(), Time::ZERO);
    while let Some(loss) = line.loss_after(from, until) {
        from = loss.at;
        all.push(loss);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn answers_do_not_depend_on_the_order_of_questions(
        seed: u64, mut asked in prop::collection::vec(0_u64..2_000_000_000, 1..40),
    ) {
        let at = |ms: &u64| ORIGIN + Span::from_ms(*ms);
        let mut line = renewal(seed, 0.5, outage());
        let first: Vec<(u64, State)> = asked.iter().map(|ms| (*ms, line.state_at(at(ms)))).collect();
        asked.reverse();
        let mut other = renewal(seed, 0.5, outage());
        losses(&mut other, ORIGIN + Span::from_ms(1_000_000_000));
        for ms in &asked {
            let state = other.state_at(at(ms));
            prop_assert!(first.contains(&(*ms, state)));
            prop_assert!(state.since <= at(ms) && at(ms) < state.until);
            if state.until < Time::MAX {
                prop_assert_eq!(other.state_at(state.until).available, !state.available);
            }
        }
    }
}

#[test]
fn a_renewal_has_capacity_as_often_as_its_means_say() {
    // Up 2 h on average, down by a log-normal of known mean.
    let rate = 0.5;
    let mean_down_h = outage().mean_s() / 3600.0;
    let expected = 2.0 / (2.0 + mean_down_h);
    let (mut up, mut count, mut up_at_origin) = (0.0, 0, 0.0);
    let (lines, span_h) = (400, 200.0);
    for seed in 0..lines {
        let mut line = renewal(seed, rate, outage());
        let mut now = ORIGIN;
        let end = ORIGIN + hours(span_h);
        up_at_origin += f64::from(u8::from(line.state_at(now).available));
        while now < end {
            let state = line.state_at(now);
            let until = state.until.min(end);
            if state.available {
                up += until.since(now).as_secs_f64() / 3600.0;
            }
            now = until;
        }
        let lost = losses(&mut line, end);
        assert!(lost.iter().all(|loss| loss.share == 0.25 && loss.at > ORIGIN));
        count += lost.len();
    }
    let total = lines as f64 * span_h;
    assert!((up / total - expected).abs() < 0.006, "{} {expected}", up / total);
    // Steady from the first moment on.
    assert!((up_at_origin / lines as f64 - expected).abs() < 4.5 * (0.09 / lines as f64).sqrt());
    // Losses come at the rate, in the time with capacity.
    let losses = f64::from(u32::try_from(count).unwrap());
    assert!((losses / (up * rate) - 1.0).abs() < 4.5 / losses.sqrt());
}

#[test]
fn a_pool_that_is_never_lost_is_always_there() {
    let mut line = renewal(3, 0.0, outage());
    let year = ORIGIN + hours(8_760.0);
    let state = line.state_at(year);
    assert!(state.available && state.until == Time::MAX && state.since == ORIGIN);
    assert_eq!(line.loss_after(Time::ZERO, Time::MAX), None);
    assert!(Timeline::always(ORIGIN).state_at(Time::ZERO).available);
}

/// A run that outlasts what a timeline draws goes on with capacity: one that ended in an outage would
/// refuse every launch for ever, and a long run would spend itself on asking again.
#[test]
fn no_timeline_ends_in_an_outage() {
    for seed in 0..20 {
        let mut line = renewal(seed, 0.01, outage());
        let state = line.state_at(ORIGIN + hours(150.0 * 366.0 * 24.0));
        assert!(state.available && state.until == Time::MAX, "seed {seed}: {state:?}");
    }
}

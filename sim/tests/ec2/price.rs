//! Spot prices: the saving, recorded histories, and the process.

use super::{ORIGIN, catalogue, hours, market, spot};
use crate::data::real;
use expect_test::expect;
use greenroom_scheduler::id::ZoneId;
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::ec2::{History, LogProcess, PriceLine, Walk};
use greenroom_sim::random::{Purpose, Streams};
use proptest::prelude::*;
use std::fmt::Write;

fn zones() -> Vec<String> {
    ["us-east-1a", "us-east-1b"].map(str::to_owned).to_vec()
}

fn history(text: &str) -> History {
    History::read("prices.csv", text.as_bytes(), &catalogue(), &zones()).unwrap()
}

#[test]
fn the_constant_price_is_on_demand_less_the_saving() {
    let catalogue = catalogue();
    let (id, kind) = catalogue.iter().find(|(_, k)| k.spot_saving_percent == Some(60)).unwrap();
    let mut by_type = market(1, "");
    let expected = f64::from(kind.on_demand.as_micros_per_hour()) * 0.4;
    let price = by_type.price(spot(id, 0), ORIGIN);
    assert!((f64::from(price.as_micros_per_hour()) - expected).abs() <= 0.5);
    assert_eq!(by_type.next_price_change(spot(id, 0), ORIGIN), None);
    let mut set = market(1, "saving_percent = 75");
    let expected = f64::from(kind.on_demand.as_micros_per_hour()) * 0.25;
    let price = set.price(spot(id, 0), ORIGIN);
    assert!((f64::from(price.as_micros_per_hour()) - expected).abs() <= 0.5);
}

#[test]
fn a_record_holds_from_its_time_on_and_the_first_before_it() {
    let text = "instance_type,az,timestamp_s,usd_per_hour\n\
                m5.large,us-east-1a,1000,0.03\n\
                m5.large,us-east-1a,2000,0.04\n\
                m5.large,us-east-1a,2000,0.05\n\
                m5.large,us-east-1a,5000,0.06\n\
                m1.small,us-east-1a,5000,0.06\n\
                m5.large,eu-west-1a,5000,0.06\n";
    let history = history(text);
    assert_eq!((history.skipped().unknown_type, history.skipped().unknown_zone), (1, 1));
    assert_eq!(history.earliest_s(), Some(1000));
    let mut market = market(1, "");
    let kind = market.catalogue().find("m5.large").unwrap();
    let prices = |market: &mut greenroom_sim::ec2::Market| -> Vec<u32> {
        [0, 999, 1_000, 2_999, 3_000, 99_999]
            .map(|s| {
                let now = ORIGIN + Span::from_secs(s);
                market.price(spot(kind, 0), now).as_micros_per_hour() / 1_000
            })
            .to_vec()
    };
    // The run begins at second 2000 of the file: the record of second 1000 is before the window.
    market.record_prices(&history, Some(2_000));
    assert_eq!(prices(&mut market), [50, 50, 50, 50, 60, 60]);
    assert_eq!(
        market.next_price_change(spot(kind, 0), ORIGIN),
        Some(ORIGIN + Span::from_secs(3_000))
    );
    // It begins before the file does.
    market.record_prices(&history, Some(0));
    assert_eq!(prices(&mut market), [30, 30, 30, 50, 50, 60]);
    // By default at the file's beginning.
    let mut from_zero = history.prices((kind, ZoneId(0)), 1_000, Time::ZERO).unwrap();
    assert_eq!(from_zero.remove(0).0, Time::ZERO);
}

#[test]
fn a_bad_history_is_refused_with_file_line_field_found_and_expected() {
    let header = "instance_type,az,timestamp_s,usd_per_hour\n";
    let mut said = String::new();
    for text in [
        String::new(),
        "instance_type,az,timestamp,usd\n".to_owned(),
        format!("{header}m5.large,us-east-1a,02.03.2021 14:45,0.03\n"),
        format!("{header}m5.large,us-east-1a,1614696301,$0.03\n"),
        format!("{header}m5.large,us-east-1a,1614696301,-0.03\n"),
        format!("{header}m5.large,us-east-1a,1614696301,NaN\n"),
        format!("{header}m5.large,us-east-1a\n"),
    ] {
        let read = History::read("prices.csv", text.as_bytes(), &catalogue(), &zones());
        writeln!(said, "{}", read.unwrap_err()).unwrap();
    }
    expect![[r#"
        prices.csv:1: header: found "", expected the column instance_type
        prices.csv:1: header: found "instance_type,az,timestamp,usd", expected the column timestamp_s
        prices.csv:2: timestamp_s: found "02.03.2021 14:45", expected seconds since 1970, or a time such as 2026-07-01T00:00:00Z
        prices.csv:2: usd_per_hour: found "$0.03", expected dollars an hour, 0 to 4000
        prices.csv:2: usd_per_hour: found "-0.03", expected dollars an hour, 0 to 4000
        prices.csv:2: usd_per_hour: found "NaN", expected dollars an hour, 0 to 4000
        prices.csv:2: file: found CSV error: record 1 (line: 2, byte: 42): found record with 2 fields, but the previous record has 4 fields, expected a readable CSV file
    "#]].assert_eq(&said);
}

/// What `aws ec2 describe-spot-price-history` prints says the same as the CSV.
#[test]
fn the_json_of_the_aws_cli_is_read_like_the_csv() {
    let item = |kind: &str, system: &str, time: &str, price: &str| {
        format!(
            "{{\"AvailabilityZone\": \"us-east-1a\", \"InstanceType\": \"{kind}\", \
             \"ProductDescription\": \"{system}\", \"SpotPrice\": \"{price}\", \"Timestamp\": \"{time}\"}}"
        )
    };
    let page = |items: &[String]| format!("\n {{\"SpotPriceHistory\": [{}]}}", items.join(",\n"));
    let json = page(&[
        item("m5.large", "Linux/UNIX", "2021-03-02T15:45:01+01:00", "0.040000"),
        item("m5.large", "Windows", "2021-03-02T14:45:01Z", "0.2"),
        item("m5.large", "Linux/UNIX (Amazon VPC)", "2021-03-01T00:00:00.000Z", "0.03"),
    ]);
    let csv = "instance_type,az,timestamp_s,usd_per_hour\n\
               m5.large,us-east-1a,1614556800,0.03\nm5.large,us-east-1a,2021-03-02T14:45:01Z,0.04\n";
    let (json, csv) = (history(&json), history(csv));
    assert_eq!(json.skipped().other_system, 1);
    let kind = catalogue().find("m5.large").unwrap();
    let prices = |history: &History| history.prices((kind, ZoneId(0)), 1_614_556_800, Time::ZERO);
    assert_eq!(prices(&json), prices(&csv));
    assert_eq!(prices(&csv).unwrap().len(), 2);
    let read = |text: &str| {
        History::read("spot.json", text.as_bytes(), &catalogue(), &zones()).unwrap_err().to_string()
    };
    let said = [
        read(&page(&[item("m5.large", "Linux/UNIX", "yesterday", "0.04")])),
        read(&page(&[item("m5.large", "Linux/UNIX", "2021-03-02T14:45:01Z", "free")])),
        read("{\"SpotPrices\": []}"),
        read("{\n"),
    ];
    expect![[r#"
        spot.json:1: SpotPriceHistory[0].Timestamp: found "yesterday", expected seconds since 1970, or a time such as 2026-07-01T00:00:00Z
        spot.json:1: SpotPriceHistory[0].SpotPrice: found "free", expected dollars an hour, 0 to 4000
        spot.json:1: file: found missing field `SpotPriceHistory` at line 1 column 18, expected CSV, or the JSON of aws ec2 describe-spot-price-history
        spot.json:2: file: found EOF while parsing an object at line 2 column 0, expected CSV, or the JSON of aws ec2 describe-spot-price-history"#]].assert_eq(&said.join("\n"));
}

fn walk(seed: u64, process: LogProcess, level: f64, most: f64) -> PriceLine {
    PriceLine::Process(Walk::new(
        Streams::new(seed).stream(Purpose::SpotPrice, 1),
        ORIGIN,
        process,
        Rate::from_usd_per_hour(level),
        Rate::from_usd_per_hour(most),
    ))
}

#[test]
fn the_process_keeps_its_level_its_spread_and_its_memory() {
    let process = LogProcess { deviation: 0.1, half_life: hours(20.0), step: hours(1.0) };
    let (mut sum, mut count) = (0.0, 0.0);
    let mut logs = Vec::new();
    for seed in 0..40 {
        let mut line = walk(seed, process, 0.07, 1.0);
        for step in 0..5_000 {
            let price = line.at(ORIGIN + hours(f64::from(step))).as_usd_per_hour();
            sum += price;
            count += 1.0;
            if seed == 0 {
                logs.push(price.ln());
            }
        }
    }
    assert!((sum / count / 0.07 - 1.0).abs() < 0.006, "{}", sum / count);
    let fitted = LogProcess::fit(&logs, hours(1.0)).unwrap();
    assert!((fitted.deviation / 0.1 - 1.0).abs() < 0.15, "{fitted:?}");
    let half_life_h = fitted.half_life.as_secs_f64() / 3600.0;
    assert!((half_life_h / 20.0 - 1.0).abs() < 0.3, "{fitted:?}");
}

#[test]
fn nobody_pays_more_than_on_demand_and_nothing_is_free() {
    let process = LogProcess { deviation: 1.5, half_life: hours(5.0), step: hours(1.0) };
    let mut line = walk(1, process, 0.09, 0.1);
    let prices: Vec<f64> =
        (0..2_000).map(|h| line.at(ORIGIN + hours(f64::from(h))).as_usd_per_hour()).collect();
    assert!(prices.iter().all(|price| *price > 0.0 && *price <= 0.1));
    assert!(prices.contains(&0.1), "the cap is met");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn newest_first_and_oldest_first_are_the_same(
        mut records in prop::collection::vec((0_u64..50, 1_u32..1000), 1..40),
        asked in prop::collection::vec(0_u64..60_000, 1..20),
    ) {
        records.sort_by_key(|(at, _)| *at);
        let row = |(at, price): &(u64, u32)| format!("m5.large,us-east-1b,{at},0.{price:04}\n");
        let header = "instance_type,az,timestamp_s,usd_per_hour\n";
        let oldest: String = records.iter().map(row).collect();
        let newest: String = records.iter().rev().map(row).collect();
        let oldest = history(&format!("{header}{oldest}"));
        // With one time alone nothing tells the order of a file.
        prop_assume!(records.first().unwrap().0 < records.last().unwrap().0);
        let newest = history(&format!("{header}{newest}"));
        prop_assert_eq!(&oldest, &newest);
        // And they are what a scan for the last record not after the moment finds.
        let kind = catalogue().find("m5.large").unwrap();
        let mut line = PriceLine::Recorded(oldest.prices((kind, ZoneId(1)), 0, Time::ZERO).unwrap());
        for ms in asked {
            let scanned = records.iter().rev().find(|(at, _)| at * 1000 <= ms).unwrap_or_else(|| {
                // Before the first time: its last record.
                records.iter().rev().find(|(at, _)| *at == records[0].0).unwrap()
            });
            let found = line.at(Time::from_ms(ms)).as_micros_per_hour();
            prop_assert_eq!(found, scanned.1 * 100);
        }
    }

    #[test]
    fn a_price_does_not_depend_on_the_order_of_questions(
        seed: u64, asked in prop::collection::vec(0_u64..3_000_000_000, 1..20),
    ) {
        let process = LogProcess { deviation: 0.2, half_life: hours(40.0), step: hours(3.0) };
        let mut line = walk(seed, process, 0.05, 1.0);
        let mut other = walk(seed, process, 0.05, 1.0);
        let forward: Vec<Rate> =
            asked.iter().map(|ms| line.at(ORIGIN + Span::from_ms(*ms))).collect();
        for (ms, price) in asked.iter().zip(&forward).rev() {
            let now = ORIGIN + Span::from_ms(*ms);
            prop_assert_eq!(other.at(now), *price);
            let next = other.next_after(now).unwrap();
            prop_assert!(next > now);
            prop_assert_eq!(other.at(next - Span::from_ms(1)), *price);
        }
    }
}

#[test]
fn the_real_history_of_two_months_is_read() {
    let Some(path) = real("prices/spot_price_history_us_east_1_2021-03_04.csv.gz") else { return };
    let file = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
    let catalogue = catalogue();
    let history = History::read("history", file, &catalogue, &zones()).unwrap();
    let kind = catalogue.find("m5.xlarge").unwrap();
    let prices = history.prices((kind, ZoneId(0)), 0, Time::ZERO).unwrap();
    assert!(prices.len() > 30 && prices.is_sorted_by_key(|(at, _)| *at));
    let on_demand = catalogue.get(kind).unwrap().on_demand;
    assert!(prices.iter().all(|(_, rate)| *rate < on_demand));
    let fitted = history.fit((kind, ZoneId(0)), hours(11.0)).unwrap();
    assert!(fitted.deviation > 0.0 && fitted.deviation < 0.5, "{fitted:?}");
    assert!(history.skipped().unknown_type > 0 && history.skipped().unknown_zone > 0);
}

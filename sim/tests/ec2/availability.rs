//! Recordings of capacity: both forms, their faults, and the real ones.

use super::{ORIGIN, hours, market, spot};
use crate::data::real;
use expect_test::expect;
use greenroom_scheduler::id::ZoneId;
use greenroom_scheduler::time::{Span, Time};
use greenroom_sim::ec2::{AfterEnd, Availability, Cause, Timeline};
use std::fmt::Write;

const SAMPLES: &str = r#"{"metadata": {"gap_seconds": 60}, "data": [0, 1, 1, 0, 0, 1]}"#;

#[test]
fn samples_become_outages_that_take_every_node() {
    let recording = Availability::read("a.json", SAMPLES).unwrap();
    assert!((recording.available_share() - 0.5).abs() < 1e-12);
    let at = |s: u64| ORIGIN + Span::from_secs(s);
    let mut held = Timeline::recorded(&recording, ORIGIN, false);
    let mut repeated = Timeline::recorded(&recording, ORIGIN, true);
    let states = |line: &mut Timeline, seconds: &[u64]| -> String {
        seconds.iter().map(|s| if line.state_at(at(*s)).available { '1' } else { '0' }).collect()
    };
    let asked = [0, 59, 60, 179, 180, 299, 300, 359, 360, 420, 540, 3_600, 3_660];
    assert_eq!(states(&mut held, &asked), "0011001111111");
    assert_eq!(states(&mut repeated, &asked), "0011001101001");
    let loss = repeated.loss_after(at(180), Time::MAX).unwrap();
    // Where it begins again it has no capacity, as at its beginning.
    assert_eq!((loss.at, loss.share), (at(360), 1.0));
    assert_eq!(held.loss_after(at(180), Time::MAX), None);
}

#[test]
fn a_fleet_that_shrinks_loses_that_share_together() {
    for text in [
        "0.0,4\n0.5,3\n0.5,2\n1.0,1\n2.0,4\n",
        "0,add,a\n0,add,b\n0,add,c\n0,add,d\n1800000,remove,a\n1800000,remove,b\n3600000,remove,c\n7200000,add,e\n7200000,add,f\n7200000,add,g\n",
    ] {
        let recording = Availability::read("fleet.csv", text).unwrap();
        let mut line = Timeline::recorded(&recording, ORIGIN, false);
        let first = line.loss_after(Time::ZERO, Time::MAX).unwrap();
        assert_eq!((first.at, first.share), (ORIGIN + hours(0.5), 0.5));
        let second = line.loss_after(first.at, Time::MAX).unwrap();
        assert_eq!((second.at, second.share), (ORIGIN + hours(1.0), 0.5));
        let between = line.state_at(ORIGIN + hours(1.5));
        assert!(!between.available);
        assert_eq!((between.since, between.until), (ORIGIN + hours(0.5), ORIGIN + hours(2.0)));
    }
}

#[test]
fn a_bad_recording_is_refused_with_file_line_field_found_and_expected() {
    let mut said = String::new();
    for text in [
        "",
        "{\"metadata\": {}, \"data\": [1]}",
        "{\"metadata\": {\"gap_seconds\": 0}, \"data\": [1]}",
        "{\"metadata\": {\"gap_seconds\": 34}, \"data\": []}",
        "{\"metadata\": {\"gap_seconds\": 34},\n \"data\": [1, 2]}",
        "{\"metadata\": {\"gap_seconds\": 34}, \"data\": [1, 0",
        "1,2,3,4\n",
        "hours,nodes\n",
        "0.5,-3\n",
        "1.0,4\n0.5,3\n",
        "0,remove,a\n",
        "0,add,a\n5,replace,a\n",
    ] {
        let error = Availability::read("spot.file", text).unwrap_err();
        writeln!(said, "{error}").unwrap();
    }
    expect![[r#"
        spot.file:1: file: found no row, expected at least one change of a fleet
        spot.file:1: file: found missing field `gap_seconds` at line 1 column 15, expected {"metadata": {"gap_seconds": ...}, "data": [0, 1, ...]}
        spot.file:1: metadata.gap_seconds: found 0, expected 0.001 to 86400 seconds
        spot.file:1: data: found 0 samples, expected 1 to 31622400 samples
        spot.file:1: data[1]: found 2, expected 0 or 1
        spot.file:1: file: found EOF while parsing a list at line 1 column 47, expected {"metadata": {"gap_seconds": ...}, "data": [0, 1, ...]}
        spot.file:1: row: found 4 fields, expected hours,nodes or milliseconds,add|remove,name
        spot.file:1: nodes: found "nodes", expected a number of 0 to 1000000
        spot.file:1: nodes: found "-3", expected a number of 0 to 1000000
        spot.file:2: time: found 1800000 ms, expected at least 3600000 ms, as in the row before
        spot.file:1: event: found remove from an empty fleet, expected no more removals than additions
        spot.file:2: event: found "replace", expected add or remove
    "#]].assert_eq(&said);
}

/// The published figures of the real trace: available 94 % of the time, lost 0.19 times an hour.
#[test]
fn the_real_recordings_are_read_and_give_their_published_figures() {
    let Some(path) = real("spot/r5.16xlarge_us-east-1d.json") else { return };
    let recording = Availability::read("r5", &std::fs::read_to_string(path).unwrap()).unwrap();
    assert!((recording.available_share() - 0.94).abs() < 0.005, "{}", recording.available_share());
    let losses = recording.events.iter().filter(|event| !event.available).count();
    let up_h = recording.period.as_secs_f64() / 3600.0 * recording.available_share();
    assert!((losses as f64 / up_h - 0.19).abs() < 0.01, "{}", losses as f64 / up_h);

    let mut market = market(1, "");
    let kind = market.catalogue().find("r5.16xlarge").unwrap();
    assert!(market.record_capacity(kind, ZoneId(1), &recording, AfterEnd::Repeat));
    assert!(!market.record_capacity(kind, ZoneId(3), &recording, AfterEnd::Repeat));
    let mut ended = Time::ZERO;
    for ordinal in 0..50 {
        let launched = ORIGIN + hours(40.0);
        let end = market.interruption_of(kind, ZoneId(1), ordinal, launched).unwrap();
        assert_eq!(end.cause, Cause::Pool);
        assert!(ordinal == 0 || end.notice_at == ended, "all nodes go together");
        ended = end.notice_at;
        assert!(!market.state(spot(kind, 1), end.notice_at).available);
    }
    for (file, losses_min) in [
        ("spot/g4dn-trace.csv", 40),
        ("spot/aws-spot-instances-p2-xlarge-2020-11-20-to-2020-11-23.csv", 100),
    ] {
        let Some(path) = real(file) else { return };
        let fleet = Availability::read(file, &std::fs::read_to_string(path).unwrap()).unwrap();
        let losses = fleet.events.iter().filter(|event| event.lost_share > 0.0).count();
        assert!(losses >= losses_min, "{file}: {losses}");
    }
}

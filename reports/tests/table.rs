//! The table for a terminal.

use crate::town::{Town, live};
use expect_test::expect;
use greenroom_reports::replications;
use greenroom_reports::summary::{Fold, Options, Run};
use greenroom_reports::table;

fn run(seed: u64) -> Run {
    let (policy, world, trace) = ("reactive".into(), "eks".into(), "town".into());
    Run { seed, policy, world, trace, ..Run::default() }
}

#[test]
fn a_week_of_a_small_town() {
    let mut fold = live(Town::WEEK).feed(Fold::new(run(1), Options::default()));
    expect![[r#"
        town: policy reactive, world eks, seed 1

        Jobs            5,000 arrived: 4,475 succeeded, 386 failed, 139 cancelled; 5,026 attempts
        Queue time      median 10.0s, p90 1m11s, p95 1m19s, p99 1m31s, longest 2m36s, mean 23.9s
          in the record median 28.2s, p90 4m27s, p95 5m26s, p99 6m26s, longest 6m41s, mean 1m23s
        Started within  5 s 2.6 %, 15 s 60.5 %, 30 s 76.4 %
        Modelled cost   $183.98: spot $61.24, on-demand $47.80, GitHub-hosted $55.97, beside machines $18.97
          spent on      used $89.88, idle $65.96, node startup $4.30, interrupted work $0.03, other $23.80
        Node time       259 h: busy 91 h, idle 157 h, node startup 10 h
        Nodes           882 launched, 8 at most at once, 111 never used, 16 interrupted; 77.1 % of node time on spot
        Overhead        -43.1 % (node time over job time, less one)

        Team             jobs  median    p95    cost    used    idle  startup  interr.   other
        web             2,078   10.2s  1m20s  $71.45  $37.12  $28.34    $1.84    $0.02   $4.13
        payments          872   11.5s  1m19s  $28.73  $15.88  $11.23    $0.72  $0.0039   $0.90
        mobile            658    9.6s  1m18s  $20.32  $11.46   $7.67    $0.53  $0.0053   $0.65
        platform            0       -      -  $16.80      $0      $0       $0       $0  $16.80
        infrastructure    477   10.0s  1m17s  $16.51   $9.22   $6.41    $0.41       $0   $0.47
        data-platform     472    9.1s  1m15s  $15.38   $8.46   $6.10    $0.37       $0   $0.46
        search            443   10.3s  1m20s  $14.78   $7.74   $6.21    $0.44  $0.0001   $0.39

        Class           jobs  median    p95    cost    used    idle  startup  interr.   other
        ubuntu-latest  1,202   12.0s  19.1s  $55.97  $51.19      $0       $0       $0   $4.78
        linux-gpu      1,296    9.2s  1m22s  $42.47  $15.44  $25.40    $1.61  $0.0092   $0.02
        linux-large    1,273    9.5s  1m22s  $40.96  $14.27  $25.00    $1.67       $0   $0.02
        linux-small    1,229    9.4s  1m21s  $25.60   $8.99  $15.56    $1.02    $0.02   $0.01
        platform           0       -      -  $18.97      $0      $0       $0       $0  $18.97

        Queue time is from ready to the first step of the job. Cost is modelled, not billed.
    "#]].assert_eq(&table::text(&fold.summary()));
}

#[test]
fn many_teams_are_cut_short_and_replications_are_called_what_they_are() {
    let summaries: Vec<_> = (1..=5)
        .map(|seed| {
            let town = Town { seed, teams: 40, jobs: 400, ..Town::SMALL };
            live(town).feed(Fold::new(run(seed), Options::default())).summary()
        })
        .collect();
    let all = replications::fold(&summaries).unwrap();
    expect![[r#"
        town: policy reactive, world eks, seed 1

        Jobs            400 arrived: 357 succeeded, 30 failed, 13 cancelled; 461 attempts
        Queue time      median 12.0s, p90 1m04s, p95 1m15s, p99 1m44s, longest 2m32s, mean 21.9s
          in the record median 20.7s, p90 4m08s, p95 5m33s, p99 6m24s, longest 6m40s, mean 1m15s
        Started within  5 s 2.2 %, 15 s 60.0 %, 30 s 81.2 %
        Modelled cost   $12.87: spot $1.15, on-demand $2.42, GitHub-hosted $6.58, beside machines $2.71
          spent on      used $8.50, idle $1.03, node startup $0.08, other $3.26
        Node time       11 h: busy 7.80 h, idle 3.05 h, node startup 0.47 h
        Nodes           37 launched, 13 at most at once, 3 never used, 23 interrupted; 73.1 % of node time on spot
        Overhead        -70.5 % (node time over job time, less one)

        95 % intervals of 5 replications (the randomness of the world, not the error of the forecast):
          median queue time       10.2s (8.9s to 11.5s)
          p95 queue time          1m03s (51.6s to 1m15s)
          modelled cost           $13.76 ($11.33 to $16.18)
          overhead                -57.1 % (-81.0 % to -33.2 %)
          infrastructure failures 0.0 (0.0 to 0.0)

        Team              jobs  median    p95   cost   used     idle  startup  interr.  other
        platform             0       -      -  $2.40     $0       $0       $0       $0  $2.40
        web                 64   14.2s  1m13s  $1.78  $1.23    $0.15  $0.0090       $0  $0.39
        payments-3          11   12.5s  29.6s  $0.84  $0.76    $0.05  $0.0013       $0  $0.02
        search-2            14   10.6s  1m29s  $0.61  $0.55    $0.03  $0.0033       $0  $0.03
        web-2               25   10.8s  1m18s  $0.61  $0.44    $0.14  $0.0090       $0  $0.02
        search              22   11.0s  1m02s  $0.59  $0.51    $0.02  $0.0014       $0  $0.06
        payments            34   14.1s  1m47s  $0.57  $0.47    $0.07  $0.0070       $0  $0.03
        web-3               11   15.9s  1m29s  $0.43  $0.31    $0.10  $0.0037       $0  $0.01
        search-3            13   14.6s  51.5s  $0.43  $0.36    $0.03  $0.0050       $0  $0.03
        mobile              23   15.7s  1m06s  $0.36  $0.29    $0.06  $0.0047       $0  $0.01
        ml-5                 9   16.5s  1m44s  $0.35  $0.32  $0.0058  $0.0001       $0  $0.02
        infrastructure-5    12    8.1s  18.9s  $0.32  $0.29  $0.0062  $0.0002       $0  $0.02
        29 others          162                 $3.58  $2.97    $0.37    $0.03       $0  $0.21

        Class          jobs  median    p95   cost   used   idle  startup  interr.    other
        ubuntu-latest   139   12.0s  19.5s  $6.58  $6.04     $0       $0       $0    $0.55
        platform          0       -      -  $2.71     $0     $0       $0       $0    $2.71
        linux-large     127   12.9s  1m26s  $2.62  $1.75  $0.83    $0.05       $0  $0.0008
        linux-small     134    9.2s  1m22s  $0.95  $0.72  $0.21    $0.03       $0  $0.0004

        Queue time is from ready to the first step of the job. Cost is modelled, not billed.
    "#]].assert_eq(&table::text(&all));
}

#[test]
fn nothing_at_all_is_told_without_a_fault() {
    let summary = Fold::new(run(0), Options::default()).summary();
    expect![[r#"
        town: policy reactive, world eks, seed 0

        Jobs            0 arrived: 0 succeeded; 0 attempts
        Queue time      no job was ready
        Modelled cost   $0: nothing
          spent on      nothing

        Queue time is from ready to the first step of the job. Cost is modelled, not billed.
    "#]]
    .assert_eq(&table::text(&summary));
}

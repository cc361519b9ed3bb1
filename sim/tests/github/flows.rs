//! The two flows, step by step.

#![allow(clippy::unwrap_used)]

use super::world::{SET, Steady, World, call, hosted, job, own, runner};
use expect_test::expect;
use greenroom_scheduler::command::{Outcome, Refusal};
use greenroom_scheduler::event::{Counts, JobResult};
use greenroom_scheduler::id::{RunId, SetId};
use greenroom_scheduler::model::Forge;
use greenroom_scheduler::time::Span;
use greenroom_sim::github::{Config, IdleChoice, Output};

fn steady() -> Steady {
    Steady { writing: Span::from_ms(400), travel: Span::from_ms(100), ..Steady::default() }
}

#[test]
fn cloud_assigns_within_the_advertised_capacity() {
    let mut world = World::new(Config::default(), steady(), &[own(Forge::Cloud, 2)]);
    world.until(1.0).ready(1);
    world.ready(2);
    world.until(1.3).ready(3);
    world.until(30.0).register(1);
    world.started(1);
    world.until(40.0).done(1);
    world.until(41.0);
    expect![[r#"
           1.000s  j1 goes to set 0
           1.000s  j2 goes to set 0
           1.500s  set 0 receives message 100000001: available 0, assigned 2, running 0; 2 entries
           1.500s    - j1 is assigned
           1.500s    - j2 is assigned
          30.000s  r1 is registered
          30.000s  r1 is given j1
          30.500s  set 0 receives message 100000002: available 0, assigned 2, running 1; 1 entries
          30.500s    - j1 started on r1
          40.000s  j1 ends on r1: Succeeded
          40.000s  j3 goes to set 0
          40.500s  set 0 receives message 100000003: available 0, assigned 2, running 0; 2 entries
          40.500s    - j1 completed on r1: Succeeded
          40.500s    - j3 is assigned
    "#]]
    .assert_eq(&world.told());
}

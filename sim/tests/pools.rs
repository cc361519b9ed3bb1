//! Which pool a job belongs to.

use greenroom_sim::config::{self, Layer};
use greenroom_sim::setup::{self, Seed};

/// The most runners that the pool of `class` may have under that configuration.
fn max_of(class: &str, settings: &[&str]) -> Option<u32> {
    let layers: Vec<Layer> = settings.iter().map(|text| Layer::set(text)).collect();
    let config = config::load(&layers).unwrap();
    setup::plan(&config, Seed::default(), None, None).unwrap().rules.pool(class, None).spec.max
}

/// The idealised world has no GitHub that hosts runners: its jobs would wait for ever.
#[test]
fn one_slot_nodes_also_run_jobs_of_labels_that_github_hosts() {
    let hosted = |world: &str| {
        let config = config::load(&[Layer::set(world)]).unwrap();
        let plan = setup::plan(&config, Seed::default(), None, None).unwrap();
        plan.rules.pool("ubuntu-latest", None).spec.hosted
    };
    assert!(hosted("world=\"eks\""));
    assert!(!hosted("world=\"one-slot\""));
}

#[test]
fn jobs_without_a_class_belong_to_the_pool_that_is_called_default() {
    for world in ["world=\"eks\"", "world=\"one-slot\""] {
        assert_eq!(max_of("", &[world, "pool.default.max=3"]), Some(3), "{world}");
        assert_eq!(max_of("other", &[world, "pool.default.max=3"]), None, "{world}");
        assert_eq!(max_of("", &[world]), None, "{world}");
    }
}

//! Layers, places and messages.
#![allow(clippy::unwrap_used)]

use super::{Config, Layer, load};
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// What loading says of documents, the later over the earlier. `--set ...` is an option.
fn check(documents: &[&str], expect: &Expect) {
    let layer = |(number, text): (usize, &&str)| match text.strip_prefix("--set ") {
        Some(assignment) => Layer::set(assignment),
        None => Layer::text(&format!("{}.toml", number + 1), text),
    };
    let layers: Vec<Layer> = documents.iter().enumerate().map(layer).collect();
    let said = match load(&layers) {
        Ok(_) => "no fault".to_owned(),
        Err(errors) => errors.to_string(),
    };
    expect.assert_eq(&said);
}

#[test]
fn nothing_at_all_is_the_default() {
    assert_eq!(load(&[]).unwrap(), Config::default());
    assert_eq!(
        load(&[Layer::text("a.toml", ""), Layer::text("b.toml", "\n# no\n")]).unwrap(),
        Config::default()
    );
}

#[test]
fn an_unknown_key_names_the_one_that_was_perhaps_meant() {
    check(
        &["[pool.linux]\nmx = 3"],
        &expect!["1.toml:2:1: pool.linux: found the unknown key `mx`, expected `max`?"],
    );
    check(
        &["[polcy]\nname = \"arc\""],
        &expect!["1.toml:1:2: found the unknown key `polcy`, expected `policy`?"],
    );
}

#[test]
fn a_later_layer_is_blamed_for_what_it_says_itself() {
    check(
        &["[policy]\nname = \"arc\"\n", "# nodes\n\n[nodes]\n  by = \"core\""],
        &expect![[
            r#"2.toml:4:8: nodes.by: found "core", expected "karpenter" (or nothing), since policy.name = "arc" implies it"#
        ]],
    );
    check(
        &["[policy]\nname = \"arc\"", "--set nodes.by=core"],
        &expect![[
            r#"--set nodes.by=core: nodes.by: found "core", expected "karpenter" (or nothing), since policy.name = "arc" implies it"#
        ]],
    );
}

#[test]
fn every_contradiction_is_told_in_the_order_of_reading() {
    check(
        &[
            "[pool.mac]\nkind = \"hosted\"\nnvme = true\n[pool.linux]\nmax = 0\nusd_per_minute = 0.008",
        ],
        &expect![[r#"
            1.toml:1:7: pool.mac.usd_per_minute: found nothing, expected a price in USD a minute, since kind = "hosted"
            1.toml:3:8: pool.mac.nvme: found a wish for nodes, expected no such key beside kind = "hosted": GitHub owns those machines
            1.toml:5:7: pool.linux.max: found 0, expected a whole number from 1 to 4294967295
            1.toml:6:18: pool.linux.usd_per_minute: found 0.008, expected no such key unless kind = "hosted""#]],
    );
}

#[test]
fn amounts_of_time_and_money_have_an_end() {
    check(
        &["run.warmup_s = -1\nrun.rate_scale = nan\nspot.deadline_s = inf"],
        &expect![[r#"
        1.toml:1:16: run.warmup_s: found -1, expected a number from 0 to 31622400
        1.toml:2:18: run.rate_scale: found NaN, expected a number from 0.001 to 1000
        1.toml:3:19: spot.deadline_s: found inf, expected a number from 0 to 86400"#]],
    );
    check(
        &["run.warmup_s = 99999999999999999999"],
        &expect!["1.toml:1:16: run.warmup_s: found 99999999999999999999, expected a number"],
    );
    check(
        &["policy.fixed.runners = 10.5"],
        &expect![
            "1.toml:1:24: policy.fixed.runners: found 10.5, expected a whole number from 0 to 4294967295"
        ],
    );
    check(
        &["reruns_max = -1"],
        &expect!["1.toml:1:14: reruns_max: found -1, expected a whole number from 0 to 4294967295"],
    );
}

#[test]
fn pools_on_the_same_nodes_agree_on_them() {
    check(
        &[
            "[pool.a]\nnodes = \"big\"\nfamilies = [\"m7i\"]\n[pool.b]\nnodes = \"big\"\nfamilies = [\"c7i\"]\narch = \"arm64\"",
        ],
        &expect![[
            r#"1.toml:6:12: pool.b.families: found another list, expected the list of the other pools on nodes "big""#
        ]],
    );
    check(
        &["[pool.a]\nisolated = true\n[pool.b]\nnodes = \"a\""],
        &expect![[
            r#"1.toml:2:12: pool.a.isolated: found true, expected no other pool to say nodes = "a""#
        ]],
    );
    check(
        &["[pool.b]\nisolated = true\n[pool.a]\nnodes = \"b\""],
        &expect![[
            r#"1.toml:2:12: pool.b.isolated: found true, expected no other pool to say nodes = "b""#
        ]],
    );
}

#[test]
fn a_set_value_is_toml_or_a_bare_word() {
    let set = |assignment| load(&[Layer::set(assignment)]).map_err(|errors| errors.to_string());
    assert_eq!(set("pool.linux.max=3").unwrap().pool["linux"].max, Some(3));
    assert_eq!(set("pool.\"ubuntu-22.04\".max = 3").unwrap().pool["ubuntu-22.04"].max, Some(3));
    assert_eq!(set("pool.x.labels=[\"a\", \"b=c\"]").unwrap().pool["x"].labels, ["a", "b=c"]);
    assert_eq!(set("world=one-slot").unwrap().world, super::World::OneSlot);
    assert_eq!(set("world=\"one-slot\"").unwrap().world, super::World::OneSlot);
    assert_eq!(set("run.from=2025-09-04").unwrap().run.from.unwrap().text(), "2025-09-04");
    assert_eq!(set("run.from=3d").unwrap().run.from.unwrap().text(), "3d");
    for (assignment, expected) in [
        (
            "world",
            expect!["--set world: found no `=`, expected KEY=VALUE, such as pool.linux.max=40"],
        ),
        (
            "=3",
            expect![[
                r#"--set =3: found the key "", expected names joined by dots; a name with other characters than letters, digits, - and _ in double quotes, such as pool."ubuntu-22.04".max=40"#
            ]],
        ),
        (
            "a b=3",
            expect![[
                r#"--set a b=3: found the key "a b", expected names joined by dots; a name with other characters than letters, digits, - and _ in double quotes, such as pool."ubuntu-22.04".max=40"#
            ]],
        ),
        (
            "world=",
            expect![[
                r#"--set world=: found the value "", expected a TOML value, such as 3, true, "text" or ["a"]"#
            ]],
        ),
        (
            "world=[",
            expect![[
                r#"--set world=[: found the value "[", expected a TOML value, such as 3, true, "text" or ["a"]"#
            ]],
        ),
        (
            "x=1\n[run]\nfrom=3",
            expect![[
                r#"--set x=1?[run]?from=3: found the value "1\n[run]\nfrom=3", expected a TOML value, such as 3, true, "text" or ["a"]"#
            ]],
        ),
        (
            "pool.ubuntu-22.04.max=3",
            expect![
                "--set pool.ubuntu-22.04.max=3: pool.ubuntu-22: found the unknown key `04`, expected `max`, `kind`, `usd_per_minute`, `labels`, `requests`, `isolated`, `nvme`, `arch`, `families`, `instance_types`, `cpu_max`, `capacity`, `pods_per_node_max`, `nodes_max`, `image_gb` or `nodes`"
            ],
        ),
    ] {
        expected.assert_eq(&set(assignment).unwrap_err());
    }
}

#[test]
fn a_tier_is_a_number_of_nodes() {
    let expected = "expected a whole number from 0 to 1000000, or \"auto\"";
    for (line, found) in [
        ("tiers.hot.count = \"many\"", "1:19: tiers.hot.count: found \"many\""),
        ("tiers.stopped.count = -1", "1:23: tiers.stopped.count: found -1"),
        ("tiers.stopped.count = 1.5", "1:23: tiers.stopped.count: found 1.5"),
    ] {
        let told = load(&[Layer::text("1.toml", line)]).unwrap_err().to_string();
        assert_eq!(told, format!("1.toml:{found}, {expected}"));
    }
}

#[test]
fn what_is_not_toml_is_shown() {
    check(
        &["a = = 3"],
        &expect![[r#"1.toml:1:5: found "= 3", expected TOML: extra `=`, expected nothing"#]],
    );
    check(
        &["[run\nfrom = 3"],
        &expect![
            "1.toml:1:5: found the end of the line, expected TOML: unclosed table, expected `]`"
        ],
    );
    check(
        &["run.from = 3\nrun.from = 4"],
        &expect![[r#"1.toml:2:5: found "from = 4", expected TOML: duplicate key"#]],
    );
    check(
        &["run = \"\"\"never closed"],
        &expect![[
            r#"1.toml:1:22: found the end of the line, expected TOML: invalid multi-line basic string, expected `"`"#
        ]],
    );
}

#[test]
fn a_date_is_no_text_and_text_is_no_number() {
    check(
        &["policy.name = 2025-01-01"],
        &expect![
            "1.toml:1:15: policy.name: found 2025-01-01, expected `fixed`, `arc`, `reactive`, `greenroom`, `oracle`, `taskcluster`, `gitlab`, `cron`, `one-vm-per-job`, `buildkite` or `placeholder`"
        ],
    );
    check(
        &["pool.a.labels = [2025-01-01]"],
        &expect!["1.toml:1:18: pool.a.labels.0: found 2025-01-01, expected a string"],
    );
    check(
        &["pool.a.max = \"3\""],
        &expect![[
            r#"1.toml:1:14: pool.a.max: found "3", expected a whole number from 0 to 4294967295"#
        ]],
    );
    check(
        &["pool.a.requests.memory = 16"],
        &expect![[
            r#"1.toml:1:26: pool.a.requests.memory: found 16, expected memory with its unit (MiB, GiB, TiB, MB, GB, TB) from "1MiB" to "64TiB", such as "16GiB""#
        ]],
    );
    check(
        &["pool.a.requests.cpu = \"4 cores\""],
        &expect![[
            r#"1.toml:1:23: pool.a.requests.cpu: found "4 cores", expected vCPUs from 0.001 to 4000, such as 4, 0.5, "4" or "3500m" (thousandths)"#
        ]],
    );
    check(&["pool = 3"], &expect!["1.toml:1:8: pool: found 3, expected a table"]);
    check(
        &["pool.a = [1]"],
        &expect!["1.toml:1:10: pool.a: found an array, expected a table of a pool's keys"],
    );
    check(
        &["pool.a.isolated = \"yes\""],
        &expect![[r#"1.toml:1:19: pool.a.isolated: found "yes", expected true or false"#]],
    );
    check(
        &["pool.a.capacity = [\"spot\", \"sport\"]"],
        &expect![[
            r#"1.toml:1:28: pool.a.capacity.1: found "sport", expected `spot` or `on-demand` (`spot`?)"#
        ]],
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Any text, as a document or as an assignment, is answered and never panics.
    #[test]
    fn any_text_is_answered(text in "[a-z.=\\[\\]{}\"'#\n 0-9-]{0,40}") {
        let _ = load(&[Layer::text("any.toml", &text), Layer::set(&text)]);
    }

    /// Two layers say what one says that joins them.
    #[test]
    fn layers_join(runners in 1..100_u32, max in 1..100_u32, over in 1..100_u32) {
        let under = format!("[policy]\nfixed.runners = {runners}\n[pool.a]\nmax = {max}\n");
        let layers = [Layer::text("a", &under), Layer::set(&format!("pool.a.max={over}"))];
        let joined = format!("[policy]\nfixed.runners = {runners}\n[pool.a]\nmax = {over}\n");
        prop_assert_eq!(load(&layers), load(&[Layer::text("a", &joined)]));
    }

    /// A configuration that is written out is read back as it was.
    #[test]
    fn written_configurations_are_read_back(max in 1..9_u32, milli in 1..9_999_u32) {
        let text = format!(
            "[pool.\"a.b\"]\nmax = {max}\narch = \"amd64\"\nrequests = {{ cpu = \"{milli}m\", memory = \"3GiB\" }}\n"
        );
        let config = load(&[Layer::text("a", &text)]).unwrap();
        let written = toml::to_string(&config).unwrap();
        prop_assert_eq!(load(&[Layer::text("b", &written)]).unwrap(), config);
    }
}

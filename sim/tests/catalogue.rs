//! The embedded table, its model of allocatable resources, and replacing it by a file.

use crate::data::real;
use expect_test::expect;
use greenroom_scheduler::id::TypeId;
use greenroom_sim::catalogue::{Architecture, Catalogue, Query, allocatable, max_pods_of};
use std::fmt::Write;

#[test]
fn the_embedded_table_is_large_sorted_and_consistent_with_the_model() {
    let catalogue = Catalogue::embedded();
    assert!(catalogue.len() >= 120);
    let mut before = "";
    for (id, kind) in catalogue.iter() {
        assert!(before < &*kind.name, "{}", kind.name);
        before = &kind.name;
        assert_eq!(catalogue.find(&kind.name), Ok(id));
        assert_eq!(catalogue.get(id), Some(kind));
        let model =
            allocatable(kind.architecture, kind.vcpu, kind.memory_mib, kind.gpu, kind.max_pods);
        assert_eq!(model, kind.allocatable, "{}", kind.name);
        // Two types have several network cards, and pods use the interfaces of the first alone.
        if !["g6e.24xlarge", "g6e.48xlarge"].contains(&&*kind.name) {
            assert_eq!(max_pods_of(kind.enis, kind.ipv4_per_eni), kind.max_pods, "{}", kind.name);
        }
        assert!(kind.on_demand.as_micros_per_hour() > 0, "{}", kind.name);
        assert!(kind.generation().is_some() && !kind.category().is_empty(), "{}", kind.name);
    }
    assert_eq!(catalogue.get(TypeId(catalogue.len() as u32)), None);
}

/// Figures that anyone can look up.
#[test]
fn known_types_have_their_known_figures() {
    let catalogue = Catalogue::embedded();
    let known = |name: &str| catalogue.get(catalogue.find(name).unwrap()).unwrap();
    let m7i = known("m7i.xlarge");
    assert_eq!((m7i.vcpu, m7i.memory_mib, m7i.max_pods), (4, 16_384, 58));
    assert_eq!(m7i.on_demand.as_micros_per_hour(), 201_600);
    assert_eq!((m7i.family(), m7i.size(), m7i.category()), ("m7i", "xlarge", "m"));
    assert_eq!(m7i.generation(), Some(7));
    let arm = known("c7gd.2xlarge");
    assert_eq!(arm.architecture, Architecture::Arm64);
    assert!(arm.local_nvme_gb > 0 && arm.gpu == 0);
    let gpu = known("g4dn.xlarge");
    assert_eq!((gpu.gpu, gpu.gpu_name.as_deref()), (1, Some("t4")));
    assert!(known("c5.metal").is_metal());
}

#[test]
fn queries_find_what_they_ask_for_and_nothing_else() {
    let catalogue = Catalogue::embedded();
    let names = |query: &Query| -> Vec<&str> {
        catalogue.select(query).iter().map(|id| &*catalogue.get(*id).unwrap().name).collect()
    };
    let text = |query: &str| names(&toml::from_str::<Query>(query).unwrap()).join(" ");
    let everything = catalogue.select(&Query::default());
    assert!(everything.iter().all(|id| {
        let kind = catalogue.get(*id).unwrap();
        kind.gpu == 0 && !kind.is_metal()
    }));
    expect!["m7g.2xlarge m7g.xlarge m7i.2xlarge m7i.xlarge"]
        .assert_eq(&text("families = [\"m7i\", \"m7g\"]\nvcpu_max = 8\nvcpu_min = 4"));
    expect!["g4dn.12xlarge g5.12xlarge g6.12xlarge g6e.12xlarge"]
        .assert_eq(&text("gpu_min = 4\nvcpu_max = 48"));
    expect!["c7gd.large c7gd.xlarge c8gd.large c8gd.xlarge i8g.large i8g.xlarge m7gd.large m7gd.xlarge m8gd.large m8gd.xlarge r7gd.large r7gd.xlarge r8gd.large r8gd.xlarge"].assert_eq(&text(
        "architectures = [\"arm64\"]\nlocal_nvme_gb_min = 100\nvcpu_max = 4\ngeneration_min = 7",
    ));
    expect!["c5.metal"].assert_eq(&text("types = [\"c5.metal\", \"nothing.large\"]"));
    let error = toml::from_str::<Query>("family = [\"m7i\"]").unwrap_err().to_string();
    assert!(error.contains("unknown field `family`"), "{error}");
}

#[test]
fn a_query_of_unknown_names_is_refused_before_it_finds_nothing() {
    let catalogue = Catalogue::embedded();
    let mut said = String::new();
    for query in
        ["types = [\"m7i.xlarge\", \"m7i.xlage\"]", "families = [\"m77\"]", "categories = [\"mm\"]"]
    {
        let query: Query = toml::from_str(query).unwrap();
        let error = query.check(&catalogue).unwrap_err().to_string();
        writeln!(said, "{}", error.chars().take(100).collect::<String>()).unwrap();
    }
    expect![[r#"
        types: found "m7i.xlage", expected an instance type, such as m7i.xlarge, m7i.8xlarge, m7i.large
        families: found "m77", expected one of c5, c5a, c5ad, c5d, c5n, c6a, c6g, c6gd, c6i, c6id, c7a, c7g,
        categories: found "mm", expected one of c, g, i, m, r, t, x
    "#]].assert_eq(&said);
    let good: Query = toml::from_str("types = [\"m7i.xlarge\"]\nfamilies = [\"m7i\"]").unwrap();
    assert_eq!(good.check(&catalogue), Ok(()));
}

#[test]
fn an_unknown_type_is_met_with_the_most_similar_ones() {
    let catalogue = Catalogue::embedded();
    let mut said = String::new();
    for name in ["m7i.16xlagre", "m7i", "c99.large", "zebra", ""] {
        writeln!(said, "{}", catalogue.find(name).unwrap_err()).unwrap();
    }
    expect![[r#"
        instance type: found "m7i.16xlagre", expected one of the catalogue, such as m7i.16xlarge, m7i.12xlarge, m7i.24xlarge
        instance type: found "m7i", expected one of the catalogue, such as m7i-flex.12xlarge, m7i-flex.16xlarge, m7i-flex.2xlarge
        instance type: found "c99.large", expected one of the catalogue
        instance type: found "zebra", expected one of the catalogue
        instance type: found "", expected one of the catalogue
    "#]].assert_eq(&said);
}

const HEADER: &str = "name,architecture,vcpu,memory_mib,network_mbps,local_nvme_gb,gpu,gpu_name,\
enis,ipv4_per_eni,max_pods,allocatable_cpu_milli,allocatable_memory_mib,\
on_demand_micros_per_hour,spot_saving_percent,spot_interruption_bucket";

#[test]
fn a_file_may_leave_out_what_follows_from_the_rest() {
    let file = format!("# mine\n{HEADER}\nm7i.xlarge,amd64,4,16384,0,0,0,,4,15,,,,201600,,\n");
    let mine = Catalogue::read("mine.csv", file.as_bytes()).unwrap();
    let embedded = Catalogue::embedded();
    let theirs = embedded.get(embedded.find("m7i.xlarge").unwrap()).unwrap();
    let ours = mine.get(mine.find("m7i.xlarge").unwrap()).unwrap();
    assert_eq!((ours.allocatable, ours.max_pods), (theirs.allocatable, theirs.max_pods));
    assert_eq!(ours.spot_saving_percent, None);
}

#[test]
fn a_bad_file_is_refused_with_file_line_field_found_and_expected() {
    let mut said = String::new();
    let rows = |rows: &str| format!("# a comment\n{HEADER}\n{rows}");
    for file in [
        String::new(),
        rows(""),
        "name,price\nm5.large,3\n".to_owned(),
        HEADER.replace("gpu_name", "gpu"),
        HEADER.replace(",enis", ""),
        rows("m5.large,x86-64,2\n"),
        rows("m5.large,sparc,2,8192,0,0,0,,3,10,29,1930,6903,96000,,\n"),
        rows("m5.large,x86-64,2.5,8192,0,0,0,,3,10,29,1930,6903,96000,,\n"),
        rows("m5.large,x86-64,2,8192,0,0,0,,3,10,29,9999,6903,96000,,\n"),
        rows("m5.large,x86-64,2,8192,0,0,0,,3,10,29,1930,6903,-1,,\n"),
        rows("m5.large,x86-64,2,8192,0,0,0,,3,10,29,1930,6903,96000,70%,\n"),
        rows("m5.large,x86-64,2,8192,0,0,0,,3,10,29,1930,6903,96000,70,5\n"),
        rows(",x86-64,2,8192,0,0,0,,3,10,29,1930,6903,96000,70,4\n"),
        rows(&"m5.large,x86-64,2,8192,0,0,0,,3,10,29,1930,6903,96000,70,4\n".repeat(2)),
        rows(&format!("{},x86-64\n", "m".repeat(500))),
    ] {
        let error = Catalogue::read("types.csv", file.as_bytes()).unwrap_err();
        writeln!(said, "{error}").unwrap();
    }
    let binary = Catalogue::read("types.csv", &b"name,\xff\xfe\n"[..]).unwrap_err();
    writeln!(said, "{binary}").unwrap();
    expect![[r#"
        types.csv:1: header: found 0 columns, expected the column name
        types.csv:2: file: found no row, expected at least one instance type
        types.csv:1: header: found "price", expected name,architecture,vcpu,memory_mib,network_mbps,local_nvme_gb,gpu,gpu_name,enis,ipv4_per_eni,max_pods,allocatable_cpu_milli,allocatable_memory_mib,on_demand_micros_per_hour,spot_saving_percent,spot_interruption_bucket
        types.csv:1: header: found "gpu", expected each column once
        types.csv:1: header: found 15 columns, expected the column enis
        types.csv:3: row: found 3 fields, expected 16 fields
        types.csv:3: architecture: found "sparc", expected x86-64 or arm64
        types.csv:3: vcpu: found "2.5", expected a whole number of 1 to 4096
        types.csv:3: allocatable_cpu_milli: found "9999", expected nothing, or a whole number of 1 to 2000
        types.csv:3: on_demand_micros_per_hour: found "-1", expected a whole number of 0 to 4294967295
        types.csv:3: spot_saving_percent: found "70%", expected nothing, or a whole number of 0 to 99
        types.csv:3: spot_interruption_bucket: found "5", expected nothing, or a whole number of 0 to 4
        types.csv:3: name: found "", expected a name such as m7i.xlarge
        types.csv:4: name: found "m5.large", expected each type once; it stands in line 3 too
        types.csv:3: row: found 2 fields, expected 16 fields
        types.csv:1: file: found other bytes, expected UTF-8 text
    "#]].assert_eq(&said);
}

/// The model against every type whose real figures are published.
#[test]
fn the_model_of_allocatable_agrees_with_every_published_type() {
    let Some(path) = real("prices/instance_types.csv") else { return };
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut compared = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let field =
            |name: &str| record.get(header.iter().position(|h| h == name).unwrap()).unwrap();
        if field("allocatable_memory_mi").is_empty() {
            continue;
        }
        let number = |name: &str| field(name).parse::<u32>().unwrap();
        let architecture = Architecture::named(field("arch")).unwrap();
        let (vcpu, memory) = (number("vcpu"), number("memory_mib"));
        let model = allocatable(architecture, vcpu, memory, 0, number("max_pods"));
        let cpu = field("allocatable_cpu").trim_end_matches('m');
        assert_eq!(model.cpu_milli.to_string(), cpu, "{}", field("instance_type"));
        assert_eq!(model.memory_mib, number("allocatable_memory_mi"), "{}", field("instance_type"));
        compared += 1;
    }
    assert!(compared > 1_300);
}

/// The embedded facts against the tables that they were taken from.
#[test]
fn the_embedded_table_says_what_its_sources_say() {
    let (Some(types), Some(advisor)) =
        (real("prices/instance_types.csv"), real("prices/advisor_linux_2025.csv"))
    else {
        return;
    };
    let catalogue = Catalogue::embedded();
    let mut seen = 0;
    for record in csv::Reader::from_path(types).unwrap().into_deserialize() {
        let row: std::collections::BTreeMap<String, String> = record.unwrap();
        let Ok(id) = catalogue.find(&row["instance_type"]) else { continue };
        let kind = catalogue.get(id).unwrap();
        let number = |column: &str| row[column].parse::<u32>().unwrap_or(0);
        assert_eq!(kind.vcpu, number("vcpu"));
        assert_eq!(kind.memory_mib, number("memory_mib"));
        assert_eq!(kind.max_pods, number("max_pods"));
        assert_eq!(kind.local_nvme_gb, number("local_nvme_gb"));
        assert_eq!(kind.gpu, number("gpu_count"));
        let usd: f64 = row["on_demand_usd_per_hour_us_east_1"].parse().unwrap();
        assert_eq!(kind.on_demand, greenroom_scheduler::money::Rate::from_usd_per_hour(usd));
        seen += 1;
    }
    assert_eq!(seen, catalogue.len());
    let mut advised = 0;
    for record in csv::Reader::from_path(advisor).unwrap().into_records() {
        let record = record.unwrap();
        if record.get(0) != Some("us-east-1") {
            continue;
        }
        let Ok(id) = catalogue.find(record.get(1).unwrap()) else { continue };
        let kind = catalogue.get(id).unwrap();
        assert_eq!(kind.spot_interruption_bucket.map(|b| b.to_string()).as_deref(), record.get(2));
        assert_eq!(kind.spot_saving_percent.map(|p| p.to_string()).as_deref(), record.get(3));
        advised += 1;
    }
    let known = catalogue.iter().filter(|(_, kind)| kind.spot_saving_percent.is_some()).count();
    assert_eq!(advised, known);
}

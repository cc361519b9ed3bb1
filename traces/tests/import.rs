//! Import, then read: the same arrivals as reading at once.

use crate::order::{runs, trace_of};
use crate::world::{World, data, open, told};
use expect_test::expect;
use greenroom_traces::{ImportOptions, Limit, ReadOptions, Source, Trace, TraceError, import};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

fn run(sources: &[PathBuf], options: &ReadOptions, how: ImportOptions<'_>, out: &Path) {
    let sources: Vec<_> = sources.iter().map(Source::new).collect();
    import(&sources, options, how, out).unwrap();
}

fn tell(sources: &[PathBuf], options: &ReadOptions) -> Vec<String> {
    let sources: Vec<_> = sources.iter().map(Source::new).collect();
    told(&mut Trace::open(&sources, options).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn import_keeps_every_arrival(
        runs in runs(),
        shuffle in any::<u64>(),
        rows_in_memory in 2_usize..40,
        extension in prop::sample::select(vec!["csv", "csv.gz", "csv.zst"]),
    ) {
        let (world, path) = World::with("a.csv", trace_of(&runs, shuffle));
        let out = world.dir.path().join(format!("out.{extension}"));
        let how = ImportOptions { rows_in_memory, ..ImportOptions::default() };
        let options = ReadOptions::default();
        run(std::slice::from_ref(&path), &options, how, &out);
        prop_assert_eq!(tell(&[out], &options), tell(&[path], &options));
    }
}

/// `--from` and `--to` cut the file as they cut a simulation: the jobs of a run that began before
/// are outside, although two of them became ready later.
#[test]
fn a_range_is_cut_out() {
    let trace = "run_id,job_id,ready_ms,duration_ms,predecessors\n\
                 1,build,0,60000,\n1,test,90000,60000,build\n1,lint,90000,1000,test\n\
                 2,build2,300000,60000,\n2,test2,370000,60000,build2\n3,late,900000,1000,\n";
    let (world, path) = World::with("a.csv", trace);
    let out = world.dir.path().join("out.csv");
    let range = ReadOptions {
        from: Some(Limit::parse("--from", "80s").unwrap()),
        to: Some(Limit::parse("--to", "800s").unwrap()),
        ..ReadOptions::default()
    };
    let sources = [Source::new(&path)];
    let provenance = import(&sources, &range, ImportOptions::default(), &out).unwrap();
    assert_eq!((provenance.rows_kept, provenance.rows_outside), (2, 4));
    expect![[r#"
        run_id,job_id,runner_class,ready_ms,duration_ms,predecessors
        2,build2,a,300000,60000,
        2,test2,a,370000,60000,build2
    "#]]
    .assert_eq(&std::fs::read_to_string(&out).unwrap());
    let direct = tell(&[path], &range);
    assert_eq!(tell(std::slice::from_ref(&out), &ReadOptions::default()), direct);

    let nothing = ReadOptions { from: Some(Limit::At(10_000_000)), ..ReadOptions::default() };
    let nowhere = world.dir.path().join("nothing.csv");
    let error = import(&sources, &nothing, ImportOptions::default(), &nowhere).unwrap_err();
    assert!(error.to_string().contains("6 outside --from and --to"), "{error}");
    assert!(!nowhere.exists());
}

#[test]
fn real_histories_survive_import() {
    let world = World::new();
    let classes = data("traces/bitcoin-core/runner_classes.csv");
    for (names, with_classes) in [
        (&["traces/bitcoin-core/jobs.csv.gz"][..], true),
        (&["traces/bitcoin-core/jobs.csv.gz"], false),
        (&["traces/linkerd2/jobs.csv.gz"], false),
        (
            &[
                "traces/firefox-ci/gecko-3-b-linux.csv.gz",
                "traces/firefox-ci/mobile-3-b-linux-large.csv.gz",
            ],
            false,
        ),
        (&["inputs/github-rest/alicewriteswrongs__stencil-speed__data__jobs.json"], false),
        (&["inputs/github-rest/michi-covalent__push-to-loki__testdata__jobs.json"], false),
    ] {
        let Some(files) = names.iter().map(|name| data(name)).collect::<Option<Vec<_>>>() else {
            return;
        };
        let options = ReadOptions {
            classes: classes.clone().filter(|_| with_classes),
            ..ReadOptions::default()
        };
        let out = world.dir.path().join("out.csv.zst");
        let how = ImportOptions { rows_in_memory: 5000, ..ImportOptions::default() };
        run(&files, &options, how, &out);
        let (imported, direct) = (tell(&[out], &ReadOptions::default()), tell(&files, &options));
        assert!(imported == direct, "{names:?}");
    }
}

#[test]
fn pseudonyms_keep_the_structure() {
    let (world, path) = World::with(
        "a.csv",
        "run_id,job_id,job_name,repository,head_branch,predecessors,runner_class,ready_ms,duration_ms\n\
         5,51,\"build (linux, 3.9)\",acme/web,feature/secret,,x64,1000,10\n\
         5,52,\"build (linux, 3.8)\",acme/web,main,51,x64,2000,10\n\
         6,61,lint,acme/api,main,,x64,3000,10\n",
    );
    let out = world.dir.path().join("out.csv");
    let how = ImportOptions { anonymise: true, ..ImportOptions::default() };
    run(std::slice::from_ref(&path), &ReadOptions::default(), how, &out);
    let text = std::fs::read_to_string(&out).unwrap();
    for secret in ["acme", "web", "secret", "build", "linux", "3.9", "lint", ",51", ",5,"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    // Digits and letters that follow a hyphen are the pseudonyms, which differ from run to run.
    let shape = |text: &str| {
        let mut seen = std::collections::BTreeMap::new();
        let words = text.split_inclusive([',', '\n', ' ', '(', ')', '/', '"']);
        words
            .map(|word| {
                let end = word.len() - 1;
                let (body, tail) =
                    if word.is_char_boundary(end) { word.split_at(end) } else { (word, "") };
                let known = body.split_once('-').filter(|(_, hash)| hash.len() == 12);
                let id = body.len() >= 19 && body.bytes().all(|byte| byte.is_ascii_digit());
                if known.is_none() && !id {
                    return word.to_owned();
                }
                let count = seen.len() + 1;
                let number = seen.entry(body.to_owned()).or_insert(count);
                let kind = known.map_or("id", |(kind, _)| kind);
                [kind, "#", &number.to_string(), tail].concat()
            })
            .collect::<String>()
    };
    expect![[r#"
        run_id,job_id,job_name,repository,head_branch,runner_class,ready_ms,duration_ms,predecessors
        id#1,id#2,"job#3 (part#4, part#5)",owner#6/repo#7,branch#8,x64,1000,10,
        id#1,id#9,"job#3 (part#4, part#10)",owner#6/repo#7,main,x64,2000,10,id#2
        id#11,id#12,job#13,owner#6/repo#14,main,x64,3000,10,
    "#]]
    .assert_eq(&shape(&text));
    let options = ReadOptions::default();
    assert_eq!(tell(&[out], &options).len(), tell(&[path], &options).len());
}

#[test]
fn nothing_is_left_of_an_import_that_fails() {
    let (world, path) = World::with("a.csv", "ready_ms,duration_ms\n1,1\n2,x\n");
    let out = world.dir.path().join("out.csv");
    let sources = [Source::new(&path)];
    let options = ReadOptions::default();
    let error = import(&sources, &options, ImportOptions::default(), &out).unwrap_err();
    expect![[r#"a.csv: line 3: duration_ms: found "x", expected whole milliseconds, 0 to 253402300799999"#]].assert_eq(&world.plain(&error.to_string()));
    let stop = AtomicBool::new(true);
    let how = ImportOptions { stop: Some(&stop), ..ImportOptions::default() };
    let error = import(&sources, &options, how, &out).unwrap_err();
    assert!(matches!(error, TraceError::Interrupted));
    let nowhere = world.dir.path().join("none/out.csv");
    let (_good_world, good) = World::with("a.csv", "ready_ms,duration_ms\n1,1\n");
    let error =
        import(&[Source::new(&good)], &options, ImportOptions::default(), &nowhere).unwrap_err();
    assert!(error.is_output());
    let text = world.plain(&error.to_string());
    assert!(text.starts_with("none/out.csv: cannot write: No such file or directory"), "{text}");
    let left: Vec<_> = std::fs::read_dir(world.dir.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "only the input is there");
}

#[test]
fn an_older_file_stays_until_the_new_one_is_whole() {
    let (world, path) = World::with("a.csv", "ready_ms,duration_ms\n1,1\n");
    let out = world.write("out.csv", "old");
    run(&[path], &ReadOptions::default(), ImportOptions::default(), &out);
    assert_eq!(
        std::fs::read_to_string(&out).unwrap(),
        "runner_class,ready_ms,duration_ms\na,1,1\n"
    );
    assert!(open(&out, &ReadOptions::default()).is_ok());
}

use greenroom_traces::generate::*;
use std::collections::BTreeMap;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let jobs: u32 = a[2].parse().unwrap();
    let seed = a.get(3).map_or(1, |s| s.parse().unwrap());
    let s = Spec { jobs, ..Spec::named(&a[1], seed).unwrap() };
    let t = std::time::Instant::now();
    let mut g = Generator::new(s).unwrap();
    let t0 = t.elapsed();
    let mut n = 0u64;
    let mut d = 0u64;
    let mut last = 0;
    let mut first = 0;
    let mut per = 0usize;
    let mut trig: BTreeMap<_, u64> = BTreeMap::new();
    let mut cls: BTreeMap<_, (u64, u64)> = BTreeMap::new();
    let mut con: BTreeMap<_, u64> = BTreeMap::new();
    let fine = a.len() > 4;
    while let Some(x) = g.next() {
        n += 1;
        d += x.duration.as_ms();
        last = x.enter.as_ms();
        if first == 0 {
            first = last
        }
        per += g.predecessors(&x).len();
        if fine {
            *trig.entry(x.trigger).or_default() += 1;
            let c = cls.entry(x.class).or_default();
            c.0 += 1;
            c.1 += x.duration.as_ms();
            *con.entry(format!("{:?}{}", x.conclusion, x.patience.is_some())).or_default() += 1;
        }
    }
    let e = t.elapsed();
    println!(
        "{} jobs {} new {:?} total {:?} ns/job {:.1} mean dur {:.0}s span {:.2}d per {}",
        a[1],
        n,
        t0,
        e,
        e.as_nanos() as f64 / n as f64,
        d as f64 / n as f64 / 1e3,
        (last - first) as f64 / 86.4e6,
        per
    );
    if fine {
        for (k, v) in trig {
            print!("{k:?} {:.3} ", v as f64 / n as f64)
        }
        for (k, v) in con {
            print!("{k} {:.3} ", v as f64 / n as f64)
        }
        for (k, v) in cls {
            print!(
                "{} {:.3} {:.0}s, ",
                g.names().text(k),
                v.0 as f64 / n as f64,
                v.1 as f64 / v.0 as f64 / 1e3
            )
        }
        println!();
    }
}

//! What the policy `greenroom` brings on spot, and against `reactive` on generated worlds.
//!
//! `cargo run --release -p greenroom-sim --example weighed -- spot` prints the row of spot against the
//! best in hindsight: ten-minute jobs on r5.16xlarge, one a node, the recording of us-east-1d
//! (`GREENROOM_DATA` names the folder of real data) beside two generated zones.
//! `-- worlds [COUNT]` prints cost plus 20 USD for each hour of queue time on critical paths, paired, on
//! generated worlds: fleets, spot weather and teams differ.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod spot;
mod worlds;

// Not every program that shares it uses all of it.
#[allow(dead_code)]
#[path = "../../benches/whole/mod.rs"]
mod whole;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("spot") => spot::print(),
        Some("worlds") => {
            let count = args.get(1).map_or(200, |count| count.parse().unwrap());
            worlds::print(count);
        }
        _ => println!("weighed -- spot | worlds [COUNT]"),
    }
}

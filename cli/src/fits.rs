//! Requests that no machine can meet, told rather than left to be found in the queue times.

use crate::print;
use greenroom_reports::names::Names;
use greenroom_scheduler::id::{SetId, TypeId};

/// Says which runner sets ask for more than any instance type of the run offers.
pub(crate) fn tell(names: &Names) {
    for sentence in misfits(names) {
        print::note(&sentence);
    }
}

fn misfits(names: &Names) -> Vec<String> {
    let types: Vec<_> = (0..).map_while(|number| names.instance_type(TypeId(number))).collect();
    let mut sentences = Vec::new();
    for number in 0..names.sets() {
        let Some(set) = names.set(number) else { continue };
        let is_hosted = names.hosted_per_minute(number).is_some();
        if is_hosted || types.iter().any(|kind| set.request.fits(kind.allocatable)) {
            continue;
        }
        sentences.push(format!(
            "{}: found jobs that ask for {} vCPU, {} MiB and {} GPU, expected no more than an \
             instance type offers; they wait until GitHub gives them up",
            names.set_name(SetId(number as u32)),
            f64::from(set.request.cpu_milli) / 1000.0,
            set.request.memory_mib,
            set.request.gpu
        ));
    }
    sentences
}

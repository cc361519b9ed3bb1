//! Requests that no machine can meet, told rather than left to be found in the queue times.

use crate::print;
use greenroom_reports::names::Names;

/// Says which runner sets ask for more than any instance type of their class offers.
pub(crate) fn tell(names: &Names) {
    for (set, misfit) in names.misfits() {
        let (name, request) = (names.set_name(*set), misfit.request);
        let expected = match misfit.largest {
            Some((kind, offers)) => {
                let kind = names.type_name(kind);
                format!("no more than its largest instance type offers ({kind}: {offers})")
            }
            None => "a class that allows an instance type".to_owned(),
        };
        print::note(&format!(
            "{name}: found jobs that ask for {request}, expected {expected}; they wait until GitHub \
             gives them up"
        ));
    }
}

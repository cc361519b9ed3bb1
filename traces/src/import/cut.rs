//! Rows within `--from` and `--to`, told of no predecessor outside.

use super::sort::Key;
use crate::compact::job_key;
use crate::error::{Place, TraceError};
use crate::held::Range;
use crate::options::Limit;
use crate::provenance::Provenance;
use crate::repair::Rule;
use crate::schema::Row;
use greenroom_scheduler::time::Time;
use std::borrow::Cow;
use std::collections::HashSet;

/// Takes rows in order of delivery.
pub(super) struct Cut {
    limits: (Option<Limit>, Option<Limit>),
    range: Option<Range>,
    /// Jobs before the range, which later ones may name. Looked up only, never walked.
    outside: HashSet<u128>,
}

impl Cut {
    pub(super) fn new(limits: (Option<Limit>, Option<Limit>)) -> Self {
        Self { limits, range: None, outside: HashSet::new() }
    }

    /// The row as it is written; none if it lies outside.
    pub(super) fn take<'r>(
        &mut self,
        key: Key,
        row: &'r Row,
        provenance: &mut Provenance,
    ) -> Result<Option<Cow<'r, Row>>, TraceError> {
        if self.limits == (None, None) {
            return Ok(Some(Cow::Borrowed(row)));
        }
        let enter = Time::from_ms(key.enter_ms as u64);
        let (limits, is_relative) = (self.limits, provenance.time_is_relative);
        let range = self.range.get_or_insert_with(|| Range::new(limits, enter, is_relative));
        if !range.has(enter) {
            provenance.rows_outside += 1;
            if !row.job_id.is_empty() {
                self.outside.insert(job_key(row, &row.job_id));
            }
            return Ok(None);
        }
        let is_outside = |id: &&str| self.outside.contains(&job_key(row, id));
        let outside = row.predecessor_ids().filter(is_outside).count();
        if outside == 0 {
            return Ok(Some(Cow::Borrowed(row)));
        }
        for _ in 0..outside {
            let Provenance { repairs, files, .. } = &mut *provenance;
            let place = || Place::whole(&files.0[0].0);
            let found = || "a predecessor before --from".to_owned();
            let ms = row.ready_ms.unwrap_or(0);
            repairs.note(Rule::PredecessorOutsideRange, place, ms, found)?;
        }
        let inside = row.predecessor_ids().filter(|id| !is_outside(id));
        let predecessors = inside.collect::<Vec<_>>().join(" ");
        Ok(Some(Cow::Owned(Row { predecessors, ..row.clone() })))
    }
}

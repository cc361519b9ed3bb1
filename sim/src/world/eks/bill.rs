//! What the world charges. Kept from launches and ends alone; the ledger of the reports is made
//! from entries and must agree.

use crate::beside::{Beside, BesideConfig, Lines};
use crate::engine::outbox::Outbox;
use greenroom_scheduler::fact::Fact;
use greenroom_scheduler::id::TeamId;
use greenroom_scheduler::journal::Sink;
use greenroom_scheduler::money::Money;
use greenroom_scheduler::time::Span;

/// The sum so far, and the prices beside EC2.
#[derive(Debug)]
pub(super) struct Bill {
    total: Money,
    prices: Beside,
}

impl Bill {
    pub(super) fn new(beside: &BesideConfig) -> Self {
        Self { total: Money::ZERO, prices: Beside::new(beside) }
    }

    pub(super) const fn total(&self) -> Money {
        self.total
    }

    /// A machine, or a hosted job.
    pub(super) fn add(&mut self, charge: Money) {
        self.total += charge;
    }

    /// What a node costs beside its machine.
    pub(super) fn node<S: Sink>(&mut self, ran: Span, out: &mut Outbox<'_, S>) {
        let lines = self.prices.node(ran);
        self.book(&lines, None, out);
    }

    /// What an attempt of a job costs beside its machine.
    pub(super) fn job<S: Sink>(&mut self, team: TeamId, ran: Span, out: &mut Outbox<'_, S>) {
        let lines = self.prices.job(ran);
        self.book(&lines, Some(team), out);
    }

    /// What a pull costs.
    pub(super) fn pull<S: Sink>(&mut self, bytes: u64, out: &mut Outbox<'_, S>) {
        let lines = self.prices.pull(bytes);
        self.book(&lines, None, out);
    }

    /// What runs all the time.
    pub(super) fn standing<S: Sink>(&mut self, ran: Span, out: &mut Outbox<'_, S>) {
        let lines = self.prices.standing(ran);
        self.book(&lines, None, out);
    }

    fn book<S: Sink>(&mut self, lines: &Lines, team: Option<TeamId>, out: &mut Outbox<'_, S>) {
        for (line, charge) in lines.iter() {
            if charge != Money::ZERO {
                self.total += charge;
                out.fact(&Fact::BesideBilled { line, team, charge });
            }
        }
    }
}

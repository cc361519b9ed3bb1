//! Provisioning: windows, rounds, claims on their way, and what ran out of capacity, as one state
//! machine without a clock of its own.

use super::batch::{BatchInput, BatchOutput, Batcher, Trigger};
use super::bits::Bits;
use super::config::KarpenterConfig;
use super::lifecycle::{ClaimInput, ClaimLife, ClaimOutput, Ended, Stage};
use super::unavailable::Unavailable;
use greenroom_scheduler::time::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// A NodeClaim, by a number that is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimId(pub u64);

/// What the provisioner is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// kube-scheduler cannot place the pod, or the node has pods to move, from now on.
    Pending(Trigger),
    /// The pod is bound or gone, or the node is gone.
    Settled(Trigger),
    /// The answer to [`Output::Solve`]: how long Solve takes
    /// ([`super::work::Work::took`]).
    Solving(Span),
    /// A claim was created, by a round or as a replacement.
    Created(ClaimId),
    /// Something happened to a claim.
    Claim(ClaimId, ClaimInput),
    /// A claim is gone for good.
    Gone(ClaimId),
    /// CreateFleet reported this offering without capacity, or a spot instance of it was
    /// interrupted.
    Refused(u32),
    /// Time has passed.
    Tick,
}

/// What the provisioner wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Run Solve on what there is now and answer with [`Input::Solving`] at once.
    Solve,
    /// Create the claims of the last Solve whose pools are within their limits
    /// ([`super::universe::Universe::exceeds_limits`]), and promise existing nodes to their pods.
    Commit,
    /// Launch the claim.
    Launch(ClaimId),
    /// The claim, and its instance if there is one, goes.
    Delete(ClaimId, Ended),
}

/// Karpenter's provisioning side.
#[derive(Clone, Debug)]
pub struct Provisioner {
    batcher: Batcher,
    unavailable: Unavailable,
    claims: BTreeMap<ClaimId, ClaimLife>,
    /// When each claim needs to be looked at; one entry a claim at most.
    timers: BTreeSet<(Time, ClaimId)>,
    batched: Vec<BatchOutput>,
}

impl Provisioner {
    /// Nothing pending, nothing on its way.
    pub fn new(config: &KarpenterConfig) -> Self {
        let ms = |ms: u32| Span::from_ms(u64::from(ms));
        Self {
            batcher: Batcher::new(ms(config.batch_idle_ms), ms(config.batch_max_ms)),
            unavailable: Unavailable::new(),
            claims: BTreeMap::new(),
            timers: BTreeSet::new(),
            batched: Vec::new(),
        }
    }

    /// Takes an input and adds what is to be done. What was due before is done first.
    pub fn handle(&mut self, now: Time, input: Input, outputs: &mut Vec<Output>) {
        self.run_timers(now, outputs);
        match input {
            Input::Pending(trigger) => self.batch(now, BatchInput::Pending(trigger), outputs),
            Input::Settled(trigger) => self.batch(now, BatchInput::Settled(trigger), outputs),
            Input::Solving(took) => self.batch(now, BatchInput::Solving(took), outputs),
            Input::Tick => self.batch(now, BatchInput::Tick, outputs),
            Input::Created(claim) => {
                self.claims.insert(claim, ClaimLife::new(now));
                self.step(now, claim, ClaimInput::Tick, outputs);
            }
            Input::Claim(claim, input) => self.step(now, claim, input, outputs),
            Input::Gone(claim) => {
                if let Some(life) = self.claims.remove(&claim)
                    && let Some(at) = life.next_at()
                {
                    self.timers.remove(&(at, claim));
                }
            }
            Input::Refused(offering) => self.unavailable.mark(now, offering),
        }
    }

    /// When something happens without an input.
    pub fn next_at(&self) -> Option<Time> {
        let claim = self.timers.first().map(|&(at, _)| at);
        self.batcher.next_at().into_iter().chain(claim).min()
    }

    /// Offerings without capacity, as places in the universe's offerings.
    pub fn unavailable(&mut self, now: Time) -> &Bits {
        self.unavailable.at(now)
    }

    /// How far a claim has come.
    pub fn stage(&self, claim: ClaimId) -> Option<Stage> {
        self.claims.get(&claim).map(ClaimLife::stage)
    }

    fn batch(&mut self, now: Time, input: BatchInput, outputs: &mut Vec<Output>) {
        self.batcher.handle(now, input, &mut self.batched);
        outputs.extend(self.batched.drain(..).map(|output| match output {
            BatchOutput::Solve => Output::Solve,
            BatchOutput::Commit => Output::Commit,
        }));
    }

    fn run_timers(&mut self, now: Time, outputs: &mut Vec<Output>) {
        while let Some(&(at, claim)) = self.timers.first() {
            if at > now {
                return;
            }
            self.step(now, claim, ClaimInput::Tick, outputs);
        }
    }

    fn step(&mut self, now: Time, claim: ClaimId, input: ClaimInput, outputs: &mut Vec<Output>) {
        let Some(life) = self.claims.get_mut(&claim) else { return };
        let before = life.next_at();
        let output = life.handle(now, input);
        let after = life.next_at();
        if let Some(at) = before {
            self.timers.remove(&(at, claim));
        }
        if let Some(at) = after {
            self.timers.insert((at, claim));
        }
        match output {
            Some(ClaimOutput::Launch) => outputs.push(Output::Launch(claim)),
            Some(ClaimOutput::Delete(why)) => outputs.push(Output::Delete(claim, why)),
            None => {}
        }
    }
}

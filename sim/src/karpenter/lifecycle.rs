//! A claim from its creation until its node is ready, and what ends it before
//! (core:…/nodeclaim/lifecycle).

use super::constants::{
    LAUNCH_BACKOFF_MAX, LAUNCH_BACKOFF_MIN, LAUNCH_TIMEOUT, REGISTRATION_TIMEOUT,
};
use greenroom_scheduler::time::{Span, Time};

/// How far a claim has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A launch is being tried, or will be.
    Launching,
    /// An instance runs; no node has joined.
    Launched,
    /// A node has joined; it is not ready for pods.
    Registered,
    /// Ready for pods.
    Initialized,
    /// Being deleted.
    Deleting,
}

/// What a claim is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimInput {
    /// The launch gave an instance.
    Launched,
    /// The launch was refused for want of capacity, or the provider found nothing to ask for.
    InsufficientCapacity,
    /// The launch failed otherwise: throttled, say.
    LaunchFailed,
    /// The node has joined.
    Registered,
    /// The node is ready, and free of startup taints.
    Initialized,
    /// Time has passed.
    Tick,
}

/// What a claim wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimOutput {
    /// Try to launch, now.
    Launch,
    /// The claim is deleted; an instance, if there is one, ends.
    Delete(Ended),
}

/// Why a claim ended before its node was ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// No capacity: its pods ask again within ten seconds.
    InsufficientCapacity,
    /// Not launched in time.
    LaunchTimeout,
    /// Not joined in time.
    RegistrationTimeout,
}

/// One claim.
#[derive(Clone, Copy, Debug)]
pub struct ClaimLife {
    created: Time,
    stage: Stage,
    retry_at: Option<Time>,
    backoff: Span,
}

impl ClaimLife {
    /// A claim that was created `now`. It wants to be launched at once.
    pub const fn new(now: Time) -> Self {
        Self {
            created: now,
            stage: Stage::Launching,
            retry_at: Some(now),
            backoff: LAUNCH_BACKOFF_MIN,
        }
    }

    /// How far it has come.
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// When something happens without an input.
    pub fn next_at(&self) -> Option<Time> {
        match self.stage {
            Stage::Launching => {
                let timeout = self.created + LAUNCH_TIMEOUT;
                Some(self.retry_at.map_or(timeout, |retry| retry.min(timeout)))
            }
            Stage::Launched => Some(self.created + REGISTRATION_TIMEOUT),
            Stage::Registered | Stage::Initialized | Stage::Deleting => None,
        }
    }

    /// Takes an input and says what is to be done. News that no longer fit are ignored: a claim
    /// that was given up stays given up.
    pub fn handle(&mut self, now: Time, input: ClaimInput) -> Option<ClaimOutput> {
        match (self.stage, input) {
            (Stage::Launching, ClaimInput::Launched) => self.stage = Stage::Launched,
            (Stage::Launching, ClaimInput::InsufficientCapacity) => {
                return Some(self.end(Ended::InsufficientCapacity));
            }
            (Stage::Launching, ClaimInput::LaunchFailed) => {
                self.retry_at = Some(now + self.backoff);
                self.backoff = (self.backoff + self.backoff).min(LAUNCH_BACKOFF_MAX);
            }
            (Stage::Launched, ClaimInput::Registered) => self.stage = Stage::Registered,
            (Stage::Registered, ClaimInput::Initialized) => self.stage = Stage::Initialized,
            _ => {}
        }
        self.tick(now)
    }

    fn tick(&mut self, now: Time) -> Option<ClaimOutput> {
        match self.stage {
            Stage::Launching if now >= self.created + LAUNCH_TIMEOUT => {
                Some(self.end(Ended::LaunchTimeout))
            }
            Stage::Launching if self.retry_at.is_some_and(|retry| retry <= now) => {
                self.retry_at = None;
                Some(ClaimOutput::Launch)
            }
            Stage::Launched if now >= self.created + REGISTRATION_TIMEOUT => {
                Some(self.end(Ended::RegistrationTimeout))
            }
            _ => None,
        }
    }

    const fn end(&mut self, why: Ended) -> ClaimOutput {
        self.stage = Stage::Deleting;
        ClaimOutput::Delete(why)
    }
}

//! What a message about an instance makes Karpenter do (aws:pkg/controllers/interruption).

/// A message of the queue, or of the instance status check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// Spot capacity is taken back in two minutes.
    SpotInterruption,
    /// Spot capacity is likelier to be taken back than before.
    RebalanceRecommendation,
    /// Maintenance is scheduled.
    ScheduledChange,
    /// The instance is stopping or ending.
    StateChange,
    /// A capacity reservation is taken back.
    ReservationInterruption,
    /// The instance or its host has failed its status checks for two minutes.
    StatusImpaired,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The offering counts as without capacity for three minutes.
    pub mark_unavailable: bool,
    /// The claim is deleted: the node drains, and where pods have to move, room is asked for.
    pub delete: bool,
    /// The node is not waited for: its deadline is now.
    pub at_once: bool,
}

impl Message {
    /// What Karpenter does about it. No replacement is started ahead: new room is asked for when
    /// the provisioner sees pods to move, and protected pods are not among them.
    pub const fn reaction(self) -> Reaction {
        match self {
            Self::SpotInterruption => {
                Reaction { mark_unavailable: true, delete: true, at_once: false }
            }
            Self::RebalanceRecommendation => {
                Reaction { mark_unavailable: false, delete: false, at_once: false }
            }
            Self::ScheduledChange | Self::StateChange | Self::ReservationInterruption => {
                Reaction { mark_unavailable: false, delete: true, at_once: false }
            }
            Self::StatusImpaired => {
                Reaction { mark_unavailable: false, delete: true, at_once: true }
            }
        }
    }
}

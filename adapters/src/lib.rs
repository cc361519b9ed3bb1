//! The live world: GitHub, Kubernetes, Karpenter, EC2 and Vault, driven by the core that was
//! simulated.
//!
//! Adapters observe and execute; they never decide. They feed
//! [`Event`](greenroom_scheduler::event::Event)s to the
//! [`Core`](greenroom_scheduler::core::Core), carry out its
//! [`Command`](greenroom_scheduler::command::Command)s, and report each
//! [`Outcome`](greenroom_scheduler::command::Outcome) back as an event.
//!
//! This room is empty so far: the simulated world came first, so that whatever moves in here can
//! be held against it.

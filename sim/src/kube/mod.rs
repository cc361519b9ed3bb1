//! The simulated Kubernetes: kube-scheduler, the kubelets, and what nodes share.
//!
//! It does no IO and knows no clock: the driver calls with a [`Step`] (the instant, where timers
//! go, where news goes) and rings timers back through [`Cluster::on_timer`]. Everything lives in
//! tables by slot; lists are threaded through them; nothing is hashed, and nothing is allocated
//! once the tables have grown.
//!
//! A pod's way: queue, attempt, binding, image, container start, run, exit, gone.
//!
//! Left out, knowingly: scores other than `NodeResourcesFit` (image locality and balance are the
//! others that can matter to runner pods), sampling of nodes in clusters of over a hundred, topology
//! spread and pod affinity, out-of-memory kills and pressure evictions, and scheduling requeues for
//! which there is no room (the real scheduler tries those in vain, which costs it attempts).

mod attempt;
mod cluster;
pub mod config;
mod drain;
mod fleet;
mod flow;
mod image;
mod index;
mod list;
mod node;
mod output;
mod pod;
mod preempt;
mod pull;
mod queue;
mod requests;
mod score;
mod share;
mod slots;
mod start;
mod step;
mod throttle;
mod timer;
mod view;
mod wake;

pub use cluster::Cluster;
pub use config::{Config, Scoring};
pub use image::{Image, ImageId};
pub use node::NodeSpec;
pub use output::{Answer, End, Output};
pub use pod::{Constraint, Labels, Phase, PodSpec, Priority, Spans};
pub use step::Step;
pub use timer::Timer;
pub use view::NodeView;

//! Karpenter among the other parts of the world: what it does to jobs and nodes, held to what the
//! notes on the real code say of it. Every run is held to all laws, and replayed.

mod going;
mod money;
mod rounds;
mod scale;
mod told;
mod town;

//! Randomness by name: every draw belongs to a stream that (seed, purpose, entity) names.
//!
//! Nothing shares a generator, so one more node, one more policy or another order of events moves
//! no draw of anything else. That is what lets two policies meet the same world.

mod key;
mod normal;
mod purpose;
mod stream;

pub use key::{pair, text, triple};
pub use normal::normal_quantile;
pub use purpose::Purpose;
pub use stream::{Stream, Streams};

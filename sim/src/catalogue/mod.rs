//! Which instance types there are, and what is known of each.

mod allocatable;
mod architecture;
mod instance_type;
mod query;
mod read;
mod table;

pub use allocatable::{allocatable, max_pods_of};
pub use architecture::Architecture;
pub use instance_type::InstanceType;
pub use query::{Query, UnknownName};
pub use read::ReadError;
pub(crate) use read::{broken, shown};
pub use table::{Catalogue, UnknownType};

//! From the launch call to a node that takes pods: which latencies apply to which machine.

use super::{Distribution, Latencies};
use crate::catalogue::{Architecture, Catalogue, InstanceType};
use crate::random::Stream;
use greenroom_scheduler::time::Span;
use thiserror::Error;

/// Machines of this many vCPU and more are slow to come: the measured ones are 16xlarge.
const LARGE_VCPU: u32 = 64;

/// The image that a configuration names is none that is known.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("image: found {found:?}, expected one of {}", expected.join(", "))]
pub struct UnknownImage {
    /// What stands there.
    pub found: String,
    /// The images that are known.
    pub expected: Vec<String>,
}

/// The latencies of one kind of node, looked up once and sampled for each launch.
#[derive(Clone, Debug, PartialEq)]
pub struct BootParts {
    pending: Distribution,
    extra: Vec<Distribution>,
    registered: Distribution,
    ready: Distribution,
}

/// When the stages of one boot end, counted from the answer to the launch call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootTimes {
    /// The machine runs.
    pub running: Span,
    /// Its kubelet has registered: the cluster knows the node.
    pub registered: Span,
    /// The node takes pods.
    pub ready: Span,
}

impl BootParts {
    /// One boot. `running <= registered <= ready`.
    pub fn sample(&self, stream: &mut Stream) -> BootTimes {
        let running = self.pending.sample(stream);
        let registered = running + self.registered.sample(stream);
        let mut ready = registered + self.ready.sample(stream);
        let mut registered = registered;
        for extra in &self.extra {
            let extra = extra.sample(stream);
            registered += extra;
            ready += extra;
        }
        BootTimes { running, registered, ready }
    }

    /// The least from the answer to the launch call until the node takes pods, in seconds: no draw
    /// gives less.
    pub fn least_ready_s(&self) -> f64 {
        let parts = self.extra.iter().chain([&self.pending, &self.registered, &self.ready]);
        // Each part is rounded to the millisecond.
        parts.map(|part| (part.least_s() - 0.001).max(0.0)).sum()
    }

    /// Mean from the answer to the launch call until the node takes pods, in seconds.
    pub fn mean_ready_s(&self) -> f64 {
        self.extra
            .iter()
            .chain([&self.pending, &self.registered, &self.ready])
            .map(Distribution::mean_s)
            .sum()
    }
}

impl Latencies {
    /// The images that a node can boot: those of the defaults, then the user's own by name.
    pub fn images(&self) -> Vec<String> {
        let known = ["al2023", "al2", "bottlerocket", "windows"];
        let own = self.image.keys().map(String::as_str).filter(|name| !known.contains(name));
        known.into_iter().chain(own).map(str::to_owned).collect()
    }

    /// What the boot of such a machine with such an image is made of. `nvme_raid` says whether its
    /// local disks are joined into one (Karpenter's `instanceStorePolicy: RAID0`). An image of the
    /// user's own goes before a default one of the same name.
    pub fn boot(
        &self,
        image: &str,
        machine: &InstanceType,
        nvme_raid: bool,
    ) -> Result<BootParts, UnknownImage> {
        let boot = &self.boot;
        let (registered, ready) = match (self.image.get(image), image) {
            (Some(own), _) => (&own.registered, &own.ready),
            (None, "al2023") => (&boot.al2023_registered, &boot.al2023_ready),
            (None, "al2") => (&boot.al2_registered, &boot.al2_ready),
            (None, "bottlerocket") => (&boot.bottlerocket_registered, &boot.bottlerocket_ready),
            (None, "windows") => (&boot.windows_registered, &boot.windows_ready),
            (None, _) => {
                return Err(UnknownImage { found: image.to_owned(), expected: self.images() });
            }
        };
        Ok(BootParts {
            pending: self.ec2.pending.clone(),
            extra: self.extra_of(machine, nvme_raid),
            registered: registered.clone(),
            ready: ready.clone(),
        })
    }

    /// The families under `latency.family` that the catalogue has no type of: misspelt, or of no use.
    pub fn unknown_families(&self, catalogue: &Catalogue) -> Vec<&str> {
        let known = |name: &str| catalogue.iter().any(|(_, kind)| kind.family() == name);
        self.family.keys().map(String::as_str).filter(|name| !known(name)).collect()
    }

    fn extra_of(&self, machine: &InstanceType, nvme_raid: bool) -> Vec<Distribution> {
        if let Some(own) = self.family.get(machine.family()) {
            return vec![own.clone()];
        }
        let large = match machine.architecture {
            Architecture::X86_64 => &self.extra.large_x86,
            Architecture::Arm64 => &self.extra.large_arm,
        };
        [
            (machine.is_metal(), &self.extra.metal),
            (machine.gpu > 0, &self.extra.gpu),
            // The figure of bare metal is that of a large machine already.
            (machine.vcpu >= LARGE_VCPU && !machine.is_metal(), large),
            (nvme_raid && machine.local_nvme_gb > 0, &self.extra.nvme_raid),
        ]
        .into_iter()
        .filter(|(applies, _)| *applies)
        .map(|(_, extra)| extra.clone())
        .collect()
    }
}

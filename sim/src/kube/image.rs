//! Container images, and those that a node holds.

use greenroom_scheduler::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An image, by its place in the list that the cluster was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageId(pub u32);

/// A container image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// What is pulled.
    pub compressed_mb: u32,
    /// What it occupies when unpacked, without the compressed bytes that the runtime keeps too.
    pub unpacked_mb: u32,
    /// What each container's start reads and writes on the node's disk.
    #[serde(default)]
    pub start_disk_mb: u32,
    /// Part of the machine image, hence on every node from the start and for ever.
    #[serde(default)]
    pub baked: bool,
}

impl Image {
    /// What a pull writes, and what the image occupies: the compressed bytes are kept.
    pub(super) const fn disk_mb(&self) -> u32 {
        self.compressed_mb.saturating_add(self.unpacked_mb)
    }
}

/// An image on a node's disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    image: ImageId,
    disk_mb: u32,
    used_at: Time,
}

/// The images on a node's disk. Few, so a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache {
    held: Vec<Held>,
}

impl Cache {
    pub(super) fn clear(&mut self) {
        self.held.clear();
    }

    /// Whether the image is there; if so, it counts as used now.
    pub(super) fn touch(&mut self, image: ImageId, now: Time) -> bool {
        let held = self.held.iter_mut().find(|held| held.image == image);
        held.is_some_and(|held| {
            held.used_at = now;
            true
        })
    }

    pub(super) fn contains(&self, image: ImageId) -> bool {
        self.held.iter().any(|held| held.image == image)
    }

    pub(super) fn add(&mut self, image: ImageId, disk_mb: u32, now: Time) {
        if !self.touch(image, now) {
            self.held.push(Held { image, disk_mb, used_at: now });
        }
    }

    /// Removes the images that were used longest ago until the rest fits into `room_mb`. Images in
    /// use stay, as the kubelet's garbage collection leaves them, so the room may be exceeded.
    pub(super) fn shrink(&mut self, room_mb: u32, in_use: impl Fn(ImageId) -> bool) {
        let mut sum: u64 = self.held.iter().map(|held| u64::from(held.disk_mb)).sum();
        while sum > u64::from(room_mb) {
            let unused = self.held.iter().enumerate().filter(|(_, held)| !in_use(held.image));
            let oldest = unused.min_by_key(|(_, held)| (held.used_at, held.image));
            let Some((place, held)) = oldest else { return };
            sum -= u64::from(held.disk_mb);
            self.held.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_used_longest_ago_goes_first_and_one_in_use_never() {
        let mut cache = Cache::default();
        for (image, at) in [(0, 10), (1, 20), (2, 30)] {
            cache.add(ImageId(image), 100, Time::from_ms(at));
        }
        assert!(cache.touch(ImageId(0), Time::from_ms(40)));
        cache.shrink(299, |_| false);
        assert!(!cache.contains(ImageId(1)) && cache.contains(ImageId(0)));
        cache.shrink(100, |image| image == ImageId(2));
        assert!(cache.contains(ImageId(2)) && !cache.contains(ImageId(0)));
        cache.shrink(0, |image| image == ImageId(2));
        assert!(cache.contains(ImageId(2)));
    }
}

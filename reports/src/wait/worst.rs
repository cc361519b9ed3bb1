//! The jobs that waited longest.

use super::story::Story;
use greenroom_scheduler::time::Span;
use std::cmp::Reverse;

/// The `n` longest waits; equal ones in the order of the trace.
#[derive(Clone, Debug)]
pub struct Worst {
    most: usize,
    /// Longest first.
    stories: Vec<Story>,
}

impl Worst {
    /// Keeps the `most` longest.
    pub const fn new(most: usize) -> Self {
        Self { most, stories: Vec::new() }
    }

    /// Takes a job into account.
    pub fn add(&mut self, story: &Story) {
        let key = key(story);
        let place = self.stories.partition_point(|known| self::key(known) < key);
        if place < self.most {
            self.stories.insert(place, story.clone());
            self.stories.truncate(self.most);
        }
    }

    /// Longest first.
    pub fn stories(&self) -> &[Story] {
        &self.stories
    }
}

fn key(story: &Story) -> (Reverse<Span>, u32) {
    (Reverse(story.waited), story.job.serial)
}

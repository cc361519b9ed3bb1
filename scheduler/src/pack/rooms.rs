//! Pods onto nodes that are there or on their way, before anything is bought.

use super::amounts::CPU;
use super::order::Order;
use super::problem::Problem;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// First fit, the biggest first, room by room. Gives what went where: room, group, how many.
pub(super) fn house(problem: &Problem<'_>, left: &mut [u32]) -> Vec<(u32, u32, u32)> {
    let mut housed = Vec::new();
    if problem.rooms.is_empty() {
        return housed;
    }
    let mut groups: Vec<u32> = (0..problem.groups.len() as u32).collect();
    groups.sort_by_key(|group| {
        let asks = problem.groups[*group as usize].asks;
        (Reverse((asks.0[CPU], asks)), *group)
    });
    let mut order = Order::new(groups, |group| problem.groups[group as usize].asks);
    for (number, room) in (0..).zip(problem.rooms) {
        let (mut free, mut pods, mut from) = (room.free, room.pods, 0);
        while let Some(place) = order.find(from, &free) {
            from = place + 1;
            let group = order.group(place);
            let known = &problem.groups[group as usize];
            let within = known.pods_max.saturating_sub(pods);
            if !room.admits.contains(known.scope as usize) || within == 0 {
                continue;
            }
            let here = &mut left[group as usize];
            let count = known.asks.times_in(&free, within.min(*here));
            free = free.minus(&known.asks.times(count));
            (*here, pods) = (*here - count, pods + count);
            if count > 0 {
                housed.push((number, group, count));
            }
            if *here == 0 {
                order.remove(place);
            }
        }
    }
    housed
}

//! How a page looks: on a screen, on paper, light and dark.

use crate::chart::{Ink, PALETTE};
use std::fmt::Write;

/// The style sheet. Charts take their dark colours by their light ones.
pub(super) fn css() -> String {
    let mut css = include_str!("style.css").to_owned();
    css.push_str("@media screen and (prefers-color-scheme: dark) {\n");
    for ink in PALETTE {
        let (light, dark) = (Ink::hex(ink.light), Ink::hex(ink.dark));
        let _ = writeln!(css, "  .chart [fill=\"{light}\"] {{ fill: {dark}; }}");
        let _ = writeln!(css, "  .chart [stroke=\"{light}\"] {{ stroke: {dark}; }}");
    }
    css.push_str("}\n");
    css
}

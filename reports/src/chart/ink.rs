//! Colours, by what they mean. Each has a counterpart for dark pages, found by its hex code.

use plotters::style::RGBColor;

/// A colour on light and on dark paper.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ink {
    pub(crate) light: RGBColor,
    pub(crate) dark: RGBColor,
}

const fn ink(light: u32, dark: u32) -> Ink {
    Ink { light: rgb(light), dark: rgb(dark) }
}

const fn rgb(hex: u32) -> RGBColor {
    RGBColor((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

pub(super) const PAPER: Ink = ink(0xFF_FF_FF, 0x15_1A_20);
pub(super) const TEXT: Ink = ink(0x1B_27_33, 0xE6_EB_F0);
pub(super) const MUTED: Ink = ink(0x5B_6B_7A, 0x9D_AD_BC);
pub(super) const GRID: Ink = ink(0xE2_E7_EB, 0x2D_36_3F);

/// What is modelled: the simulation's own figures.
pub(super) const MODELLED: Ink = ink(0x2F_6D_B5, 0x6F_A8_E5);
/// What was measured: the record.
pub(super) const MEASURED: Ink = ink(0x8A_4F_A3, 0xC4_93_DA);

pub(super) const WAITING: Ink = ink(0xD1_49_5B, 0xE8_7A_88);
pub(super) const IDLE: Ink = ink(0xA9_C4_E2, 0x3F_62_8A);
pub(super) const STARTUP: Ink = ink(0xE0_B0_52, 0xD9_AE_5B);
pub(super) const INTERRUPTED: Ink = ink(0xC2_45_3A, 0xE0_74_69);
pub(super) const OTHER: Ink = ink(0x9A_A5_AF, 0x74_81_8D);
pub(super) const SPOT: Ink = ink(0x2A_9D_8F, 0x5C_C2_B5);
pub(super) const ON_DEMAND: Ink = ink(0x3F_5B_86, 0x8B_A6_D0);

/// Every colour that charts use.
pub(crate) const PALETTE: [Ink; 13] = [
    PAPER,
    TEXT,
    MUTED,
    GRID,
    MODELLED,
    MEASURED,
    WAITING,
    IDLE,
    STARTUP,
    INTERRUPTED,
    OTHER,
    SPOT,
    ON_DEMAND,
];

impl Ink {
    /// `#1B2733`, as `plotters` writes it.
    pub(crate) fn hex(color: RGBColor) -> String {
        format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2)
    }
}

//! Paper to draw on, in pixels of a page that is [`WIDTH`] wide.

use super::ink::{self, Ink};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontFamily, IntoFont, ShapeStyle, TextStyle};

/// Width of every chart.
pub(super) const WIDTH: f64 = 880.0;

/// Size of most text.
pub(super) const SMALL: f64 = 12.0;

/// A chart that could not be drawn.
#[derive(Clone, Debug, thiserror::Error)]
#[error("a chart could not be drawn: {0}")]
pub struct ChartError(pub(super) String);

pub(super) type Drawn = Result<(), ChartError>;

/// Where text stands to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

/// A backend, the scale of its pixels, and how far down the chart begins.
pub(super) struct Sheet<B> {
    backend: B,
    scale: f64,
    top: f64,
    drop: f64,
}

impl<B: DrawingBackend> Sheet<B> {
    pub(super) const fn new(backend: B, scale: f64, top: f64) -> Self {
        Self { backend, scale, top, drop: 0.0 }
    }

    /// Puts text lower by this part of its size, for a backend that centres boxes and not
    /// letters.
    #[cfg(feature = "png")]
    pub(super) const fn dropping(mut self, drop: f64) -> Self {
        self.drop = drop;
        self
    }

    pub(super) fn finish(&mut self) -> Drawn {
        self.backend.present().map_err(error)
    }

    fn at(&self, x: f64, y: f64) -> (i32, i32) {
        ((x * self.scale).round() as i32, ((y + self.top) * self.scale).round() as i32)
    }

    /// A filled box; one of no size is not drawn.
    pub(super) fn area(
        &mut self,
        corner: (f64, f64),
        size: (f64, f64),
        ink: Ink,
        alpha: f64,
    ) -> Drawn {
        let from = self.at(corner.0, corner.1);
        let to = self.at(corner.0 + size.0, corner.1 + size.1);
        if to.0 <= from.0 || to.1 <= from.1 {
            return Ok(());
        }
        // The far corner of a box is within it.
        let to = (to.0 - 1, to.1 - 1);
        let style = ink.light.mix(alpha).filled();
        self.backend.draw_rect(from, to, &style, true).map_err(error)
    }

    pub(super) fn line(&mut self, points: &[(f64, f64)], ink: Ink, width: f64) -> Drawn {
        let points: Vec<(i32, i32)> = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        let style = ShapeStyle {
            color: ink.light.to_rgba(),
            filled: false,
            stroke_width: (width * self.scale).round().max(1.0) as u32,
        };
        self.backend.draw_path(points, &style).map_err(error)
    }

    pub(super) fn shape(&mut self, points: &[(f64, f64)], ink: Ink, alpha: f64) -> Drawn {
        let points: Vec<(i32, i32)> = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        let style = ink.light.mix(alpha).filled();
        self.backend.fill_polygon(points, &style).map_err(error)
    }

    pub(super) fn dot(&mut self, center: (f64, f64), radius: f64, ink: Ink) -> Drawn {
        let (center, radius) = (self.at(center.0, center.1), (radius * self.scale) as u32);
        let style = ink.light.filled();
        self.backend.draw_circle(center, radius, &style, true).map_err(error)
    }

    /// Text whose middle is at `y`.
    pub(super) fn text(
        &mut self,
        (x, y): (f64, f64),
        align: Align,
        size: f64,
        ink: Ink,
        text: &str,
    ) -> Drawn {
        let h_pos = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        let font = (FontFamily::SansSerif, size * self.scale * POINTS_PER_PIXEL).into_font();
        let style = TextStyle::from(font).color(&ink.light).pos(Pos::new(h_pos, VPos::Center));
        let at = self.at(x, y + size * self.drop);
        self.backend.draw_text(text, &style, at).map_err(error)
    }

    /// A legend in one row that ends at the right edge of the plot.
    pub(super) fn legend(&mut self, right: f64, y: f64, entries: &[(Ink, &str)]) -> Drawn {
        const SWATCH: f64 = 10.0;
        const GAP: f64 = 16.0;
        let width = |name: &str| SWATCH + 5.0 + text_width(name, SMALL) + GAP;
        let all: f64 = entries.iter().map(|(_, name)| width(name)).sum();
        let mut x = right - all + GAP;
        for (ink, name) in entries {
            self.area((x, y - SWATCH / 2.0), (SWATCH, SWATCH), *ink, 1.0)?;
            self.text((x + SWATCH + 5.0, y), Align::Left, SMALL, ink::TEXT, name)?;
            x += width(name);
        }
        Ok(())
    }
}

/// The library takes font sizes in points and divides by this to get pixels.
const POINTS_PER_PIXEL: f64 = 1.24;

fn error(error: impl std::fmt::Display) -> ChartError {
    ChartError(error.to_string())
}

/// About how wide a text is in a wide font. Layout needs no better, and must not hang on the
/// fonts of a machine.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let em = |letter: char| match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ' ' | '\'' | '|' | '/' => 0.32,
        'f' | 't' | 'r' | '(' | ')' | '-' => 0.40,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.93,
        'A'..='Z' => 0.70,
        _ => 0.62,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// A name cut to a width, with dots where it was cut.
pub(super) fn fitted(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        if text_width(&short, size) + text_width("m…", size) > width {
            break;
        }
        short.push(letter);
    }
    short + "…"
}

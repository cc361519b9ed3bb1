//! Hours of the week: how many jobs became ready, and how long they waited.

use super::Data;
use super::ink::{self, Ink};
use super::sheet::{Align, Drawn, SMALL, Sheet, WIDTH, text_width};
use crate::words;
use plotters::prelude::DrawingBackend;

pub(super) const HEIGHT: u32 = 470;

const LEFT: f64 = 58.0;
const RIGHT: f64 = WIDTH - 18.0;
const ROW: f64 = 22.0;
const HEAD: f64 = 34.0;
const PANEL: f64 = HEAD + 7.0 * ROW + 46.0;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Faintest colour of a cell that has anything.
const ALPHA_MIN: f64 = 0.06;

pub(super) fn draw<B: DrawingBackend>(data: &Data<'_>, sheet: &mut Sheet<B>) -> Drawn {
    let jobs = data.week.jobs();
    let jobs_text = |mean: f64| {
        if mean >= 10.0 { words::count(mean.round() as u64) } else { format!("{mean:.1}") }
    };
    let head = "Jobs that became ready in an hour, mean";
    panel(sheet, 0.0, head, ink::MODELLED, &jobs, &jobs_text)?;
    let queue = data.week.queue_s();
    let head = "Mean queue time of those jobs";
    panel(sheet, PANEL, head, ink::WAITING, &queue, &words::seconds)
}

fn panel<B: DrawingBackend>(
    sheet: &mut Sheet<B>,
    top: f64,
    head: &str,
    ink: Ink,
    cells: &[Option<f64>],
    text: &impl Fn(f64) -> String,
) -> Drawn {
    let most = cells.iter().flatten().copied().fold(0.0, f64::max);
    sheet.text((LEFT, top + 16.0), Align::Left, SMALL + 1.0, ink::TEXT, head)?;
    ramp(sheet, top + 16.0, ink, &text(most))?;
    let wide = (RIGHT - LEFT) / 24.0;
    let grid = top + HEAD;
    for (day, name) in DAYS.into_iter().enumerate() {
        let middle = grid + ROW * (day as f64 + 0.5);
        sheet.text((LEFT - 10.0, middle), Align::Right, SMALL, ink::MUTED, name)?;
    }
    for (place, cell) in cells.iter().enumerate() {
        let (day, hour) = ((place / 24) as f64, (place % 24) as f64);
        let corner = (LEFT + wide * hour + 1.0, grid + ROW * day + 1.0);
        let size = (wide - 2.0, ROW - 2.0);
        match cell {
            Some(value) if *value > 0.0 => {
                let alpha = ALPHA_MIN + (1.0 - ALPHA_MIN) * value / most;
                sheet.area(corner, size, ink, alpha)?;
            }
            Some(_) => sheet.area(corner, size, ink, ALPHA_MIN / 2.0)?,
            // Nothing is known of this hour: only its outline.
            None => {
                let (x, y) = corner;
                let (far, low) = (x + size.0, y + size.1);
                let outline = [(x, y), (far, y), (far, low), (x, low), (x, y)];
                sheet.line(&outline, ink::GRID, 1.0)?;
            }
        }
    }
    for hour in (0..24).step_by(3) {
        let name = format!("{hour}:00");
        let at = (LEFT + wide * f64::from(hour), grid + 7.0 * ROW + 12.0);
        sheet.text(
            at,
            if hour == 0 { Align::Left } else { Align::Middle },
            SMALL,
            ink::MUTED,
            &name,
        )?;
    }
    let at = (RIGHT, grid + 7.0 * ROW + 12.0);
    sheet.text(at, Align::Right, SMALL, ink::MUTED, "UTC")
}

/// From nothing to the most.
fn ramp<B: DrawingBackend>(sheet: &mut Sheet<B>, y: f64, ink: Ink, most: &str) -> Drawn {
    const STEPS: usize = 12;
    const STEP: f64 = 9.0;
    let right = RIGHT - text_width(most, SMALL) - 6.0;
    let left = right - STEPS as f64 * STEP;
    for step in 0..STEPS {
        let alpha = ALPHA_MIN + (1.0 - ALPHA_MIN) * (step as f64 + 0.5) / STEPS as f64;
        sheet.area((left + STEP * step as f64, y - 5.0), (STEP, 10.0), ink, alpha)?;
    }
    sheet.text((left - 6.0, y), Align::Right, SMALL, ink::MUTED, "0")?;
    sheet.text((RIGHT, y), Align::Right, SMALL, ink::MUTED, most)
}

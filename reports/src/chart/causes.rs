//! Queue time by cause.

use super::Data;
use super::ink;
use super::sheet::{Align, Drawn, SMALL, Sheet, WIDTH};
use crate::wait::cause_name;
use crate::words;
use greenroom_scheduler::decision::Cause;
use plotters::prelude::DrawingBackend;

const LEFT: f64 = 140.0;
const RIGHT: f64 = WIDTH - 210.0;
const TOP: f64 = 34.0;
const ROW: f64 = 26.0;
const BAR: f64 = 16.0;

fn rows(data: &Data<'_>) -> Vec<(Cause, u64)> {
    // In the order in which a job meets them, which is how people read a path.
    Cause::ALL.into_iter().zip(data.causes).filter(|&(_, ms)| ms > 0).collect()
}

pub(super) fn height(data: &Data<'_>) -> u32 {
    (TOP + ROW * rows(data).len() as f64 + 8.0) as u32
}

pub(super) fn draw<B: DrawingBackend>(data: &Data<'_>, sheet: &mut Sheet<B>) -> Drawn {
    let rows = rows(data);
    let all: f64 = rows.iter().map(|row| row.1 as f64).sum();
    let most = rows.iter().map(|row| row.1).max().unwrap_or(1) as f64;
    let jobs = data.simulated.total().max(1) as f64;
    let head = "Mean seconds of queue time per job, in the order in which a job meets them";
    sheet.text((16.0, 14.0), Align::Left, SMALL + 1.0, ink::TEXT, head)?;
    for (place, (cause, ms)) in rows.into_iter().enumerate() {
        let middle = TOP + ROW * (place as f64 + 0.5);
        let length = (RIGHT - LEFT) * ms as f64 / most;
        let name = cause_name(cause);
        sheet.text((LEFT - 10.0, middle), Align::Right, SMALL, ink::TEXT, name)?;
        sheet.area((LEFT, middle - BAR / 2.0), (length.max(1.0), BAR), ink::MODELLED, 1.0)?;
        let text = format!(
            "{} per job, {}",
            words::seconds(ms as f64 / 1e3 / jobs),
            words::percent(ms as f64 / all)
        );
        sheet.text((LEFT + length + 8.0, middle), Align::Left, SMALL, ink::TEXT, &text)?;
    }
    sheet.line(&[(LEFT, TOP), (LEFT, f64::from(height(data)) - 8.0)], ink::MUTED, 1.0)
}

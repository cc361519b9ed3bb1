//! Queue time in the record and in the simulation, job by job.

use super::Data;
use super::axis::{Scale, human_ticks};
use super::ink;
use super::sheet::{Align, Drawn, SMALL, Sheet};
use crate::series::{LogBins, Pairs};
use crate::words;
use plotters::prelude::DrawingBackend;

pub(super) const HEIGHT: u32 = 460;

const LEFT: f64 = 76.0;
const TOP: f64 = 30.0;
const SIDE: f64 = 380.0;
const TABLE: f64 = LEFT + SIDE + 60.0;

pub(super) fn draw<B: DrawingBackend>(data: &Data<'_>, sheet: &mut Sheet<B>) -> Drawn {
    let bin = 1.0 / crate::series::PAIRS_PER_DECADE;
    let longest = data.pairs.bins().map(|cell| cell.0.max(cell.1) + 1).max().unwrap_or(1);
    // Whole half decades, two at least.
    let decades = (longest as f64 * bin * 2.0).ceil().max(4.0) / 2.0;
    let crowded = decades > 3.0;
    let x = Scale { from: 0.0, to: decades, first: LEFT, last: LEFT + SIDE };
    let y = Scale { from: 0.0, to: decades, first: TOP + SIDE, last: TOP };
    for (s, name) in
        human_ticks(1.0, libm::pow(10.0, decades)).filter(|(s, _)| !(crowded && is_third(*s)))
    {
        let (across, up) = (x.at(libm::log10(s)), y.at(libm::log10(s)));
        sheet.line(&[(across, TOP), (across, TOP + SIDE)], ink::GRID, 1.0)?;
        sheet.line(&[(LEFT, up), (LEFT + SIDE, up)], ink::GRID, 1.0)?;
        sheet.text((across, TOP + SIDE + 14.0), Align::Middle, SMALL, ink::MUTED, name)?;
        sheet.text((LEFT - 8.0, up), Align::Right, SMALL, ink::MUTED, name)?;
    }
    let most = data.pairs.bins().map(|cell| cell.2).max().unwrap_or(1) as f64;
    for (recorded, simulated, count) in data.pairs.bins() {
        let from = (x.at(recorded as f64 * bin), y.at((simulated + 1) as f64 * bin));
        let size = (x.at(bin) - x.at(0.0), y.at(0.0) - y.at(bin));
        // Logarithmic too, so that single jobs are seen beside thousands.
        let alpha = 0.12 + 0.88 * libm::log1p(count as f64) / libm::log1p(most);
        sheet.area(from, size, ink::MODELLED, alpha)?;
    }
    sheet.line(&[(x.at(0.0), y.at(0.0)), (x.at(decades), y.at(decades))], ink::MUTED, 1.5)?;
    sheet.text(
        (LEFT, 14.0),
        Align::Left,
        SMALL + 1.0,
        ink::TEXT,
        "Simulated queue time (modelled)",
    )?;
    let under = (LEFT + SIDE / 2.0, TOP + SIDE + 34.0);
    sheet.text(under, Align::Middle, SMALL + 1.0, ink::TEXT, "Recorded queue time (measured)")?;
    table(data, sheet)
}

/// Ticks that stand too near their neighbours on these short axes.
fn is_third(s: f64) -> bool {
    [3.0, 30.0, 180.0, 1_800.0, 10_800.0].contains(&s)
}

fn table<B: DrawingBackend>(data: &Data<'_>, sheet: &mut Sheet<B>) -> Drawn {
    let (longer, shorter) = data.pairs.shares();
    let mut y = TOP + 12.0;
    let mut line = |sheet: &mut Sheet<B>, cells: [&str; 3], head: bool| {
        let inks = if head { [ink::MUTED, ink::MEASURED, ink::MODELLED] } else { [ink::TEXT; 3] };
        sheet.text((TABLE, y), Align::Left, SMALL, inks[0], cells[0])?;
        sheet.text((TABLE + 190.0, y), Align::Right, SMALL, inks[1], cells[1])?;
        sheet.text((TABLE + 290.0, y), Align::Right, SMALL, inks[2], cells[2])?;
        y += 24.0;
        Ok(())
    };
    line(sheet, ["Queue time", "recorded", "simulated"], true)?;
    if let (Some(recorded), Some(simulated)) = (data.summary.recorded_queue_s, data.summary.queue_s)
    {
        for (name, recorded, simulated) in [
            ("median", recorded.p50, simulated.p50),
            ("p90", recorded.p90, simulated.p90),
            ("p95", recorded.p95, simulated.p95),
            ("p99", recorded.p99, simulated.p99),
            ("longest", recorded.max, simulated.max),
            ("mean", recorded.mean, simulated.mean),
        ] {
            line(sheet, [name, &words::seconds(recorded), &words::seconds(simulated)], false)?;
        }
    }
    let over = |bins: &LogBins| words::percent(bins.share_over(60.0));
    line(sheet, ["over 1 min", &over(data.recorded), &over(data.simulated)], false)?;
    let rest = 1.0 - longer - shorter;
    for text in [
        String::new(),
        format!("{} jobs have a recorded start.", words::count(Pairs::total(data.pairs))),
        format!("{} of them waited longer in the simulation,", words::percent(longer)),
        format!("{} shorter, {} equally long.", words::percent(shorter), words::percent(rest)),
        "Each square is a group of jobs, darker for more;".to_owned(),
        "on the line, both waits are the same.".to_owned(),
    ] {
        sheet.text((TABLE, y), Align::Left, SMALL, ink::TEXT, &text)?;
        y += 19.0;
    }
    Ok(())
}

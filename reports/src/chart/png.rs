//! Charts as PNG, for slides.

use super::ink;
use super::sheet::{ChartError, Sheet, WIDTH};
use super::svg::{Framing, TITLE_HEIGHT, draw};
use super::{Chart, Data};
use plotters::prelude::BitMapBackend;
use plotters::style::{FontStyle, register_font};
use std::sync::Once;

/// Pixels of the picture to a pixel of the page.
const SCALE: u32 = 2;

/// The library does not smooth the edges of shapes, so each pixel is the mean of so many squared.
const SMOOTH: u32 = 2;

/// The library centres the box of a line, in which letters stand high.
const TEXT_DROP: f64 = 0.12;

/// DejaVu Sans 2.37, the letters of European languages; its licence stands beside it.
const FONT: &[u8] = include_bytes!("../../assets/DejaVuSans-subset.ttf");

/// A chart as the bytes of a PNG file; none where there is nothing to draw.
pub fn png(chart: Chart, data: &Data<'_>) -> Result<Option<Vec<u8>>, ChartError> {
    static REGISTERED: Once = Once::new();
    if !chart.has_data(data) {
        return Ok(None);
    }
    REGISTERED.call_once(|| {
        // The font is part of the program and tested, so it is one.
        let _ = register_font("sans-serif", FontStyle::Normal, FONT);
    });
    let (width, height) =
        (WIDTH as u32 * SCALE, (chart.height(data) + TITLE_HEIGHT as u32) * SCALE);
    let fine_size = (width * SMOOTH, height * SMOOTH);
    let white = ink::PAPER.light.0;
    let mut fine = vec![white; 3 * fine_size.0 as usize * fine_size.1 as usize];
    {
        let backend = BitMapBackend::with_buffer(&mut fine, fine_size);
        let scale = f64::from(SCALE * SMOOTH);
        let mut sheet = Sheet::new(backend, scale, TITLE_HEIGHT).dropping(TEXT_DROP);
        draw(chart, data, Framing::Alone, &mut sheet, f64::from(height / SCALE))?;
    }
    encode(&smoothed(&fine, fine_size), width, height).map(Some)
}

/// Means of squares of pixels.
fn smoothed(fine: &[u8], (fine_width, fine_height): (u32, u32)) -> Vec<u8> {
    let (width, height, smooth) =
        ((fine_width / SMOOTH) as usize, (fine_height / SMOOTH) as usize, SMOOTH as usize);
    let mut pixels = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let square = (0..smooth * smooth).map(|part| {
                    let (row, column) = (y * smooth + part / smooth, x * smooth + part % smooth);
                    u32::from(fine[3 * (row * fine_width as usize + column) + channel])
                });
                pixels.push((square.sum::<u32>() / (SMOOTH * SMOOTH)) as u8);
            }
        }
    }
    pixels
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, ChartError> {
    let failed = |error: png::EncodingError| ChartError(error.to_string());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

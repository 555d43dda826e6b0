//! Line charts as PNG, for mail programs draw nothing themselves: what arrived and was resolved, and how much stood open,
//! over the last twenty business days.
//!
//! The ground is transparent and the colours are of a middle tone, so that they show on white and on black. No text
//! stands in a picture: title, legend and days stand around it as text, and the `alt` says what its lines say.

use super::flow::{ChartPoint, Flow};
use super::view::ChartView;
use super::words;
use tiny_skia::{Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

/// Pixels of a picture: twice what is shown, for sharp screens.
pub const WIDTH: u32 = 1216;
/// As [`WIDTH`].
pub const HEIGHT: u32 = 260;
/// Room around the lines.
const MARGIN: f32 = 12.0;

/// What came in and what was resolved.
const FLOW: &str = "arrived-and-resolved";
/// What stood open.
const OPEN: &str = "open";
const BLUE: &str = "#3b82d6";
const GREEN: &str = "#1f9d63";
const VIOLET: &str = "#8b6fd0";

/// The charts that `flow` has enough days for, in words.
pub fn views(flow: &Flow) -> Vec<ChartView> {
    let points = &flow.chart;
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let ends = (words::short_date(first.period.date), words::short_date(last.period.date));
    let mut views = Vec::new();
    if points.iter().any(|point| point.arrived + point.resolved > 0) {
        let said = |name: &str, value: fn(&ChartPoint) -> u64| said(name, points.iter().map(|one| (one, value(one))));
        views.push(ChartView {
            name: FLOW,
            title: "Arrived and resolved",
            alt: format!(
                "{} business days up to {}. {} {}",
                points.len(),
                words::short_date(last.period.date),
                said("Arrived", |point| point.arrived),
                said("Resolved", |point| point.resolved),
            ),
            legend: vec![(BLUE, "arrived"), (GREEN, "resolved")],
            source: String::new(),
            most: most(points.iter().map(|point| point.arrived.max(point.resolved))),
            ends: ends.clone(),
        });
    }
    let open: Vec<(&ChartPoint, u64)> = points.iter().filter_map(|point| Some((point, point.open?))).collect();
    if open.len() == points.len() && open.iter().any(|(_, count)| *count > 0) {
        views.push(ChartView {
            name: OPEN,
            title: "Open at the end of the day",
            alt: format!("{} business days. {}", points.len(), said("Open", open.into_iter())),
            legend: vec![(VIOLET, "open")],
            source: String::new(),
            most: most(points.iter().filter_map(|point| point.open)),
            ends,
        });
    }
    views
}

/// What the line at the top stands for.
fn most(counts: impl Iterator<Item = u64>) -> String {
    format!("top line: {}", counts.max().unwrap_or_default())
}

/// `Arrived: 3 to 24 a day, most on Thu Nov 12; 9 on Fri Nov 20.`
fn said<'a>(name: &str, points: impl Iterator<Item = (&'a ChartPoint, u64)>) -> String {
    let points: Vec<(&ChartPoint, u64)> = points.collect();
    let least = points.iter().map(|(_, count)| *count).min().unwrap_or_default();
    let most = points.iter().max_by_key(|(_, count)| *count);
    let (Some((peak, most)), Some((last, newest))) = (most, points.last()) else { return String::new() };
    let (peak, last) = (words::short_date(peak.period.date), words::short_date(last.period.date));
    format!("{name}: between {least} and {most}, the most on {peak}; {newest} on {last}.")
}

/// The picture of the chart called `name`, as PNG; `None`: there is no such chart.
pub fn png(flow: &Flow, name: &str) -> Option<Vec<u8>> {
    let mut picture = Pixmap::new(WIDTH, HEIGHT)?;
    let arrived: Vec<u64> = flow.chart.iter().map(|point| point.arrived).collect();
    let resolved: Vec<u64> = flow.chart.iter().map(|point| point.resolved).collect();
    let open: Vec<u64> = flow.chart.iter().map(|point| point.open.unwrap_or_default()).collect();
    match name {
        FLOW => {
            let most = arrived.iter().chain(&resolved).copied().max().unwrap_or_default();
            grid(&mut picture);
            line(&mut picture, &arrived, most, BLUE, true);
            line(&mut picture, &resolved, most, GREEN, false);
        }
        OPEN => {
            let most = open.iter().copied().max().unwrap_or_default();
            grid(&mut picture);
            line(&mut picture, &open, most, VIOLET, true);
        }
        _ => return None,
    }
    picture.encode_png().ok()
}

/// A line over the days, from 0 at the bottom to `most` at the top.
fn line(picture: &mut Pixmap, counts: &[u64], most: u64, colour: &str, filled: bool) {
    let points = places(counts, most);
    let Some(path) = through(&points) else { return };
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    if filled {
        let (red, green, blue) = parts(colour);
        paint.set_color_rgba8(red, green, blue, 40);
        if let Some(area) = below(&points) {
            picture.fill_path(&area, &paint, FillRule::Winding, Transform::identity(), None);
        }
    }
    let (red, green, blue) = parts(colour);
    paint.set_color_rgba8(red, green, blue, 255);
    let stroke = Stroke { width: 5.0, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
    picture.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
    if let Some((x, y)) = points.last()
        && let Some(dot) = PathBuilder::from_circle(*x, *y, 9.0)
    {
        picture.fill_path(&dot, &paint, FillRule::Winding, Transform::identity(), None);
    }
}

/// Lines at nothing, half and all.
fn grid(picture: &mut Pixmap) {
    let mut paint = Paint::default();
    paint.set_color(Color::from_rgba8(138, 148, 160, 90));
    for share in [0.0, 0.5, 1.0] {
        let y = (height() * share + MARGIN).round();
        if let Some(rect) = Rect::from_xywh(0.0, y, width() + 2.0 * MARGIN, 2.0) {
            picture.fill_rect(rect, &paint, Transform::identity(), None);
        }
    }
}

fn width() -> f32 {
    small(WIDTH) - 2.0 * MARGIN
}

fn height() -> f32 {
    small(HEIGHT) - 2.0 * MARGIN
}

/// A number of pixels; none has more than 16 bits.
fn small(pixels: u32) -> f32 {
    f32::from(u16::try_from(pixels).unwrap_or(u16::MAX))
}

/// Where the days' points lie.
fn places(counts: &[u64], most: u64) -> Vec<(f32, f32)> {
    let last = counts.len().saturating_sub(1).max(1);
    let share = |part: u64, whole: u64| {
        let thousandths = (u128::from(part) * 10_000).checked_div(u128::from(whole)).unwrap_or_default();
        f32::from(u16::try_from(thousandths).unwrap_or(10_000)) / 10_000.0
    };
    let place = |(day, count): (usize, &u64)| {
        let x = MARGIN + width() * share(day as u64, last as u64);
        (x, MARGIN + height() * (1.0 - share(*count, most)))
    };
    counts.iter().enumerate().map(place).collect()
}

fn through(points: &[(f32, f32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (x, y) = points.first()?;
    path.move_to(*x, *y);
    points.iter().skip(1).for_each(|(x, y)| path.line_to(*x, *y));
    path.finish()
}

fn below(points: &[(f32, f32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    let floor = MARGIN + height();
    path.move_to(points.first()?.0, floor);
    points.iter().for_each(|(x, y)| path.line_to(*x, *y));
    path.line_to(points.last()?.0, floor);
    path.close();
    path.finish()
}

/// Red, green and blue of `#rrggbb`.
fn parts(colour: &str) -> (u8, u8, u8) {
    let part = |at: usize| colour.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or_default();
    (part(1), part(3), part(5))
}

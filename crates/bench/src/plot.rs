//! Draws the plots of the page.

use std::path::Path;

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::candidate::Role;

/// Instructions or time against something.
pub struct Plot {
    pub title: &'static str,
    pub x_label: &'static str,
    pub unit: Unit,
    pub series: Vec<Series>,
}

#[derive(Clone, Copy)]
pub enum Unit {
    Instructions,
    Milliseconds,
}

pub struct Series {
    pub role: Role,
    pub label: &'static str,
    /// What `x_label` says, and instructions or milliseconds.
    pub points: Vec<(f64, f64)>,
}

const SIZE: (u32, u32) = (880, 420);
/// Room for the labels of the lines, right of the plot.
const LABELS: u32 = 270;
const LINE_HEIGHT: i32 = 19;
const FONT: &str = "sans-serif";
/// Legible on a light page and on a dark one: the ground is transparent.
const INK: RGBColor = RGBColor(0x7a, 0x82, 0x8c);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

impl Unit {
    /// The scale for values up to `most`: its factor, its name and its short name.
    fn scale(self, most: f64) -> (f64, &'static str, &'static str) {
        match self {
            Unit::Milliseconds => (1.0, "milliseconds", "ms"),
            Unit::Instructions if most >= 1e6 => (1e6, "million instructions", "million"),
            Unit::Instructions => (1e3, "thousand instructions", "thousand"),
        }
    }
}

impl Plot {
    /// Writes it as SVG.
    pub fn write(&self, path: &Path) -> Result<()> {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let x_max = points().map(|point| point.0).fold(0.0, f64::max);
        let y_max = points().map(|point| point.1).fold(0.0, f64::max);
        let (factor, unit, short_unit) = self.unit.scale(y_max);

        let area = SVGBackend::new(path, SIZE).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(14)
            .margin_right(LABELS)
            .caption(self.title, (FONT, 21).into_font().color(&INK))
            .x_label_area_size(48)
            .y_label_area_size(68)
            .build_cartesian_2d(0.0..x_max, 0.0..y_max / factor * 1.05)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(INK.mix(0.25))
            .axis_style(INK)
            .label_style((FONT, 15).into_font().color(&INK))
            .axis_desc_style((FONT, 16).into_font().color(&INK))
            .x_labels(8)
            .y_labels(7)
            .x_desc(self.x_label)
            .y_desc(unit)
            .x_label_formatter(&|x| format!("{x}"))
            .y_label_formatter(&|y| format!("{y}"))
            .draw()?;

        let mut ends = Vec::new();
        for series in &self.series {
            let colour = series.role.colour();
            let line: Vec<(f64, f64)> = series.points.iter().map(|(x, y)| (*x, y / factor)).collect();
            chart.draw_series(LineSeries::new(line.iter().copied(), colour.stroke_width(2)))?;
            chart.draw_series(line.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
            if let Some((_, y)) = line.last() {
                let label = format!("{}: {} {short_unit}", series.label, significant(*y));
                ends.push((chart.backend_coord(&(x_max, *y)), label, colour));
            }
        }
        write_labels(&area, ends)?;
        area.present()?;
        Ok(())
    }
}

/// Writes labels to the right of the lines' ends.
fn write_labels(area: &Area, mut ends: Vec<((i32, i32), String, RGBColor)>) -> Result<()> {
    // From below, so that a label that has no room goes up.
    ends.sort_by_key(|((_, y), ..)| -y);
    let mut below = i32::MAX;
    for ((x, y), label, colour) in ends {
        below = y.min(below.saturating_sub(LINE_HEIGHT));
        let style = (FONT, 16).into_font().color(&colour);
        area.draw(&Text::new(label, (x + 14, below - 7), style))?;
    }
    Ok(())
}

/// At least two digits that are not leading zeros.
fn significant(value: f64) -> String {
    match value {
        10.0.. => format!("{value:.0}"),
        1.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

impl Role {
    fn colour(self) -> RGBColor {
        match self {
            Role::Floor => RGBColor(0x8b, 0x94, 0x9e),
            Role::Policy => RGBColor(0x3b, 0x82, 0xf6),
            Role::Reference => RGBColor(0xd9, 0x73, 0x0d),
        }
    }
}

//! Draws the plots of the page.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;

use crate::candidate::Role;

/// Instructions against something.
pub struct Plot {
    pub title: &'static str,
    pub x_label: &'static str,
    pub series: Vec<Series>,
}

pub struct Series {
    pub role: Role,
    pub label: &'static str,
    /// What `x_label` says, and instructions.
    pub points: Vec<(f64, f64)>,
}

const SIZE: (u32, u32) = (880, 420);
/// Room for the labels of the lines, at their ends.
const LABELS: u32 = 240;
const LINE_HEIGHT: i32 = 19;
const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(0x33, 0x3a, 0x45);
const GRID: RGBColor = RGBColor(0xe3, 0xe6, 0xea);

impl Plot {
    /// Writes it as SVG, on a ground of its own, so that it can be read on a dark page, too.
    pub fn write(&self, path: &Path) -> Result<()> {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let x_max = points().map(|point| point.0).fold(0.0, f64::max);
        let y_max = points().map(|point| point.1).fold(0.0, f64::max);
        let (unit, unit_name) = match y_max {
            1e6.. => (1e6, "million"),
            _ => (1e3, "thousand"),
        };

        let area = SVGBackend::new(path, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .margin(14)
            .margin_right(LABELS)
            .caption(self.title, (FONT, 21).into_font().color(&INK))
            .x_label_area_size(48)
            .y_label_area_size(68)
            .build_cartesian_2d(0.0..x_max, 0.0..y_max / unit * 1.05)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style((FONT, 15).into_font().color(&INK))
            .axis_desc_style((FONT, 16).into_font().color(&INK))
            .x_labels(8)
            .y_labels(7)
            .x_desc(self.x_label)
            .y_desc(format!("{unit_name} instructions"))
            .x_label_formatter(&|x| format!("{x}"))
            .y_label_formatter(&|y| format!("{y}"))
            .draw()?;

        let mut ends = Vec::new();
        for series in &self.series {
            let colour = series.role.colour();
            let line: Vec<(f64, f64)> = series.points.iter().map(|(x, y)| (*x, y / unit)).collect();
            chart.draw_series(LineSeries::new(line.iter().copied(), colour.stroke_width(2)))?;
            chart.draw_series(line.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
            if let Some(end) = line.last() {
                ends.push((
                    chart.backend_coord(end),
                    format!("{}: {:.1}", series.label, end.1),
                    colour,
                ));
            }
        }
        // From below, so that a label that has no room goes up.
        ends.sort_by_key(|((_, y), ..)| -y);
        let mut below = i32::MAX;
        for ((x, y), label, colour) in ends {
            below = y.min(below.saturating_sub(LINE_HEIGHT));
            let style = (FONT, 16).into_font().color(&colour);
            area.draw(&Text::new(label, (x + 10, below - 7), style))?;
        }
        area.present()?;
        Ok(())
    }
}

impl Role {
    fn colour(self) -> RGBColor {
        match self {
            Role::Floor => RGBColor(0x6b, 0x72, 0x80),
            Role::Policy => RGBColor(0x1d, 0x5f, 0xd0),
            Role::Reference => RGBColor(0xb4, 0x4a, 0x09),
        }
    }
}

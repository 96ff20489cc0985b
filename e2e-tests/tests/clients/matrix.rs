//! What clients do in a table: a row for each client, a column for each way in which it is given something.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::client::Client;

/// More columns than these, in addition to the names, are split into two tables.
const COLUMNS: usize = 7;

/// A column.
#[derive(Clone, Copy)]
pub struct Column {
    /// Its heading in the table of what is expected, one word.
    pub name: &'static str,
    /// Its heading on the page.
    pub title: &'static str,
}

/// What clients are expected to do and what they did, each a letter in the former table.
pub struct Matrix<T> {
    columns: Vec<Column>,
    expected: BTreeMap<String, Vec<char>>,
    found: BTreeMap<&'static str, Vec<T>>,
}

impl<T: Copy + Into<char>> Matrix<T> {
    /// Reads what is expected: a line of headings, and a line of letters for each client.
    pub fn new(columns: Vec<Column>, expected: &str) -> Result<Self> {
        let mut rows = expected
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .filter(|row| !row.is_empty());
        let headings = rows.next().context("an empty table")?;
        ensure!(
            headings[1..].iter().eq(columns.iter().map(|column| &column.name)),
            "the table has other columns"
        );
        let expected = rows.map(|row| {
            // A name may have spaces.
            let name = row.len().saturating_sub(columns.len());
            let letters: Vec<char> = row[name..].iter().flat_map(|word| word.chars()).collect();
            ensure!(
                name > 0 && letters.len() == columns.len(),
                "{row:?} has a column too few or too many"
            );
            Ok((row[..name].join(" "), letters))
        });
        Ok(Matrix {
            expected: expected.collect::<Result<_>>()?,
            columns,
            found: BTreeMap::new(),
        })
    }

    /// Adds what a client did, column by column.
    pub fn add(&mut self, client: &Client, found: T) {
        self.found.entry(client.name).or_default().push(found);
    }

    /// Checks that the clients did what is expected.
    pub fn check(&self, clients: &[(&Client, String)]) -> Result<()> {
        let mut surprises = String::new();
        for (client, version) in clients {
            let expected = self.expected.get(client.name);
            let expected = expected.with_context(|| format!("no row for {}", client.name))?;
            for ((column, expected), found) in self.columns.iter().zip(expected).zip(&self.found[client.name]) {
                let letter: char = (*found).into();
                if letter != *expected {
                    surprises += &format!("{version}, {}: {letter}, not {expected}\n", column.name);
                }
            }
        }
        ensure!(surprises.is_empty(), "EXPECTED says otherwise:\n{surprises}");
        Ok(())
    }

    /// The tables for a page, in Markdown; `cell` words what a client did in the column of a number.
    pub fn tables(&self, clients: &[(&Client, String)], cell: impl Fn(&Client, usize, T) -> String) -> String {
        let numbers: Vec<usize> = (0..self.columns.len()).collect();
        let count = numbers.len().div_ceil(COLUMNS);
        let tables = numbers.chunks(numbers.len().div_ceil(count)).map(|numbers| {
            let titles = numbers.iter().map(|number| self.columns[*number].title.to_owned());
            let mut table = row("Client", titles) + &format!("|{}\n", " --- |".repeat(1 + numbers.len()));
            for (client, _) in clients {
                let found = &self.found[client.name];
                let cells = numbers.iter().map(|number| cell(client, *number, found[*number]));
                table += &row(client.name, cells);
            }
            table
        });
        tables.collect::<Vec<_>>().join("\n")
    }
}

fn row(name: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: String = cells.map(|cell| format!(" {cell} |")).collect();
    format!("| {name} |{cells}\n")
}

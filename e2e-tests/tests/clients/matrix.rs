//! What clients do in a table: a row for each client, a column for each way in which it is given something.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::client::Client;

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
    expected: BTreeMap<&'static str, Vec<char>>,
    found: BTreeMap<&'static str, Vec<T>>,
}

impl<T: Copy + Into<char>> Matrix<T> {
    /// Reads what is expected: a line of headings, and a line of letters for each client.
    pub fn new(columns: Vec<Column>, expected: &'static str) -> Result<Self> {
        let mut rows = expected
            .lines()
            .map(|line| line.split_whitespace())
            .filter(|row| row.clone().next().is_some());
        let headings = rows.next().context("an empty table")?.skip(1);
        ensure!(
            headings.eq(columns.iter().map(|column| column.name)),
            "the table has other columns"
        );
        let expected = rows.map(|mut row| {
            let client = row.next().context("an empty row")?;
            let letters: Vec<char> = row.flat_map(str::chars).collect();
            ensure!(
                letters.len() == columns.len(),
                "{client} has a column too few or too many"
            );
            Ok((client, letters))
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

    /// The table for a page, in Markdown; `cell` words what a client did in the column of a number.
    pub fn table(&self, clients: &[(&Client, String)], cell: impl Fn(&Client, usize, T) -> String) -> String {
        let titles: String = self
            .columns
            .iter()
            .map(|column| format!(" {} |", column.title))
            .collect();
        let mut table = format!("| Client |{titles}\n|{}\n", " --- |".repeat(1 + self.columns.len()));
        for (client, _) in clients {
            table += &format!("| {} |", client.name);
            for (column, found) in self.found[client.name].iter().enumerate() {
                table += &format!(" {} |", cell(client, column, *found));
            }
            table += "\n";
        }
        table
    }
}

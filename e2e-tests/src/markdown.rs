//! What of a Markdown page can be checked: its code, its links, its headings.

/// A fenced block of code.
#[derive(Debug)]
pub struct Block<'a> {
    /// What comes after the opening fence, such as `yaml`.
    pub language: &'a str,
    pub text: String,
    /// Number of the opening fence's line, from 1.
    pub line: usize,
    /// Whether only empty lines are between it and the block before it.
    pub follows_block: bool,
}

/// The fenced blocks of a page, without the indentation that their fence has.
pub fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut follows_block = false;
    let mut lines = page.lines().zip(1..);
    while let Some((fence, line)) = lines.next() {
        let Some(language) = fence.trim_start().strip_prefix("```") else {
            follows_block &= fence.trim().is_empty();
            continue;
        };
        let indentation = fence.len() - fence.trim_start().len();
        let mut text = String::new();
        for (code, _) in lines.by_ref().take_while(|(code, _)| code.trim() != "```") {
            text.push_str(code.get(indentation..).unwrap_or_default());
            text.push('\n');
        }
        blocks.push(Block {
            language: language.trim(),
            text,
            line,
            follows_block,
        });
        follows_block = true;
    }
    blocks
}

/// The page without its fenced blocks.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    page.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// The destinations of `[text](destination)`.
pub fn links(page: &str) -> Vec<&str> {
    prose(page)
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split_once(')'))
        .map(|(destination, _)| destination)
        .collect()
}

/// The rows of the first table below a heading, without its head.
pub fn table<'p>(page: &'p str, heading: &str) -> Vec<Vec<&'p str>> {
    let below = page
        .lines()
        .skip_while(|line| line.trim_start_matches('#') != format!(" {heading}"));
    let rows = below.skip_while(|line| !line.starts_with("| ---")).skip(1);
    rows.take_while(|line| line.starts_with('|'))
        .map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// The anchors that GitHub gives to the headings.
pub fn anchors(page: &str) -> Vec<String> {
    prose(page)
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter_map(|c| match c {
                    ' ' => Some('-'),
                    '-' | '_' => Some(c),
                    c => c.is_alphanumeric().then_some(c),
                })
                .collect()
        })
        .collect()
}

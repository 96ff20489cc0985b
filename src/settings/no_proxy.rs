//! Reads `noProxy`.

use std::borrow::Cow;

use crate::json::{Problem, Reader};
use crate::values::{Destination, NoProxyEntry};

/// Reads a list of entries, and reports all its problems.
pub(super) fn read_no_proxy<'a>(
    reader: &mut Reader<'a>,
    problems: &mut Vec<Problem>,
) -> Result<Option<Vec<NoProxyEntry<'a>>>, Problem> {
    let mut entries = Vec::with_capacity(8);
    let mut everything_at = None;
    let mut items = 0;
    let list = reader.array(|reader| {
        let at = reader.position();
        items += 1;
        // A plain string is read directly.
        let mut after = *reader;
        if let Ok(Some(Cow::Borrowed(item))) = after.string()
            && let Ok(entry) = NoProxyEntry::parse(item)
            && entry.destination != Destination::Everything
        {
            entries.push(entry);
            *reader = after;
            return Ok(());
        }
        let read = |reader: &mut Reader<'a>, _: &mut Vec<Problem>| entry(reader, at).map(Some);
        if let Some(entry) = reader.field(problems, read)?.value() {
            if entry.destination == Destination::Everything {
                everything_at = Some(at);
            }
            entries.push(entry);
        }
        Ok(())
    })?;
    if let Some(at) = everything_at
        && items > 1
    {
        problems.push(Problem::new(
            at,
            "* matches everything and must be the only item; remove * or all other items",
        ));
    }
    Ok(list.map(|_| entries))
}

fn entry<'a>(reader: &mut Reader<'a>, at: usize) -> Result<NoProxyEntry<'a>, Problem> {
    let entry = match reader.string()? {
        Some(Cow::Borrowed(item)) => NoProxyEntry::parse(item),
        Some(Cow::Owned(item)) => NoProxyEntry::parse(&item).map(NoProxyEntry::into_owned),
        None => return Err(Problem::new(at, "must not be null; remove it")),
    };
    entry.map_err(|reason| Problem::new(at, reason))
}

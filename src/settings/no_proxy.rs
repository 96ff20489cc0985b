//! Reads `noProxy`.

use std::rc::Rc;

use json::{Problem, Reader};
use values::{Destination, NoProxyEntry, NoProxyList};

/// Reads a list of entries, and reports all its problems.
pub(super) fn read_no_proxy(
    reader: &mut Reader,
    problems: &mut Vec<Problem>,
) -> Result<Option<Rc<NoProxyList>>, Problem> {
    let mut entries = NoProxyList::default();
    let mut everything_at = None;
    let mut items = 0;
    let list = reader.array(|reader| {
        items += 1;
        if let Some(entry) = reader.string_of(NoProxyEntry::split_off) {
            entries.push(&entry);
            return Ok(());
        }
        let at = reader.position();
        let read = |reader: &mut Reader, _: &mut Vec<Problem>| {
            let item = reader.string()?;
            let item = item.ok_or_else(|| Problem::new(at, "must not be null; remove it"))?;
            let entry = NoProxyEntry::parse(&item).map_err(|reason| Problem::new(at, reason))?;
            if entry.destination == Destination::Everything {
                everything_at = Some(at);
            }
            entries.push(&entry);
            Ok(Some(()))
        };
        reader.field(problems, read).map(drop)
    })?;
    if let Some(at) = everything_at
        && items > 1
    {
        problems.push(Problem::new(
            at,
            "* matches everything and must be the only item; remove * or all other items",
        ));
    }
    Ok(list.map(|_| Rc::new(entries)))
}

//! The lists of a pod.

use json::{Problem, Reader};

/// The maximum number of items of a list. No node runs a pod with more: Linux has room for fewer variables and mounts, and each
/// container takes processes and memory. The limit keeps the memory for a request small.
const MAX_ITEMS: usize = 100_000;

/// Reads the items of a list with `read`; none for `null`.
pub(super) fn read_list<'a, T>(
    reader: &mut Reader<'a>,
    read: impl Fn(&mut Reader<'a>) -> Result<T, Problem>,
) -> Result<Vec<T>, Problem> {
    let mut items = Vec::with_capacity(4);
    reader.array(|reader| {
        if items.len() == MAX_ITEMS {
            let reason =
                format!("is more than the {MAX_ITEMS} items that a list may have; no node could run such a pod");
            return Err(Problem::new(reader.position(), reason));
        }
        items.push(read(reader)?);
        Ok(())
    })?;
    Ok(items)
}

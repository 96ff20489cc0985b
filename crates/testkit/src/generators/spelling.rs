//! The spelling of JSON: what may be written in more than one way and says the same to every reader.

use serde_json::Value;

use super::noise;

/// The value as a text of odd spelling: members in another order, characters as `\u` escapes, and white space. Now and then the key of
/// a member comes before it with the value `shadowed`, if there is one: the last one counts. `seed` chooses.
pub fn respelled(value: &Value, shadowed: Option<&Value>, seed: u32) -> String {
    let mut speller = Speller {
        choices: Box::new(noise(seed)),
        shadowed,
        out: String::new(),
    };
    speller.write(value);
    speller.out
}

struct Speller<'s> {
    shadowed: Option<&'s Value>,
    choices: Box<dyn Iterator<Item = u8>>,
    out: String,
}

impl<'s> Speller<'s> {
    /// A number below `count`.
    fn choose(&mut self, count: usize) -> usize {
        let [high, low] = [0; 2].map(|_: u8| self.choices.next().expect("the noise never ends"));
        usize::from(u16::from_be_bytes([high, low])) % count
    }

    fn write(&mut self, value: &Value) {
        self.space();
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => self.list(['[', ']'], items, Speller::write),
            Value::Object(members) => {
                let members = self.members(members);
                self.list(['{', '}'], &members, |speller, (key, value)| {
                    speller.space();
                    speller.text(key);
                    speller.space();
                    speller.out.push(':');
                    speller.write(value);
                });
            }
            other => self.out.push_str(&other.to_string()),
        }
        self.space();
    }

    /// The members in another order, some of them shadowing others.
    fn members<'v>(&mut self, members: &'v serde_json::Map<String, Value>) -> Vec<(&'v str, &'v Value)>
    where
        's: 'v,
    {
        let mut shuffled: Vec<(&str, &Value)> = Vec::new();
        for (key, value) in members {
            let at = self.choose(shuffled.len() + 1);
            shuffled.insert(at, (key, value));
        }
        for index in (0..shuffled.len()).rev() {
            if let Some(shadowed) = self.shadowed
                && self.choose(8) == 0
            {
                let at = self.choose(index + 1);
                shuffled.insert(at, (shuffled[index].0, shadowed));
            }
        }
        shuffled
    }

    fn list<T>(&mut self, [open, close]: [char; 2], items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.out.push(open);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write(self, item);
        }
        self.out.push(close);
    }

    fn text(&mut self, text: &str) {
        if self.choose(4) > 0 {
            self.out.push_str(&Value::from(text).to_string());
            return;
        }
        self.out.push('"');
        for unit in text.encode_utf16() {
            self.out.push_str(&format!("\\u{unit:04x}"));
        }
        self.out.push('"');
    }

    fn space(&mut self) {
        let space = ["", "", "", " ", "\n", "\t", "\r\n"][self.choose(7)];
        self.out.push_str(space);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_of_any_spelling_has_the_same_value() {
        let value = json!({"a": [1, {"b": "é😀\"\n"}, null], "c": {}, "d": [], "e": {"f": true, "g": "$(X)"}});
        let spellings: Vec<String> = (0..200)
            .map(|seed| respelled(&value, Some(&json!(null)), seed))
            .collect();
        for text in &spellings {
            assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value, "{text}");
        }
        assert!((0..200).all(|seed| respelled(&value, None, seed).matches("null").count() == 1));
        for part in ["null,", "\\ud83d\\ude00", "\"\\u0061\"", "\r\n", "{\"e\""] {
            assert!(spellings.iter().any(|text| text.contains(part)), "{part}");
        }
    }
}

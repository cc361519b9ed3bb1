//! Names once each, numbered in order of first sight.

use crate::arrival::Name;
use std::collections::HashMap;

/// The texts behind the [`Name`]s of a trace. Number 0 is the empty text.
#[derive(Clone, Debug)]
pub struct Names {
    texts: Vec<Box<str>>,
    // Looked up by key only, never walked, so its order cannot leak into a result.
    numbers: HashMap<Box<str>, u32>,
}

impl Default for Names {
    fn default() -> Self {
        Self { texts: vec!["".into()], numbers: HashMap::from([("".into(), 0)]) }
    }
}

impl Names {
    /// The number of `text`, a new one at first sight.
    pub fn intern(&mut self, text: &str) -> Name {
        if let Some(&number) = self.numbers.get(text) {
            return Name(number);
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        Name(number)
    }

    /// The text of a number that this table gave.
    pub fn text(&self, name: Name) -> &str {
        &self.texts[name.0 as usize]
    }

    /// How many names there are, the empty one included.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Never: the empty text is always there.
    pub fn is_empty(&self) -> bool {
        false
    }
}

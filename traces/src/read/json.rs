//! Cuts a stream of JSON into the objects that matter, one at a time.
//!
//! `serde_json` reads one document into memory, and a history is often one document of gigabytes.
//! So the brackets around the objects (arrays, pages, objects keyed by id, documents one after the
//! other) are walked here, and each object goes to `serde_json` by itself.

use crate::error::{Place, TraceError, shown};
use crate::source::{Budget, Content, Input, unreadable};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

const BUFFER_BYTES: usize = 64 << 10;

/// Arrays of arrays of pages are the deepest nesting that tools write around objects.
const DEPTH_MAX: usize = 8;

/// Keys whose values hold the objects; an object that begins with one of them, with `total_count`
/// or with an id is a page around others.
const LISTS: [&[u8]; 3] = [b"jobs", b"workflow_runs", b"deliveries"];

/// The objects of a JSON file.
pub(crate) struct Objects {
    pub(crate) file: Arc<Path>,
    content: BufReader<Content>,
    budget: Budget,
    line: u64,
    /// Open brackets around the next object: the closing byte of each, and whether it holds
    /// anything yet.
    open: Vec<(u8, bool)>,
    object: Vec<u8>,
    /// The line in which the present object begins.
    object_line: u64,
    /// The `total_count` of the page that the present object is on.
    pub(crate) page_total: Option<u64>,
}

impl Objects {
    pub(crate) fn open(input: Input) -> Self {
        let Input { file, content, budget, .. } = input;
        Self {
            file,
            content: BufReader::with_capacity(BUFFER_BYTES, content),
            budget,
            line: 1,
            open: Vec::new(),
            object: Vec::new(),
            object_line: 1,
            page_total: None,
        }
    }

    /// Goes to the next object; false at the end.
    pub(crate) fn next(&mut self) -> Result<bool, TraceError> {
        loop {
            self.budget.refill();
            let byte = self.peek_solid()?;
            let Some((close, is_begun)) = self.open.last_mut() else {
                match byte {
                    None => return Ok(false),
                    Some(byte) => {
                        if self.enter(byte)? {
                            return Ok(true);
                        }
                    }
                }
                continue;
            };
            let Some(byte) = byte else {
                let close = char::from(*close);
                return Err(self.broken("the end of the file", &format!("{close:?} before it")));
            };
            if byte == *close {
                self.open.pop();
                self.skip();
                continue;
            }
            let (is_object, is_first) = (*close == b'}', !*is_begun);
            *is_begun = true;
            let byte = if is_first { byte } else { self.comma(byte)? };
            let is_found = if is_object { self.member(byte)? } else { self.enter(byte)? };
            if is_found {
                return Ok(true);
            }
        }
    }

    /// The object that [`Objects::next`] went to.
    pub(crate) fn object(&self) -> &[u8] {
        &self.object
    }

    /// Where it begins.
    pub(crate) fn begins(&self) -> u64 {
        self.object_line
    }

    /// Steps over a comma, to the value behind it.
    fn comma(&mut self, byte: u8) -> Result<u8, TraceError> {
        if byte != b',' {
            return Err(self.broken(&shown(&[byte]), "a comma"));
        }
        self.skip();
        self.need("a value behind the comma")
    }

    /// Reads a key of a page and enters its value if that is a list or an object by id.
    fn member(&mut self, byte: u8) -> Result<bool, TraceError> {
        self.object.clear();
        if byte != b'"' {
            return Err(self.broken(&shown(&[byte]), "a key in quotes"));
        }
        self.copy_value()?;
        self.value_of_key()
    }

    /// Behind a key of a page, which is in `object`.
    fn value_of_key(&mut self) -> Result<bool, TraceError> {
        let is_total = key(&self.object) == b"total_count";
        let holds_objects = LISTS.contains(&key(&self.object)) || is_id(key(&self.object));
        if self.need("a colon")? != b':' {
            return Err(self.broken("a key without a colon", "a colon"));
        }
        self.skip();
        let byte = self.need("a value")?;
        if holds_objects && matches!(byte, b'[' | b'{') {
            return self.enter(byte);
        }
        self.object.clear();
        self.copy_value()?;
        if is_total {
            self.page_total = std::str::from_utf8(&self.object).ok().and_then(|n| n.parse().ok());
        }
        Ok(false)
    }

    /// At the first byte of a value: steps into brackets around objects, or copies an object.
    fn enter(&mut self, byte: u8) -> Result<bool, TraceError> {
        match byte {
            b'[' => {
                self.push(b']', false)?;
                self.skip();
                Ok(false)
            }
            b'{' => self.object_or_page(),
            _ => {
                self.object.clear();
                self.copy_value()?;
                let found = shown(&self.object);
                Err(self.broken(&found, "an object"))
            }
        }
    }

    fn push(&mut self, close: u8, is_begun: bool) -> Result<(), TraceError> {
        if self.open.len() == DEPTH_MAX {
            return Err(self.broken("brackets in brackets in brackets", "pages of objects"));
        }
        self.open.push((close, is_begun));
        Ok(())
    }

    /// Looks at the first key: a page is walked, anything else is copied whole.
    fn object_or_page(&mut self) -> Result<bool, TraceError> {
        self.object_line = self.line;
        self.object.clear();
        self.object.push(b'{');
        self.skip();
        let byte = self.need("a key")?;
        if byte == b'"' {
            self.copy_value()?;
            let key = key(&self.object[1..]);
            if key == b"total_count" || LISTS.contains(&key) || is_id(key) {
                self.object.remove(0);
                self.push(b'}', true)?;
                self.page_total = None;
                return self.value_of_key();
            }
        }
        self.copy_container(1)?;
        Ok(true)
    }

    /// Copies one value of any kind.
    fn copy_value(&mut self) -> Result<(), TraceError> {
        match self.peek()? {
            Some(b'"') => self.copy_string(),
            Some(byte @ (b'{' | b'[')) => {
                self.object.push(byte);
                self.skip();
                self.copy_container(1)
            }
            _ => {
                while let Some(byte) = self.peek()? {
                    if matches!(byte, b',' | b'}' | b']' | b':') || byte.is_ascii_whitespace() {
                        break;
                    }
                    self.object.push(byte);
                    self.skip();
                }
                Ok(())
            }
        }
    }

    fn copy_string(&mut self) -> Result<(), TraceError> {
        self.copy_until(0, true)
    }

    fn copy_container(&mut self, depth: usize) -> Result<(), TraceError> {
        self.copy_until(depth, false)
    }

    /// Copies until `depth` brackets are closed, or, for a string, until its closing quote.
    fn copy_until(&mut self, mut depth: usize, is_string: bool) -> Result<(), TraceError> {
        let begun = self.line;
        let (mut in_string, mut is_escaped) = (false, false);
        loop {
            let chunk = match self.content.fill_buf() {
                Ok([]) => {
                    let end = if is_string { "a closing quote" } else { "a closing bracket" };
                    let expected = format!("{end} for what begins in line {begun}");
                    return Err(self.broken("the end of the file", &expected));
                }
                Ok(chunk) => chunk,
                Err(source) => {
                    return Err(unreadable(&self.file, begun, &self.budget, source));
                }
            };
            let mut end = None;
            for (at, &byte) in chunk.iter().enumerate() {
                if in_string {
                    match byte {
                        _ if is_escaped => is_escaped = false,
                        b'\\' => is_escaped = true,
                        b'"' => {
                            in_string = false;
                            if is_string {
                                end = Some(at + 1);
                                break;
                            }
                        }
                        _ => {}
                    }
                    continue;
                }
                match byte {
                    b'"' => in_string = true,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            end = Some(at + 1);
                            break;
                        }
                    }
                    _ => {}
                }
            }
            let taken = end.unwrap_or(chunk.len());
            self.object.extend_from_slice(&chunk[..taken]);
            self.line += memchr::memchr_iter(b'\n', &chunk[..taken]).count() as u64;
            self.content.consume(taken);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn peek(&mut self) -> Result<Option<u8>, TraceError> {
        match self.content.fill_buf() {
            Ok(chunk) => Ok(chunk.first().copied()),
            Err(source) => Err(unreadable(&self.file, self.line, &self.budget, source)),
        }
    }

    /// The next byte that is not blank. Tools that write JSON text sequences (RFC 7464) put a
    /// record separator before each document.
    fn peek_solid(&mut self) -> Result<Option<u8>, TraceError> {
        loop {
            match self.peek()? {
                Some(b'\n') => self.line += 1,
                Some(b' ' | b'\t' | b'\r' | 0x1e) => {}
                other => return Ok(other),
            }
            self.skip();
        }
    }

    fn need(&mut self, what: &str) -> Result<u8, TraceError> {
        match self.peek_solid()? {
            Some(byte) => Ok(byte),
            None => Err(self.broken("the end of the file", what)),
        }
    }

    fn skip(&mut self) {
        self.content.consume(1);
    }

    fn broken(&self, found: &str, expected: &str) -> TraceError {
        let place = Place { file: Arc::clone(&self.file), line: self.line };
        TraceError::Broken { place, found: found.to_owned(), expected: expected.to_owned() }
    }
}

/// The text of a key in quotes. Keys that matter have no escapes.
fn key(quoted: &[u8]) -> &[u8] {
    quoted.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or_default()
}

fn is_id(key: &[u8]) -> bool {
    !key.is_empty() && key.iter().all(u8::is_ascii_digit)
}

//! The little HTML that a page needs.

use std::fmt::Write;

/// A page in the making.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
}

/// How a column of a table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

impl Page {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn raw(&mut self, html: &str) {
        self.text.push_str(html);
    }

    /// Opens a section; who opens it closes it.
    pub(super) fn section(&mut self, id: &str, title: &str) {
        let (id, title) = (escape(id), escape(title));
        let _ = writeln!(self.text, "<section id=\"{id}\">\n<h2>{title}</h2>");
    }

    /// Opens a section whose beginning stays on one sheet of paper, until the `</div>` that ends
    /// it.
    pub(super) fn section_kept(&mut self, id: &str, title: &str) {
        let (id, title) = (escape(id), escape(title));
        let _ =
            writeln!(self.text, "<section id=\"{id}\">\n<div class=\"kept\">\n<h2>{title}</h2>");
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.text, "<p>{}</p>", escape(text));
    }

    pub(super) fn note(&mut self, text: &str) {
        let _ = writeln!(self.text, "<p class=\"note\">{}</p>", escape(text));
    }

    /// A table; cells are text.
    pub(super) fn table(&mut self, head: &[(&str, Side)], rows: &[Vec<String>]) {
        let class = |side: Side| if side == Side::Right { " class=\"n\"" } else { "" };
        self.raw("<div class=\"wide\"><table>\n<thead><tr>");
        for (name, side) in head {
            let _ = write!(self.text, "<th{}>{}</th>", class(*side), escape(name));
        }
        self.raw("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.raw("<tr>");
            for (cell, (_, side)) in row.iter().zip(head) {
                let _ = write!(self.text, "<td{}>{}</td>", class(*side), escape(cell));
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody>\n</table></div>\n");
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Text as HTML shows it; names in a trace are anybody's.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Control characters have no place in a page.
            letter if letter.is_control() && letter != '\n' => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

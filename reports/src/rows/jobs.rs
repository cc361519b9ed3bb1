//! One row for each job.

use super::table::{Cell, Column, Kind, RowWriter};
use crate::atomic::OutputError;
use crate::names::Names;
use crate::wait::Story;
use crate::words;
use greenroom_scheduler::decision::Cause;
use greenroom_scheduler::time::{Span, Time};
use std::path::Path;

const TEXT: [&str; 4] = ["team", "class", "repository", "workflow"];

/// The table of jobs, in the order in which they ended.
#[derive(Debug)]
pub struct JobRows(RowWriter);

impl JobRows {
    /// Begins the table.
    pub fn begin(path: &Path) -> Result<Self, OutputError> {
        RowWriter::begin(path, &columns()).map(Self)
    }

    /// One more job.
    pub fn job(&mut self, names: &Names, story: &Story) {
        self.0.row(cells(names, story));
    }

    /// Puts the table into its place.
    pub fn finish(self) -> Result<(), OutputError> {
        self.0.finish()
    }
}

fn columns() -> Vec<Column> {
    let column = |name: &str, kind| Column { name: name.to_owned(), kind };
    let mut columns = vec![column("job", Kind::Integer), column("run", Kind::Integer)];
    columns.extend(TEXT.map(|name| column(name, Kind::Text)));
    columns.push(column("job_name", Kind::Text));
    let numbers = ["ready_ms", "started_ms", "ended_ms"];
    columns.extend(numbers.map(|name| column(name, Kind::Integer)));
    columns.push(column("result", Kind::Text));
    let numbers =
        ["attempts", "queue_ms", "recorded_queue_ms", "run_ms", "interrupted_ms", "released_by"];
    columns.extend(numbers.map(|name| column(name, Kind::Integer)));
    columns.extend(["runner", "node"].map(|name| column(name, Kind::Integer)));
    columns.extend(["instance_type", "capacity_type"].map(|name| column(name, Kind::Text)));
    columns.extend(
        Cause::ALL.map(|cause| column(&format!("queue_{}_ms", snake(cause)), Kind::Integer)),
    );
    columns
}

fn cells(names: &Names, story: &Story) -> Vec<Cell> {
    let set = names.set(story.set.index());
    let label = names.label(story.label);
    let host = story.host.as_ref();
    let node = host.and_then(|host| host.node);
    let machine = host.and_then(|host| host.machine);
    let of_label = |part: fn(&crate::names::Label) -> &String| {
        label.map_or(Cell::Empty, |label| Cell::text(part(label)))
    };
    let ms = |span: Span| Cell::integer(Some(span.as_ms()));
    let at = |at: Option<Time>| Cell::integer(at.map(Time::as_ms));
    let mut cells = vec![
        Cell::integer(Some(story.job.serial)),
        Cell::integer(story.run.map(|run| run.0)),
        set.map_or(Cell::Empty, |set| Cell::text(names.team(set.team))),
        set.map_or(Cell::Empty, |set| Cell::text(names.pool(set.pool))),
        of_label(|label| &label.repository),
        of_label(|label| &label.workflow),
        of_label(|label| &label.job),
        at(Some(story.ready)),
        at(story.started),
        at(story.ended),
        Cell::text(words::result(story.result)),
        Cell::integer(Some(story.attempts)),
        ms(story.waited),
        Cell::integer(story.recorded.map(Span::as_ms)),
        ms(story.ran),
        ms(story.interrupted),
        Cell::integer(story.released_by),
        Cell::integer(host.map(|host| host.runner.serial)),
        Cell::integer(node.map(|node| node.serial)),
        machine.map_or(Cell::Empty, |(kind, _)| Cell::text(names.type_name(kind))),
        machine.map_or(Cell::Empty, |(_, capacity)| Cell::text(words::capacity(capacity))),
    ];
    cells.extend(Cause::ALL.map(|cause| ms(story.waited_for(cause))));
    cells
}

/// `node_startup`: the cause as entries spell it.
fn snake(cause: Cause) -> String {
    let text = format!("{cause:?}");
    let mut snake = String::new();
    for letter in text.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

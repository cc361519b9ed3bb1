//! The answer for a terminal.

use super::answer::{Answer, Choice, Point};
use crate::replications::{Interval, MEANING};
use crate::table::{aligned, columns};
use crate::words::{self, count, percent, seconds, usd};
use std::fmt::{Result, Write as _};

/// Most rows of a table on a terminal; the rest is summed up in one line.
const ROWS_MAX: usize = 14;

/// A span shorter than this leaves out hours of the day, and a month made of it is a guess.
const DAY_H: f64 = 24.0;

impl Answer {
    /// The answer for a terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to text cannot fail.
        let _ = self.tell(&mut text);
        text
    }

    fn tell(&self, text: &mut String) -> Result {
        self.tell_head(text)?;
        self.tell_front(text)?;
        self.tell_choice(text)?;
        self.tell_capacity(text)?;
        self.tell_stress(text)
    }

    fn tell_head(&self, text: &mut String) -> Result {
        let Self { trace, world, seed, search, .. } = self;
        let (jobs, span) = (count(self.jobs), seconds(self.span_h * 3_600.0));
        writeln!(text, "{trace}: {jobs} jobs in {span}, world {world}, seed {seed}\n")?;
        let mut rows = vec![["Objective", "jobs", "today", "", ""].map(ToOwned::to_owned)];
        let name = if self.is_met { "recommended" } else { "nearest" };
        name.clone_into(&mut rows[0][3]);
        for (place, wish) in self.slo.iter().enumerate() {
            let of = |choice: &Choice| spread(choice.figures_s[place], seconds);
            let is_kept = self.chosen.keeps[place];
            rows.push([
                format!("{}{}", self.number(place), wish.objective),
                count(wish.jobs),
                of(&self.today),
                of(&self.chosen),
                if is_kept { "kept" } else { "NOT KEPT" }.to_owned(),
            ]);
        }
        let cost = |choice: &Choice| spread(choice.month_usd, usd);
        let (today, chosen) = (cost(&self.today), cost(&self.chosen));
        let month = "Modelled cost of a month".to_owned();
        rows.push([month, String::new(), today, chosen, String::new()]);
        let share = |choice: &Choice| spread(choice.lost_share, percent);
        let lost = format!("Jobs lost <= {}", percent(self.lost_share_max));
        let is_kept = self.chosen.lost_share.high <= self.lost_share_max;
        let (today, chosen) = (share(&self.today), share(&self.chosen));
        let verdict = if is_kept { "kept" } else { "NOT KEPT" }.to_owned();
        rows.push([lost, count(self.jobs), today, chosen, verdict]);
        text.push_str(&aligned(&rows));
        let runs = words::runs(search.replications);
        writeln!(text, "\n95 % intervals of {runs}: {MEANING}. A month is 730 hours.")?;
        for (place, days) in self.chosen_over_days_s.iter().enumerate() {
            let Some(Interval { low, high, .. }) = days else { continue };
            let (name, low, high) = (self.short(place), seconds(*low), seconds(*high));
            let which = if self.is_met { "recommended" } else { "nearest" };
            writeln!(
                text,
                "On other days like these: {name} {low} to {high} ({which}, block bootstrap)."
            )?;
        }
        if self.span_h < DAY_H {
            writeln!(text, "The input is shorter than a day: a month made of it is a guess.")?;
        }
        self.tell_search(text)
    }

    fn tell_search(&self, text: &mut String) -> Result {
        let search = &self.search;
        let (runs, most) = (count(search.runs as u64), count(search.runs_max as u64));
        let tried = count(search.configurations as u64);
        write!(text, "Searched {tried} configurations in {runs} of at most {most} runs")?;
        if let Some(jobs) = search.beginning_jobs {
            write!(text, ", most of the first {} jobs only", count(jobs))?;
        }
        let combinations = count(search.combinations as u64);
        if search.is_complete {
            writeln!(text, "; all {combinations} combinations were tried.")?;
        } else {
            writeln!(text, " (there are {combinations}).")?;
        }
        let turned = |has_effect: bool| {
            let keys = search.keys.iter().filter(|turned| turned.has_effect == has_effect);
            keys.map(|turned| turned.key.as_str()).collect::<Vec<_>>().join(", ")
        };
        for (name, keys) in [("Turned", turned(true)), ("Without effect", turned(false))] {
            if !keys.is_empty() {
                writeln!(text, "{name}: {keys}")?;
            }
        }
        Ok(())
    }

    fn tell_front(&self, text: &mut String) -> Result {
        writeln!(
            text,
            "\nWhat waiting less costs; nothing else that was run beats these (first runs, the same luck):\n"
        )?;
        let mut head = vec![String::new(), "a month".to_owned()];
        head.extend((0..self.slo.len()).map(|place| self.short(place)));
        head.extend(["runs".to_owned(), "changes of today's configuration".to_owned()]);
        let shown = self.shown();
        let mut rows = vec![head];
        for point in &shown {
            let mark = match (point.is_chosen, point.is_today) {
                (true, _) if self.is_met => ">",
                (true, _) => "~",
                (false, true) => "=",
                (false, false) => "",
            };
            let mut row = vec![mark.to_owned(), usd(point.month_usd)];
            row.extend(point.figures_s.iter().map(|figure| seconds(*figure)));
            let set = if point.is_today { "(today's)".to_owned() } else { point.set.join(", ") };
            row.extend([count(point.runs as u64), set]);
            rows.push(row);
        }
        let last = rows[0].len() - 1;
        text.push_str(&columns(&rows, |place| place == 0 || place == last));
        let left_out = self.front.len() - shown.len();
        if left_out > 0 {
            writeln!(text, "  and {left_out} more between them (--json has all)")?;
        }
        Ok(())
    }

    /// How an objective is told from others: `2. `.
    fn number(&self, place: usize) -> String {
        if self.slo.len() > 1 { format!("{}. ", place + 1) } else { String::new() }
    }

    /// An objective's figure without its limit, and without whose it is where it has a number.
    fn short(&self, place: usize) -> String {
        let objective = &self.slo[place].objective;
        let figure = objective.split(" <= ").next().unwrap_or(objective);
        let own = if self.slo.len() > 1 { figure.rsplit(": ").next() } else { None };
        format!("{}{}", self.number(place), own.unwrap_or(figure))
    }

    /// As many of the front as fit, those around the limit first.
    fn shown(&self) -> Vec<&Point> {
        let nearness = |point: &Point| match point {
            Point { is_today: true, .. } | Point { is_chosen: true, .. } => 0.0,
            point => (point.share_of_limit.max(1e-6)).ln().abs(),
        };
        let mut places: Vec<usize> = (0..self.front.len()).collect();
        places.sort_by(|&a, &b| nearness(&self.front[a]).total_cmp(&nearness(&self.front[b])));
        places.truncate(ROWS_MAX);
        places.sort_unstable();
        places.into_iter().map(|place| &self.front[place]).collect()
    }

    fn tell_choice(&self, text: &mut String) -> Result {
        if !self.is_met {
            return writeln!(
                text,
                "\nNo configuration that was tried meets the objectives with confidence. The \
                 nearest (~): {}",
                told(&self.chosen)
            );
        }
        if self.changes.is_empty() {
            return writeln!(text, "\nToday's configuration is the cheapest that was found.");
        }
        writeln!(text, "\nThe recommended configuration (>) against today's:\n")?;
        let mut rows = vec![["changes", "from", "to"].map(ToOwned::to_owned)];
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        for change in &self.changes {
            rows.push([change.key.clone(), value(&change.from), value(&change.to)]);
        }
        text.push_str(&columns(&rows, |_| true));
        let saves = self.saves_per_month_usd;
        let ends = |a: f64, b: f64| {
            if a == b { "in every run".into() } else { format!("({} to {})", usd(a), usd(b)) }
        };
        match saves {
            Interval { low, .. } if low > 0.0 => {
                writeln!(text, "\nsaves   {} a month {}", usd(saves.mean), ends(low, saves.high))?;
            }
            Interval { high, .. } if high < 0.0 => writeln!(
                text,
                "\ncosts   {} more a month {}",
                usd(-saves.mean),
                ends(-high, -saves.low)
            )?,
            Interval { low, high, .. } => writeln!(
                text,
                "\nsaves   {} a month, which may as well be chance {}",
                usd(saves.mean),
                ends(low, high)
            )?,
        }
        if let Some(Interval { low, high, .. }) = self.saves_over_days_per_month_usd {
            let [low, high] = if saves.high < 0.0 { [-high, -low] } else { [low, high] };
            let ends = ends(low, high);
            writeln!(
                text,
                "        {ends} over other days like these (block bootstrap, one luck)"
            )?;
        }
        let mut risks = self.risks.iter();
        let first = risks.next().map_or("nothing that the runs show", String::as_str);
        writeln!(text, "risks   {first}")?;
        for risk in risks {
            writeln!(text, "        {risk}")?;
        }
        Ok(())
    }

    fn tell_capacity(&self, text: &mut String) -> Result {
        let capacity = &self.capacity;
        if capacity.nodes.is_empty() {
            return Ok(());
        }
        let name = if self.is_met { "recommended" } else { "nearest" };
        writeln!(text, "\nCapacity that the {name} configuration needs, at most at once:\n")?;
        let mut rows = vec![["type", "zone", "bought", "nodes"].map(ToOwned::to_owned)];
        let mut nodes: Vec<_> = capacity.nodes.iter().collect();
        nodes.sort_by_key(|peak| std::cmp::Reverse(peak.nodes));
        for peak in nodes.iter().take(ROWS_MAX) {
            rows.push([
                peak.instance_type.clone(),
                peak.zone.clone(),
                words::capacity(peak.capacity).to_owned(),
                count(u64::from(peak.nodes)),
            ]);
        }
        text.push_str(&aligned(&rows));
        if nodes.len() > ROWS_MAX {
            let (more, each) = (nodes.len() - ROWS_MAX, nodes[ROWS_MAX].nodes);
            writeln!(text, "and {more} more of {each} nodes and fewer")?;
        }
        if capacity.quotas.is_empty() {
            return Ok(());
        }
        writeln!(text, "\nQuotas of the account in vCPU:\n")?;
        let stress = format!("at {}x", self.stress.factor);
        let head = ["quota", "peak", &stress, "limit", "to file"];
        let mut rows = vec![head.map(ToOwned::to_owned)];
        for quota in &capacity.quotas {
            let is_enough = quota.limit_vcpu.is_some_and(|limit| limit >= quota.file_vcpu);
            rows.push([
                quota.quota.clone(),
                count(u64::from(quota.peak_vcpu)),
                count(u64::from(quota.peak_under_stress_vcpu)),
                quota.limit_vcpu.map_or_else(|| "-".to_owned(), |limit| count(limit.into())),
                if is_enough { "enough".to_owned() } else { count(quota.file_vcpu.into()) },
            ]);
        }
        text.push_str(&aligned(&rows));
        Ok(())
    }

    fn tell_stress(&self, text: &mut String) -> Result {
        let stress = &self.stress;
        let Some((first, others)) = stress.breaks.split_first() else {
            if stress.steps.is_empty() {
                return Ok(());
            }
            let factor = stress.factor;
            return writeln!(text, "\nStress: nothing breaks up to {factor}x the jobs.");
        };
        writeln!(text, "\nStress: first, at {}x the jobs, {}.", first.factor, first.what)?;
        for other in others {
            writeln!(text, "        then, at {}x, {}.", other.factor, other.what)?;
        }
        Ok(())
    }
}

fn told(choice: &Choice) -> String {
    if choice.set.is_empty() { "today's".to_owned() } else { choice.set.join(", ") }
}

fn spread(interval: Interval, show: impl Fn(f64) -> String) -> String {
    let Interval { mean, low, high } = interval;
    let [mean, low, high] = [mean, low.max(0.0), high].map(show);
    if low == high { mean } else { format!("{mean} ({low} to {high})") }
}

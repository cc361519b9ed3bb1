//! Reading words: lengths of time, sizes, prices, `key=value`.

use greenroom_scheduler::model::{CapacityType, ServiceClass};
use greenroom_scheduler::money::Rate;
use greenroom_scheduler::resources::Resources;
use greenroom_scheduler::time::{Span, Time};

/// `90s`, `1m30s`, `2h`, `250ms`.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let mut total = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits =
            rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(|| format!("{text}: no unit"))?;
        let number: u64 = rest[..digits].parse().map_err(|_| format!("{text}: no number"))?;
        let after = &rest[digits..];
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        total += number
            * match &after[..end] {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                unit => return Err(format!("{text}: no such unit: {unit}")),
            };
        rest = &after[end..];
    }
    Ok(Span::from_ms(total))
}

pub(super) fn time(text: &str) -> Result<Time, String> {
    Ok(Time::ZERO + span(text)?)
}

/// Seconds, with a fraction only where there is one.
pub(super) fn show(at: Time) -> String {
    let (s, ms) = (at.as_ms() / 1_000, at.as_ms() % 1_000);
    if ms == 0 { format!("{s}s") } else { format!("{s}.{ms:03}s") }
}

/// `4x16` or `4x16x1`: vCPU, GiB, GPUs.
pub(super) fn size(text: &str) -> Result<Resources, String> {
    let parts: Vec<u32> = text
        .split('x')
        .map(|part| part.parse().map_err(|_| format!("{text}: no size")))
        .collect::<Result<_, _>>()?;
    match parts[..] {
        [cpu, memory] => Ok(sized(cpu, memory, 0)),
        [cpu, memory, gpu] => Ok(sized(cpu, memory, gpu)),
        _ => Err(format!("{text}: no size")),
    }
}

const fn sized(cpu: u32, memory: u32, gpu: u32) -> Resources {
    Resources { cpu_milli: cpu * 1_000, memory_mib: memory * 1_024, gpu }
}

/// `$0.20`.
pub(super) fn usd(text: &str) -> Result<f64, String> {
    let digits = text.strip_prefix('$').ok_or_else(|| format!("{text}: no price"))?;
    digits.parse().map_err(|_| format!("{text}: no price"))
}

pub(super) fn rate(text: &str) -> Result<Rate, String> {
    Ok(Rate::from_usd_per_hour(usd(text)?))
}

pub(super) fn capacity(text: &str) -> Result<CapacityType, String> {
    match text {
        "spot" => Ok(CapacityType::Spot),
        "on-demand" => Ok(CapacityType::OnDemand),
        _ => Err(format!("{text}: neither spot nor on-demand")),
    }
}

pub(super) fn class(text: &str) -> Result<ServiceClass, String> {
    match text {
        "interactive" => Ok(ServiceClass::Interactive),
        "standard" => Ok(ServiceClass::Standard),
        "batch" => Ok(ServiceClass::Batch),
        _ => Err(format!("{text}: no service class")),
    }
}

pub(super) fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{text}: no number"))
}

/// The words of a line: flags, and `key=value`. What nobody asks for is a fault.
pub(super) struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    pub(super) fn new(words: &[&'a str]) -> Self {
        Self(words.to_vec())
    }

    /// Takes a flag.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| *word != name);
        self.0.len() < before
    }

    /// Takes the value of a key.
    pub(super) fn value<T>(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        let is = |word: &&str| word.split_once('=').is_some_and(|(name, _)| name == key);
        let Some(place) = self.0.iter().position(is) else { return Ok(None) };
        let (_, value) = self.0.remove(place).split_once('=').expect("it was just split");
        read(value).map(Some)
    }

    /// Takes a value that must be there.
    pub(super) fn needed<T>(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, String> {
        self.value(key, read)?.ok_or_else(|| format!("{key}=... is missing"))
    }

    pub(super) fn end(self) -> Result<(), String> {
        match self.0.first() {
            Some(word) => Err(format!("what is {word}?")),
            None => Ok(()),
        }
    }
}

//! Figures: what the runs came to.

use std::{collections::BTreeMap, fmt, ops::AddAssign, time::Duration};

#[derive(Debug, Clone, Default)]
pub struct Figures {
    pub runs: u64,
    /// What clients wanted, and how often they asked again for it.
    pub writes: u64,
    pub repeats: u64,
    /// Of the gateway's process, by point; `any` is a moment like any other.
    pub kills: BTreeMap<String, u64>,
    pub restarts: u64,
    /// Of one process among several, from SIGSTOP to SIGCONT.
    pub pauses: u64,
    /// Kills and pauses of who held a lease.
    pub holding: u64,
    /// Times that what a dead one left behind was carried out by the others, and how long the longest took from its
    /// death until nothing waited any more.
    pub takeovers: u64,
    pub longest: Duration,
    /// Of the vendor, those that change something.
    pub calls: u64,
    /// Writes that were journalled, and those of them that took effect.
    pub promised: u64,
    /// Answers that said so before the vendor had it.
    pub early: u64,
    pub delivered: u64,
    /// Of those the ones that are dead letters for a call behind the one that took effect.
    pub partly: u64,
    pub dead: u64,
    pub lost: u64,
    pub doubled: u64,
    /// Answers that were not true.
    pub lies: u64,
    /// Pairs of writes that reached the vendor the wrong way round, and were mended.
    pub inversions: u64,
}

impl AddAssign<&Self> for Figures {
    fn add_assign(&mut self, other: &Self) {
        let pairs = [
            (&mut self.runs, other.runs),
            (&mut self.writes, other.writes),
            (&mut self.repeats, other.repeats),
            (&mut self.restarts, other.restarts),
            (&mut self.pauses, other.pauses),
            (&mut self.holding, other.holding),
            (&mut self.takeovers, other.takeovers),
            (&mut self.calls, other.calls),
            (&mut self.promised, other.promised),
            (&mut self.early, other.early),
            (&mut self.delivered, other.delivered),
            (&mut self.partly, other.partly),
            (&mut self.dead, other.dead),
            (&mut self.lost, other.lost),
            (&mut self.doubled, other.doubled),
            (&mut self.lies, other.lies),
            (&mut self.inversions, other.inversions),
        ];
        pairs.into_iter().for_each(|(sum, one)| *sum += one);
        self.longest = self.longest.max(other.longest);
        for (point, kills) in &other.kills {
            *self.kills.entry(point.clone()).or_default() += kills;
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs, writes, repeats, restarts, calls, promised, delivered, .. } = self;
        let Self { early, partly, dead, lost, doubled, lies, inversions, .. } = self;
        let kills: u64 = self.kills.values().sum();
        let by_point: Vec<_> = self.kills.iter().map(|(point, n)| format!("{point} {n}")).collect();
        writeln!(f, "{runs} runs: {writes} writes, {repeats} repeats, {calls} vendor calls")?;
        writeln!(f, "{kills} kills ({}), {restarts} restarts", by_point.join(", "))?;
        if self.takeovers > 0 {
            let Self { pauses, holding, takeovers, longest, .. } = self;
            writeln!(f, "{pauses} pauses; {holding} kills and pauses of who held a lease")?;
            writeln!(f, "{takeovers} takeovers, the longest {longest:.1?}")?;
        }
        writeln!(
            f,
            "{promised} promised ({early} answers early), {delivered} delivered ({partly} in part), {dead} dead letters"
        )?;
        write!(f, "lost {lost}, doubled {doubled}, lies {lies}, inversions {inversions}")
    }
}

//! Killer: ends the gateway where and when it hurts, never at rest, and starts it again.

use crate::{
    client::Clients,
    dice::Dice,
    gateway::{Gateway, Setting, is_by_order},
};
use std::{collections::BTreeMap, time::Duration};

/// All points that there are.
pub const POINTS: [&str; 9] = [
    "answer.after",
    "answer.before",
    "call.after",
    "call.before",
    "commit.after",
    "commit.before",
    "commit.begin",
    "turn.begin",
    "turn.end",
];

/// How often the points of one life without a death are passed.
pub type Trace = BTreeMap<String, u64>;

/// Deaths of one run.
const DEATHS: u64 = 3;
/// So many times that of a control: what it leaves out shows within fifty seeds, and not just as a rule.
pub const OF_A_CONTROL: u64 = 2;
/// A life that does not come by its point in this time ends there.
const LONGEST: Duration = Duration::from_millis(1_000);
/// After the last death, for what comes of it.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// Where lives ended: by point, `any` for a moment like any other.
pub type Deaths = BTreeMap<String, u64>;

/// Lets the gateway die and live while clients write; the last life is left running. What a life held is free for the
/// next one after `takeover`.
pub fn lives(
    setting: &Setting,
    clients: &Clients,
    dice: &mut Dice,
    trace: &Trace,
    takeover: Duration,
) -> (Gateway, Deaths) {
    let mut deaths = Deaths::new();
    // A disk that takes its time, for half of all runs.
    let slow = if dice.percent(50) { "pause@commit.before," } else { "" };
    let times = if setting.off.is_empty() || setting.lags { 1 } else { OF_A_CONTROL };
    for _ in 0..DEATHS * times {
        let point = dice.percent(65).then(|| thrown(dice, trace)).flatten();
        let order = point.as_ref().map(|(point, nth)| format!("kill@{point}#{nth}"));
        let orders = format!("{slow}{}", order.unwrap_or_default());
        // What is given up and lands shows where somebody writes behind it.
        let any = if setting.lags { 3 * LONGEST } else { LONGEST / 4 };
        let moment = Duration::from_millis(dice.between(5, any.as_millis() as u64));
        let time = if point.is_some() { any.max(LONGEST) } else { moment };
        // What the life before held comes first.
        let waits = if deaths.is_empty() { Duration::ZERO } else { takeover };
        let died = life(setting, clients, &orders, waits + time);
        let place = point.filter(|_| died).map_or_else(|| "any".to_owned(), |(point, _)| point);
        *deaths.entry(place).or_default() += 1;
    }
    let gateway = Gateway::start(setting, slow);
    let mut gateway = gateway.unwrap_or_else(|status| panic!("{status}: {}", setting.log()));
    clients.served(true);
    assert!(!gateway.dies_within(takeover + AFTERWARDS), "nobody told it to die");
    (gateway, deaths)
}

/// A point and a passage of it. Each point is as likely as any other, however rarely it is passed.
fn thrown(dice: &mut Dice, trace: &Trace) -> Option<(String, u64)> {
    let points: Vec<&String> = trace.keys().collect();
    let point = (*points.get(dice.below(points.len().max(1) as u64) as usize)?).clone();
    let nth = dice.between(1, trace[&point].max(1));
    Some((point, nth))
}

/// Whether it died at the point of its orders.
fn life(setting: &Setting, clients: &Clients, orders: &str, time: Duration) -> bool {
    let mut gateway = match Gateway::start(setting, orders) {
        Ok(gateway) => gateway,
        Err(status) if is_by_order(status) => return true,
        Err(status) => panic!("it does not start again: {status}: {}", setting.log()),
    };
    clients.served(true);
    let died = gateway.dies_within(time);
    if !died {
        clients.wait_until_asking();
        gateway.kill();
    }
    clients.served(false);
    died
}

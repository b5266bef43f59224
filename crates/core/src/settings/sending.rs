//! The settings of sending, as the sender takes them.

use std::time::Duration;

use super::Settings;
use crate::sending::{Hours, Limit, Order, Rules, SimSelection};

impl Settings {
    /// When messages may go.
    pub(crate) fn sending_rules(&self) -> Rules {
        let seconds = |name| self.number("messages", name).map(Duration::from_secs);
        let shortest = seconds("send_interval_min").unwrap_or_default();
        let longest = seconds("send_interval_max").unwrap_or(shortest);
        Rules {
            pause: (shortest, longest.max(shortest)),
            limit: self.limit(),
            hours: self.work_hours(),
        }
    }

    fn limit(&self) -> Option<Limit> {
        let seconds = match self.text("messages", "limit_period").as_deref() {
            Some("PerMinute") => 60,
            Some("Per30Minutes") => 1_800,
            Some("PerHour") => 3_600,
            Some("PerDay") => 86_400,
            _ => return None,
        };
        let count = u32::try_from(self.number("messages", "limit_value")?).ok()?;
        (count > 0).then_some(Limit {
            count,
            period: Duration::from_secs(seconds),
        })
    }

    fn work_hours(&self) -> Option<Hours> {
        let enabled = self.get("messages", "work_hours_enabled")?.as_bool()?;
        let minutes = |name| {
            let text = self.text("messages", name)?;
            let (hour, minute) = text.split_once(':')?;
            Some(hour.parse::<u16>().ok()? * 60 + minute.parse::<u16>().ok()?)
        };
        let (start, end) = (minutes("work_hours_start")?, minutes("work_hours_end")?);
        enabled.then_some(Hours { start, end })
    }

    /// In which order messages of one priority go.
    pub(crate) fn processing_order(&self) -> Order {
        match self.text("messages", "processing_order").as_deref() {
            Some("LIFO") => Order::Lifo,
            _ => Order::Fifo,
        }
    }

    /// Which SIM sends a message that names none.
    pub(crate) fn sim_selection(&self) -> SimSelection {
        match self.text("messages", "sim_selection_mode").as_deref() {
            Some("RoundRobin") => SimSelection::RoundRobin,
            Some("Random") => SimSelection::Random,
            _ => SimSelection::OsDefault,
        }
    }
}

//! Makes the pacing rules of the settings.

use std::time::Duration;

use super::pacing::{Hours, Limit, Rules};
use crate::settings::Messages;

/// Returns the pacing rules of these settings.
pub(super) fn rules(settings: &Messages) -> Rules {
    let shortest = Duration::from_secs(settings.send_interval_min);
    let longest = settings.send_interval_max.map(Duration::from_secs);
    let limit = settings.limit_period.duration().map(|period| Limit {
        count: settings.limit_value,
        period,
    });
    let hours = Hours {
        start: settings.work_hours_start.0,
        end: settings.work_hours_end.0,
    };
    Rules {
        pause: (shortest, longest.unwrap_or(shortest).max(shortest)),
        limit: limit.filter(|limit| limit.count > 0),
        hours: settings.work_hours_enabled.then_some(hours),
    }
}

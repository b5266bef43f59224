//! The health answer: the checks, names and units of SMSGate, and additional checks of our own
//! (protocol.md 1.4, Health).

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Battery, Charging, DeviceState, Network};
use crate::model::device_fault::DeviceFault;

/// Result of a check, or of all together. Ordered from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// All is well.
    Pass,
    /// It works, but somebody should look.
    Warn,
    /// It does not work.
    Fail,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Result.
    pub status: Status,
    /// The observed value.
    pub observed_value: i64,
    /// The unit of the observed value.
    pub observed_unit: String,
    /// What is checked.
    pub description: String,
}

/// The health answer, also the payload of `system:ping`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// The worst of all checks.
    pub status: Status,
    /// The version of SMSGate that this is compatible with, then this program's own.
    #[schema(example = "1.75.0+simrelay.1.2.3")]
    pub version: String,
    /// The version as a number that grows.
    #[schema(example = 1_750_010_203)]
    pub release_id: u32,
    /// The checks by name.
    pub checks: BTreeMap<String, Check>,
}

/// The facts from which health is computed.
pub(crate) struct Facts {
    pub device: DeviceState,
    /// The last write reached the disk.
    pub writable: bool,
    /// No read failed in the last minute.
    pub readable: bool,
    /// The number of the gateway's tasks that panicked in the last hour.
    pub panics: usize,
    /// Damage was found in the database and not repaired.
    pub damaged: bool,
    /// The database was recovered, and the owner has not acknowledged it.
    pub recovered: bool,
    /// The number of messages that failed in the last hour.
    pub failed_messages: i64,
    /// The numbers of dead deliveries and of failing webhooks, each counted up to a limit.
    pub dead: u32,
    pub failing: u32,
    /// How many dead deliveries were removed by age so far, and whether any of them in the last 30
    /// days.
    pub removed_dead: (i64, bool),
    /// The device fault in the latest attempt to deliver.
    pub lacking: Option<DeviceFault>,
}

impl Health {
    pub(crate) fn judge(facts: &Facts) -> Self {
        let mut checks = BTreeMap::new();
        let mut add = |name: &str, status, observed_value, unit: &str, description: &str| {
            let check = Check {
                status,
                observed_value,
                observed_unit: unit.into(),
                description: description.into(),
            };
            checks.insert(name.to_owned(), check);
        };
        let Network {
            online,
            transport,
            cellular,
        } = facts.device.network;
        let Battery { level, charging } = facts.device.battery;
        let failed = warn_if(facts.failed_messages > 0);
        add(
            "messages:failed",
            failed,
            facts.failed_messages,
            "messages",
            "Failed messages for last hour",
        );
        add(
            "connection:status",
            warn_if(!online),
            online.into(),
            "boolean",
            "Internet connection status",
        );
        add(
            "connection:transport",
            Status::Pass,
            transport as i64,
            "flags",
            "Network transport type",
        );
        add(
            "connection:cellular",
            Status::Pass,
            cellular as i64,
            "index",
            "Cellular network type",
        );
        let low = battery_status(level, charging);
        add(
            "battery:level",
            low,
            level.into(),
            "percent",
            "Battery level in percent",
        );
        add(
            "battery:charging",
            Status::Pass,
            charging as i64,
            "flags",
            "Is the phone charging?",
        );
        if !facts.writable {
            add(
                "storage:writable",
                Status::Fail,
                0,
                "boolean",
                "The storage is full or cannot be written to",
            );
        }
        if let Some(fault) = facts.lacking {
            let told = fault.to_string();
            add("deliveries:device", Status::Warn, 1, "boolean", &told);
        }
        if !facts.readable {
            add(
                "storage:readable",
                Status::Fail,
                0,
                "boolean",
                "The storage cannot be read",
            );
        }
        if facts.panics > 0 {
            add(
                "tasks:broken",
                Status::Warn,
                i64::try_from(facts.panics).unwrap_or(i64::MAX),
                "tasks",
                "Tasks that crashed because of a bug in the last hour and were restarted",
            );
        }
        add(
            "deliveries:dead",
            warn_if(facts.dead > 0),
            facts.dead.into(),
            "deliveries",
            "Webhook deliveries that failed for good; replay or discard them",
        );
        add(
            "webhooks:failing",
            warn_if(facts.failing > 0),
            facts.failing.into(),
            "webhooks",
            "Webhooks whose latest attempt failed",
        );
        if facts.damaged {
            add(
                "store:damaged",
                Status::Fail,
                1,
                "boolean",
                "Part of the database is damaged",
            );
        }
        if facts.recovered {
            add(
                "store:recovered",
                Status::Warn,
                1,
                "boolean",
                "The database was damaged and has been recovered; some data may be lost",
            );
        }
        for warning in &facts.device.warnings {
            let name = format!("shell:{}", warning.code);
            add(&name, Status::Warn, 1, "boolean", &warning.text);
        }
        let (removed, lately) = facts.removed_dead;
        if removed > 0 {
            add(
                "deliveries:removed",
                warn_if(lately),
                removed,
                "deliveries",
                "Undelivered webhooks removed after 30 days",
            );
        }
        let status = checks
            .values()
            .map(|check| check.status)
            .max()
            .unwrap_or(Status::Pass);
        Self {
            status,
            version: crate::model::version::CONTRACT.into(),
            release_id: crate::model::version::release_id(),
            checks,
        }
    }
}

fn warn_if(condition: bool) -> Status {
    if condition {
        Status::Warn
    } else {
        Status::Pass
    }
}

/// Returns the status of the battery: one that is nearly empty stops the gateway soon, unless it is
/// being charged.
fn battery_status(level: u8, charging: Charging) -> Status {
    match level {
        _ if charging != Charging::No => Status::Pass,
        0..10 => Status::Fail,
        10..25 => Status::Warn,
        _ => Status::Pass,
    }
}

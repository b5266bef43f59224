//! Converts the shell's facts about the phone from JSON.

use jiff::tz::{Offset, TimeZone};
use serde::Deserialize;
use simrelay_core::PhoneNumber;
use simrelay_core::device::{
    Battery, Cellular, Charging, DeviceChange, DeviceState, Network, Sim, Transport, Warning,
};

use crate::boundary::Failure;

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct DeviceJson {
    name: Option<String>,
    zone: Option<String>,
    locale: Option<String>,
    sims: Option<Vec<SimJson>>,
    battery: Option<BatteryJson>,
    network: Option<NetworkJson>,
    warnings: Option<Vec<WarningJson>>,
    boot: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SimJson {
    slot_index: u32,
    sim_number: u32,
    phone_number: Option<String>,
    carrier_name: Option<String>,
    iccid: Option<String>,
    country: Option<String>,
}

#[derive(Deserialize)]
struct BatteryJson {
    level: u8,
    charging: ChargingJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ChargingJson {
    No,
    Unknown,
    Mains,
    Usb,
}

#[derive(Deserialize)]
struct NetworkJson {
    online: bool,
    transport: i32,
    cellular: i32,
}

#[derive(Deserialize)]
struct WarningJson {
    code: String,
    text: String,
}

fn parse(json: &str) -> Result<DeviceJson, Failure> {
    serde_json::from_str(json).map_err(|error| Failure::Argument(format!("device: {error}.")))
}

/// Returns the name of the phone's present boot, if the platform counts boots.
pub(crate) fn boot(json: &str) -> Result<Option<String>, Failure> {
    Ok(parse(json)?.boot)
}

/// Returns the changes; a missing member means unchanged.
pub(crate) fn change(json: &str) -> Result<DeviceChange, Failure> {
    let device = parse(json)?;
    Ok(DeviceChange {
        name: device.name,
        zone: device.zone.map(|id| zone(&id)),
        locale: device.locale,
        sims: device.sims.map(|sims| sims.into_iter().map(sim).collect()),
        battery: device.battery.map(battery),
        network: device
            .network
            .map(|told| network(told.online, told.transport, told.cellular)),
        warnings: device
            .warnings
            .map(|warnings| warnings.into_iter().map(warning).collect()),
    })
}

/// Returns a whole device; a missing member means unknown, and there is no network until one is
/// reported.
pub(crate) fn whole(json: &str) -> Result<DeviceState, Failure> {
    let told = change(json)?;
    Ok(DeviceState {
        name: told.name.unwrap_or_else(|| "Android".into()),
        sims: told.sims.unwrap_or_default(),
        battery: told.battery.unwrap_or(Battery {
            level: 100,
            charging: Charging::Unknown,
        }),
        network: told.network.unwrap_or_else(|| network(false, 0, 0)),
        zone: told.zone.unwrap_or(TimeZone::UTC),
        locale: told.locale.unwrap_or_default(),
        warnings: told.warnings.unwrap_or_default(),
    })
}

/// Converts a network. The numbers are those of [`Transport`] and [`Cellular`]; others mean
/// unknown.
pub(crate) fn network(online: bool, transport: i32, cellular: i32) -> Network {
    Network {
        online,
        transport: match transport {
            0 => Transport::None,
            2 => Transport::Cellular,
            4 => Transport::WiFi,
            8 => Transport::Ethernet,
            _ => Transport::Unknown,
        },
        cellular: match cellular {
            0 => Cellular::None,
            2 => Cellular::Mobile2G,
            3 => Cellular::Mobile3G,
            4 => Cellular::Mobile4G,
            5 => Cellular::Mobile5G,
            _ => Cellular::Unknown,
        },
    }
}

fn battery(told: BatteryJson) -> Battery {
    Battery {
        level: told.level.min(100),
        charging: match told.charging {
            ChargingJson::No => Charging::No,
            ChargingJson::Unknown => Charging::Unknown,
            ChargingJson::Mains => Charging::Mains,
            ChargingJson::Usb => Charging::Usb,
        },
    }
}

fn sim(told: SimJson) -> Sim {
    let known = |text: Option<String>| text.filter(|text| !text.is_empty());
    Sim {
        slot_index: told.slot_index,
        sim_number: told.sim_number,
        phone_number: known(told.phone_number).map(PhoneNumber::new),
        carrier_name: known(told.carrier_name),
        iccid: known(told.iccid),
        country: known(told.country),
    }
}

fn warning(told: WarningJson) -> Warning {
    Warning {
        code: told.code,
        text: told.text,
    }
}

/// Reads a zone by its id or as Android's `GMT+07:00`. An unknown zone becomes UTC and is logged:
/// no message is refused for that.
fn zone(id: &str) -> TimeZone {
    TimeZone::get(id)
        .ok()
        .or_else(|| fixed(id))
        .unwrap_or_else(|| {
            tracing::warn!(zone = id, "this time zone is not known; times are in UTC");
            TimeZone::UTC
        })
}

fn fixed(id: &str) -> Option<TimeZone> {
    let offset = id.strip_prefix("GMT")?;
    let (sign, digits) = match offset.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, offset.strip_prefix('+')?),
    };
    let (hours, minutes) = digits.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
    Some(TimeZone::fixed(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boot_and_country_are_read_if_present() {
        let told = r#"{"boot":"7","sims":[{"slotIndex":0,"simNumber":1,"country":"DE"},
            {"slotIndex":1,"simNumber":2,"country":""}]}"#;
        assert_eq!(boot(told).ok().flatten().as_deref(), Some("7"));
        assert!(matches!(boot("{}"), Ok(None)));
        let sims = change(told).ok().and_then(|change| change.sims);
        let countries: Vec<_> = sims.into_iter().flatten().map(|sim| sim.country).collect();
        assert_eq!(countries, [Some("DE".to_owned()), None]);
    }
}

//! The simulated phone: `SimRelay/Simulator` with two US SIMs.

use jiff::tz::TimeZone;
use simrelay_core::PhoneNumber;
use simrelay_core::device::{Battery, Cellular, Charging, DeviceState, Network, Sim, Transport};

/// Returns the phone: online by Wi-Fi, on its battery.
pub fn simulated() -> DeviceState {
    DeviceState {
        name: "SimRelay/Simulator".into(),
        sims: vec![
            sim(0, "+12025550100", "Sim One"),
            sim(1, "+12025550101", "Sim Two"),
        ],
        battery: battery(80, false),
        network: network(true),
        zone: TimeZone::system(),
        locale: String::new(),
        warnings: Vec::new(),
    }
}

pub fn battery(level: u8, charging: bool) -> Battery {
    Battery {
        level,
        charging: if charging {
            Charging::Usb
        } else {
            Charging::No
        },
    }
}

pub fn network(online: bool) -> Network {
    let transport = if online {
        Transport::WiFi
    } else {
        Transport::None
    };
    Network {
        online,
        transport,
        cellular: Cellular::None,
    }
}

fn sim(slot_index: u32, phone_number: &str, carrier_name: &str) -> Sim {
    Sim {
        slot_index,
        sim_number: slot_index + 1,
        phone_number: Some(PhoneNumber::new(phone_number)),
        carrier_name: Some(carrier_name.into()),
        iccid: None,
        country: Some("US".into()),
    }
}

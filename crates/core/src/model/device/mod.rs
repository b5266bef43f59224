//! The phone's state: SIMs, battery, network, time zone. The shell reports it, and the core keeps
//! it.

mod health;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use health::Facts;
pub use health::{Check, Health, Status};

use crate::model::clock::UnixMillis;
use crate::model::phone::PhoneNumber;

/// A SIM card, in the device answer and in `app:started`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sim {
    /// The slot, 0-based.
    pub slot_index: u32,
    /// The number clients use, 1-based.
    #[schema(minimum = 1)]
    pub sim_number: u32,
    /// Its own number, if known from the SIM or the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub phone_number: Option<PhoneNumber>,
    /// The network operator's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub carrier_name: Option<String>,
    /// The card's serial number, where the platform still reveals it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub iccid: Option<String>,
    /// The country of its operator, two letters (ISO 3166), for numbers that are written without a
    /// country code. Published clients do not know it, so it stays out of answers and events.
    #[serde(skip)]
    #[schema(ignore)]
    pub country: Option<String>,
}

/// The phone's power supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Battery {
    /// The charge in percent.
    pub level: u8,
    /// Where the power comes from.
    pub charging: Charging,
}

/// The source of power; the numbers are those of SMSGate's health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charging {
    /// The battery alone.
    No = 0,
    /// A source that the platform does not name.
    Unknown = 1,
    /// A wall plug.
    Mains = 2,
    /// A USB port.
    Usb = 4,
}

/// The kind of network; the numbers are those of SMSGate's health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// No network.
    None = 0,
    /// A kind that the platform does not name.
    Unknown = 1,
    /// Mobile data.
    Cellular = 2,
    /// Wi-Fi.
    WiFi = 4,
    /// A cable.
    Ethernet = 8,
}

/// The mobile network's generation; the numbers are those of SMSGate's health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cellular {
    /// Not connected.
    None = 0,
    /// Connected, but the platform does not name the generation.
    Unknown = 1,
    /// GSM, GPRS, EDGE.
    Mobile2G = 2,
    /// UMTS, HSPA.
    Mobile3G = 3,
    /// LTE.
    Mobile4G = 4,
    /// NR.
    Mobile5G = 5,
}

/// The phone's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The internet is reachable (validated by the platform) and not blocked for this app.
    pub online: bool,
    /// The kind of network.
    pub transport: Transport,
    /// The mobile network's generation.
    pub cellular: Cellular,
}

/// The state that the shell reports about the phone.
#[derive(Clone, Debug)]
pub struct DeviceState {
    /// `MANUFACTURER/PRODUCT`.
    pub name: String,
    /// The SIM cards present, by slot.
    pub sims: Vec<Sim>,
    /// The power supply.
    pub battery: Battery,
    /// The connection.
    pub network: Network,
    /// The time zone in which times are written.
    pub zone: TimeZone,
    /// The owner's language (BCP 47), for requests that ask for none; `""` if the phone does not
    /// report it.
    pub locale: String,
    /// The problems that the owner should fix; each is a check of the health answer.
    pub warnings: Vec<Warning>,
}

/// A problem of the phone that keeps the gateway from working well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its name; its check is called `shell:<code>`.
    pub code: String,
    /// One sentence that says what to do.
    pub text: String,
}

/// A partial update of a [`DeviceState`]; `None` means unchanged.
#[derive(Clone, Debug, Default)]
pub struct DeviceChange {
    /// As in [`DeviceState`].
    pub name: Option<String>,
    /// As in [`DeviceState`].
    pub sims: Option<Vec<Sim>>,
    /// As in [`DeviceState`].
    pub battery: Option<Battery>,
    /// As in [`DeviceState`].
    pub network: Option<Network>,
    /// As in [`DeviceState`].
    pub zone: Option<TimeZone>,
    /// As in [`DeviceState`].
    pub locale: Option<String>,
    /// As in [`DeviceState`].
    pub warnings: Option<Vec<Warning>>,
}

impl DeviceChange {
    /// Applies the fields that no other inbound method reports.
    pub(crate) fn apply(self, device: &mut DeviceState) {
        set(&mut device.name, self.name);
        set(&mut device.sims, self.sims);
        set(&mut device.battery, self.battery);
        set(&mut device.locale, self.locale);
        set(&mut device.warnings, self.warnings);
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// The ids that the owner gave a device in addition to its generated one.
#[derive(Default)]
pub(crate) struct Ids {
    /// The id of another phone that this one replaces.
    pub taken_over: Option<String>,
    /// Further ids that clients may use for it.
    pub others: Vec<String>,
}

/// The device as the gateway knows it now.
pub(crate) struct Device {
    made_id: String,
    ids: RwLock<Ids>,
    created_at: UnixMillis,
    state: RwLock<(DeviceState, UnixMillis)>,
}

/// The device at one moment, for a transaction that may run later on another thread.
#[derive(Clone)]
pub(crate) struct DeviceContext {
    pub now: UnixMillis,
    pub zone: TimeZone,
    /// [`Device::id`].
    pub id: String,
    pub sims: Vec<Sim>,
}

impl DeviceContext {
    /// Returns the own number of the SIM in that slot (from 1), if both are known.
    pub fn sim_phone_number(&self, sim_number: Option<u32>) -> Option<PhoneNumber> {
        let mut sims = self.sims.iter();
        let sim = sims.find(|sim| Some(sim.sim_number) == sim_number)?;
        sim.phone_number.clone()
    }
}

impl Device {
    pub fn new(id: String, created_at: UnixMillis, state: DeviceState, now: UnixMillis) -> Self {
        Self {
            made_id: id,
            ids: RwLock::default(),
            created_at,
            state: RwLock::new((state, now)),
        }
    }

    /// Returns the id that clients and receivers know: the one it took over, otherwise its own.
    pub fn id(&self) -> String {
        let ids = self.ids.read().unwrap_or_else(PoisonError::into_inner);
        ids.taken_over
            .clone()
            .unwrap_or_else(|| self.made_id.clone())
    }

    /// Returns the generated id: 32 hex digits, made once and kept.
    pub fn made_id(&self) -> &str {
        &self.made_id
    }

    /// Returns whether an id is one of this device.
    pub fn has_id(&self, id: &str) -> bool {
        let ids = self.ids.read().unwrap_or_else(PoisonError::into_inner);
        id == self.made_id
            || ids.taken_over.as_deref() == Some(id)
            || ids.others.iter().any(|other| other == id)
    }

    pub fn set_ids(&self, ids: Ids) {
        *self.ids.write().unwrap_or_else(PoisonError::into_inner) = ids;
    }

    pub fn created_at(&self) -> UnixMillis {
        self.created_at
    }

    /// Returns when the shell last reported anything.
    pub fn updated_at(&self) -> UnixMillis {
        self.read().1
    }

    pub fn state(&self) -> DeviceState {
        self.read().0.clone()
    }

    /// Returns the state of the device at that moment.
    pub fn context(&self, now: UnixMillis) -> DeviceContext {
        let state = self.state();
        DeviceContext {
            now,
            zone: state.zone,
            id: self.id(),
            sims: state.sims,
        }
    }

    pub fn zone(&self) -> TimeZone {
        self.read().0.zone.clone()
    }

    pub fn locale(&self) -> String {
        self.read().0.locale.clone()
    }

    pub fn network(&self) -> Network {
        self.read().0.network
    }

    /// Returns the SIM in that slot, from 1.
    pub fn sim(&self, number: u32) -> Option<Sim> {
        self.read()
            .0
            .sims
            .iter()
            .find(|sim| sim.sim_number == number)
            .cloned()
    }

    pub fn change(&self, now: UnixMillis, change: impl FnOnce(&mut DeviceState)) {
        let mut guard: RwLockWriteGuard<'_, _> =
            self.state.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut guard.0);
        guard.1 = now;
    }

    fn read(&self) -> RwLockReadGuard<'_, (DeviceState, UnixMillis)> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The facts that the shell tells. Cost of an incoming message: one write with an INSERT for the
//! message, a SELECT of the webhooks, an INSERT per webhook, an INSERT for the log.

use std::sync::Arc;

use jiff::tz::TimeZone;
use rustls_pki_types::CertificateDer;
use serde_json::{Value, json};

use super::{Gateway, note};
use crate::clock::UnixMillis;
use crate::device::{Battery, DeviceChange, Network, Sim};
use crate::id::MessageId;
use crate::receiving::{self, Context, Incoming, ReceiveError, Received, identity};
use crate::store::{InboxKind, Priority, RowState, StoreError, Ticket, Transaction};
use crate::wake::Loop;
use crate::webhooks;

/// The answer to facts: the messages' ids, once they and their deliveries are on the disk.
pub struct Receipt {
    ticket: Ticket<Vec<MessageId>>,
    gateway: Arc<Gateway>,
}

impl Receipt {
    /// Blocks until all is kept. Must not be called inside an async runtime.
    pub fn wait(self) -> Result<Vec<MessageId>, StoreError> {
        let kept = self.ticket.wait();
        Self::tell(&self.gateway, kept)
    }

    /// Waits until all is kept.
    pub async fn done(self) -> Result<Vec<MessageId>, StoreError> {
        let kept = self.ticket.await;
        Self::tell(&self.gateway, kept)
    }

    fn tell(
        gateway: &Gateway,
        kept: Result<Vec<MessageId>, StoreError>,
    ) -> Result<Vec<MessageId>, StoreError> {
        let ids = kept?;
        gateway.queued();
        Ok(ids)
    }
}

impl Gateway {
    /// A message came in. The receipt has one id.
    pub fn receive(
        self: &Arc<Self>,
        incoming: impl Into<Incoming>,
    ) -> Result<Receipt, ReceiveError> {
        self.receive_all(vec![incoming.into()])
    }

    /// A message came in; blocks until it is kept. The quickest way for a caller that waits anyway.
    /// Must not be called inside an async runtime.
    pub fn receive_here(&self, incoming: impl Into<Incoming>) -> Result<MessageId, ReceiveError> {
        let now = self.clock.now();
        let received = self.shape(vec![incoming.into()], now)?;
        let (device_id, zone) = (self.device.id(), self.device.zone());
        let kept = self.store.write_here(move |transaction| {
            keep_all(transaction, &received, &device_id, &zone, now)
        })?;
        self.queued();
        kept.into_iter()
            .next()
            .ok_or_else(|| StoreError::internal("a message that was kept has no id").into())
    }

    /// Messages came in: all of them are kept or none. The receipt has their ids in this order.
    pub fn receive_all(self: &Arc<Self>, incoming: Vec<Incoming>) -> Result<Receipt, ReceiveError> {
        let now = self.clock.now();
        let received = self.shape(incoming, now)?;
        let (device_id, zone) = (self.device.id(), self.device.zone());
        let ticket = self
            .store
            .write(move |transaction| keep_all(transaction, &received, &device_id, &zone, now));
        Ok(Receipt {
            ticket,
            gateway: Arc::clone(self),
        })
    }

    /// The rows and events of what came in.
    fn shape(
        &self,
        incoming: Vec<Incoming>,
        now: UnixMillis,
    ) -> Result<Vec<Received>, ReceiveError> {
        let zone = self.device.zone();
        let mut received = Vec::with_capacity(incoming.len());
        for incoming in incoming {
            let (origin, content) = receiving::parse(incoming)?;
            // A SIM that is not listed (yet) is no reason to lose its message.
            let sim = origin.sim_number.and_then(|number| self.device.sim(number));
            let recipient = sim.and_then(|sim| sim.phone_number);
            let context = Context {
                now,
                zone: zone.clone(),
                recipient,
            };
            received.push(receiving::receive(origin, content, &context)?);
        }
        Ok(received)
    }

    /// The connection changed.
    pub fn network_changed(&self, network: Network) {
        let before = self.device.network();
        let now = self.clock.now();
        self.device.change(now, |device| device.network = network);
        if before.online != network.online {
            let message = if network.online {
                "Device is online."
            } else {
                "Device is offline."
            };
            drop(self.log(now, Priority::Info, "device", message, Value::Null));
        }
        self.wake.nudged(Loop::Deliveries);
        self.signals.network.notify_one();
    }

    /// What the shell tells about the phone changed; what is `None` is as before.
    pub fn device_changed(&self, change: DeviceChange) {
        let (network, zone) = (change.network, change.zone.clone());
        self.device
            .change(self.clock.now(), |device| change.apply(device));
        network
            .into_iter()
            .for_each(|network| self.network_changed(network));
        zone.into_iter().for_each(|zone| self.zone_changed(zone));
    }

    /// The battery changed.
    pub fn battery_changed(&self, battery: Battery) {
        self.device
            .change(self.clock.now(), |device| device.battery = battery);
    }

    /// SIM cards came or went.
    pub fn sims_changed(&self, sims: Vec<Sim>) {
        self.device
            .change(self.clock.now(), |device| device.sims = sims);
    }

    /// The owner or the network moved the device to another time zone.
    pub fn zone_changed(&self, zone: TimeZone) {
        self.device
            .change(self.clock.now(), |device| device.zone = zone);
        self.clock_changed();
    }

    /// The wall clock was set, or the time that the shell was asked for has come.
    pub fn clock_changed(&self) {
        self.wake.nudged(Loop::Deliveries);
        self.wake.nudged(Loop::Pings);
        self.nudge_sender();
        self.signals.environment.notify_one();
        self.signals.clock.notify_one();
    }

    /// Something new is queued.
    pub(super) fn queued(&self) {
        self.wake.nudged(Loop::Deliveries);
        self.signals.queued.notify_one();
    }

    /// The platform's trust store was read (again); DER.
    pub fn trust_changed(&self, roots: Vec<CertificateDer<'static>>) {
        self.roots.send_replace(Arc::new(roots));
    }
}

fn keep_all(
    transaction: &Transaction<'_>,
    received: &[Received],
    device_id: &str,
    zone: &TimeZone,
    now: UnixMillis,
) -> Result<Vec<MessageId>, StoreError> {
    received
        .iter()
        .map(|received| keep(transaction, received, device_id, zone, now))
        .collect()
}

/// The one transaction of a message: its row, its deliveries, its log entry. A fact that was told
/// before is answered with the id it got then.
fn keep(
    transaction: &Transaction<'_>,
    received: &Received,
    device_id: &str,
    zone: &TimeZone,
    now: UnixMillis,
) -> Result<MessageId, StoreError> {
    let Received { message, event, .. } = received;
    if let Some(key) = &message.delivery_key
        && let Some(known) = transaction.message_of_key(key)?
    {
        return Ok(MessageId(known));
    }
    if let Some(known) = keep_late(transaction, received, device_id, zone, now)? {
        return Ok(known);
    }
    transaction.insert_message(message)?;
    let deliveries = webhooks::enqueue(transaction, event, device_id, now)?;
    let context = json!({
        "messageId": message.id, "type": message.kind.as_str(), "webhooks": deliveries,
    });
    transaction.log(&note(
        now,
        Priority::Info,
        "receiving",
        "Message received.",
        context,
    ))?;
    Ok(MessageId(message.id.clone()))
}

/// A broadcast whose message was read from the phone's store before it came: the message is the
/// same, and its event is made only if it had none. Cost for other messages: one seek.
fn keep_late(
    transaction: &Transaction<'_>,
    received: &Received,
    device_id: &str,
    zone: &TimeZone,
    now: UnixMillis,
) -> Result<Option<MessageId>, StoreError> {
    let broadcast = &received.message;
    if broadcast.kind != InboxKind::Sms {
        return Ok(None);
    }
    let rows = transaction.late_rows(broadcast.twin)?;
    let Some(row) = identity::absorb_broadcast(&rows, received.sent_at, now) else {
        return Ok(None);
    };
    transaction.message_was_broadcast(row.inbox_seq, broadcast)?;
    let Some(message) = transaction.whole_message(row.inbox_seq)? else {
        return Ok(None);
    };
    transaction.set_row_state(row.seq, RowState::Broadcast)?;
    let webhooks = if row.silent {
        let event = receiving::event_of(&message, zone)?;
        webhooks::enqueue(transaction, &event, device_id, now)?
    } else {
        0
    };
    let context = json!({"messageId": message.id, "webhooks": webhooks});
    let entry = "Message received that had already been read from the phone's store.";
    transaction.log(&note(now, Priority::Info, "receiving", entry, context))?;
    Ok(Some(MessageId(message.id)))
}

//! The facts that the shell reports. Cost of an incoming message: one write with an INSERT for the
//! message, a SELECT of the webhooks, an INSERT per webhook, an INSERT for the log.

use std::sync::Arc;

use jiff::tz::TimeZone;
use rustls_pki_types::CertificateDer;
use serde_json::Value;

use super::Gateway;
use crate::loops::wake::Loop;
use crate::model::device::{Battery, DeviceChange, DeviceContext, Network, Sim};
use crate::model::id::MessageId;
use crate::receiving::{self, Incoming, ReceiveError, Received};
use crate::store::{Module, Priority, StoreError, Ticket};

/// The receipt for facts: the messages' ids, once they and their deliveries are on the disk.
pub struct Receipt {
    ticket: Ticket<Vec<MessageId>>,
    gateway: Arc<Gateway>,
}

impl Receipt {
    /// Blocks until everything is stored. Must not be called inside an async runtime.
    pub fn wait(self) -> Result<Vec<MessageId>, StoreError> {
        let kept = self.ticket.wait();
        Self::tell(&self.gateway, kept)
    }

    /// Waits until everything is stored.
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
    /// Reports that a message came in. The receipt has one id.
    pub fn receive(
        self: &Arc<Self>,
        incoming: impl Into<Incoming>,
    ) -> Result<Receipt, ReceiveError> {
        self.receive_all(vec![incoming.into()])
    }

    /// Reports that a message came in; blocks until it is stored. The quickest way for a caller
    /// that waits anyway. Must not be called inside an async runtime.
    pub fn receive_here(&self, incoming: impl Into<Incoming>) -> Result<MessageId, ReceiveError> {
        let context = self.device.context(self.clock.now());
        let received = shape(vec![incoming.into()], &context)?;
        let kept = self
            .store
            .write_here(move |transaction| receiving::keep_all(transaction, &received, &context))?;
        self.queued();
        kept.into_iter()
            .next()
            .ok_or_else(|| StoreError::internal("a message that was kept has no id").into())
    }

    /// Reports that messages came in: all of them are stored or none. The receipt has their ids in
    /// this order.
    pub fn receive_all(self: &Arc<Self>, incoming: Vec<Incoming>) -> Result<Receipt, ReceiveError> {
        let context = self.device.context(self.clock.now());
        let received = shape(incoming, &context)?;
        let ticket = self
            .store
            .write(move |transaction| receiving::keep_all(transaction, &received, &context));
        Ok(Receipt {
            ticket,
            gateway: Arc::clone(self),
        })
    }

    /// Reports that the connection changed.
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
            drop(self.log(now, Priority::Info, Module::Device, message, Value::Null));
        }
        self.wake.nudged(Loop::Deliveries);
        self.signals.network.notify_one();
    }

    /// Reports changes of the phone; a member that is `None` is unchanged.
    pub fn device_changed(&self, change: DeviceChange) {
        let (network, zone) = (change.network, change.zone.clone());
        self.device
            .change(self.clock.now(), |device| change.apply(device));
        network
            .into_iter()
            .for_each(|network| self.network_changed(network));
        zone.into_iter().for_each(|zone| self.zone_changed(zone));
    }

    /// Reports that the battery changed.
    pub fn battery_changed(&self, battery: Battery) {
        self.device
            .change(self.clock.now(), |device| device.battery = battery);
    }

    /// Reports that SIM cards came or went.
    pub fn sims_changed(&self, sims: Vec<Sim>) {
        self.device
            .change(self.clock.now(), |device| device.sims = sims);
    }

    /// Reports that the owner or the network moved the device to another time zone.
    pub fn zone_changed(&self, zone: TimeZone) {
        self.device
            .change(self.clock.now(), |device| device.zone = zone);
        self.clock_changed();
    }

    /// Reports that the wall clock was set, or that the alarm which the gateway asked for went off.
    pub fn clock_changed(&self) {
        self.wake.nudged(Loop::Deliveries);
        self.wake.nudged(Loop::Pings);
        self.nudge_sender();
        self.signals.environment.notify_one();
        self.signals.clock.notify_one();
    }

    /// Notifies the deliverer that a delivery was queued.
    pub(super) fn queued(&self) {
        (self.notify_deliverer)();
    }

    /// Reports that the platform's trust store was read (again); DER.
    pub fn trust_changed(&self, roots: Vec<CertificateDer<'static>>) {
        self.roots.send_replace(Arc::new(roots));
    }
}

/// Makes the rows and events of incoming messages.
fn shape(incoming: Vec<Incoming>, context: &DeviceContext) -> Result<Vec<Received>, ReceiveError> {
    let mut received = Vec::with_capacity(incoming.len());
    for incoming in incoming {
        let (origin, content) = receiving::parse(incoming)?;
        received.push(receiving::receive(origin, content, context)?);
    }
    Ok(received)
}

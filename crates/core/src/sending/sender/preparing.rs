//! Prepares the next recipient for its hand-over: counts its parts or decrypts its fields.

use std::sync::Arc;

use super::super::decrypt::{self, Decrypted, Key};
use super::super::plan::{Counted, Uncounted};
use super::Run;
use crate::store::NextRecipient;
use simrelay_pdu::count_parts;

const UNREADABLE: &str = "It could not be decrypted because of a bug in the program.";

impl Run {
    /// Asks the modem for the count, since the platform's limit counts the parts that the platform
    /// makes of a text.
    pub(super) async fn count(&mut self, uncounted: Uncounted) {
        let Uncounted {
            message_seq,
            number,
            text,
            sim_number,
        } = uncounted;
        let ours = count_parts(&text);
        let modem = Arc::clone(&self.sender.modem);
        let asked = tokio::task::spawn_blocking(move || modem.count_parts(&text, sim_number));
        let parts = match asked.await {
            Ok(told) => told.map_or(ours, u32::from),
            Err(error) => {
                self.sender.panics.record("modem", &error.to_string());
                ours
            }
        };
        self.counted = Some(Counted {
            message_seq,
            number,
            parts,
        });
    }

    /// Decrypts the next recipient, off the runtime's workers.
    pub(super) async fn open(&mut self, sealed: NextRecipient) {
        let settings = self.sender.settings.borrow().clone();
        let sims = self.sender.device.state().sims;
        let numbers = Arc::clone(&self.sender.numbers);
        let mut message = std::mem::take(&mut self.decrypted_message);
        let (message_seq, number) = (sealed.message_seq, sealed.number);
        let open = move || {
            let key = Key {
                passphrase: settings.encryption.passphrase.as_deref(),
                sims: &sims,
                rules: &numbers,
            };
            (decrypt::open(&sealed, &mut message, &key), message)
        };
        match tokio::task::spawn_blocking(open).await {
            Ok((opened, message)) => {
                self.opened = Some(opened);
                self.decrypted_message = message;
            }
            Err(error) => {
                self.sender.panics.record("decrypting", &error.to_string());
                // The recipient fails, because the next try would panic as well.
                self.opened = Some(Decrypted {
                    message_seq,
                    number,
                    outcome: Err(UNREADABLE.into()),
                });
            }
        }
    }
}

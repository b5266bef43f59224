//! A page of rows of the phone inbox, and the result for each: a known message, the message of a
//! broadcast, or a new one.

use std::collections::HashSet;

use serde_json::json;

use super::Reconciled;
use crate::model::clock::UnixMillis;
use crate::model::device::DeviceContext;
use crate::model::inbox_identity::{self, RowMatch, RowName, Stage};
use crate::model::phone_store::PhoneRow;
use crate::store::{
    KnownRow, LogEntry, Module, NewMessage, Priority, RowState, Snapshot, StoreError, Transaction,
};
use crate::{events, receiving};

/// A row of the phone inbox.
pub(crate) struct Offered {
    pub row: PhoneRow,
    pub name: RowName,
    /// How many rows before it have the same name.
    pub nth: u32,
}

/// The rows of one write.
pub(crate) struct Page {
    pub rows: Vec<Offered>,
    /// The messages that the rows may be, as the reader found them.
    pub candidates: Vec<i64>,
    /// The last message before the reading began.
    pub started_at: i64,
    /// The last message that the reader checked.
    pub last_seq: i64,
    pub tell_from: Option<UnixMillis>,
    /// Messages older than this are removed by age, so they are not made again.
    pub oldest: Option<UnixMillis>,
    pub context: DeviceContext,
}

impl Page {
    /// Keeps only the rows that this stage must handle, and finds the messages that they may be. In
    /// most readings no row is left, and then nothing is written.
    pub fn narrow(&mut self, snapshot: &Snapshot<'_>, stage: Stage) -> Result<(), StoreError> {
        let mut left = Vec::new();
        let mut unknown = Vec::new();
        for offered in std::mem::take(&mut self.rows) {
            if stage == Stage::Second && offered.name.sent_at.is_none() {
                continue;
            }
            match snapshot.known_row(&offered.name, offered.nth)? {
                None => unknown.push(offered.name),
                Some(known) if stage == Stage::Near && known.silent && self.tells(&offered) => {}
                Some(_) => continue,
            }
            left.push(offered);
        }
        self.rows = left;
        if !unknown.is_empty() {
            let spans = inbox_identity::spans(stage, &unknown);
            (self.candidates, self.last_seq) =
                snapshot.row_candidates(&content_hashes(&unknown), &spans)?;
        }
        Ok(())
    }

    /// Matches unknown rows with the messages of broadcasts. In the last stage, makes new messages
    /// of the others, and emits missing events if they are wanted.
    pub fn write(&self, writing: &Transaction<'_>, stage: Stage) -> Result<Reconciled, StoreError> {
        let mut sum = Reconciled::default();
        let mut unknown = Vec::new();
        for offered in &self.rows {
            let known = writing.snapshot().known_row(&offered.name, offered.nth)?;
            match known {
                None => unknown.push(offered),
                Some(known) if stage == Stage::Near => {
                    sum.told += u64::from(self.tell_known(writing, offered, &known)?);
                }
                Some(_) => {}
            }
        }
        let left = self.absorb(writing, stage, unknown)?;
        if stage == Stage::Near {
            for offered in left {
                self.make(writing, offered, &mut sum)?;
            }
        }
        Ok(sum)
    }

    /// Emits the event of a row that was read before, if it is due. Returns whether it did.
    fn tell_known(
        &self,
        writing: &Transaction<'_>,
        offered: &Offered,
        known: &KnownRow,
    ) -> Result<bool, StoreError> {
        if !known.silent || !self.tells(offered) {
            return Ok(false);
        }
        let Some(seq) = known.inbox_seq else {
            return Ok(false);
        };
        let Some(message) = writing.whole_message(seq)? else {
            return Ok(false);
        };
        self.tell(writing, &message)?;
        writing.set_row_state(known.seq, RowState::Told)?;
        Ok(true)
    }

    /// Matches rows with the messages of broadcasts. Returns the rows that are new.
    fn absorb<'a>(
        &self,
        writing: &Transaction<'_>,
        stage: Stage,
        rows: Vec<&'a Offered>,
    ) -> Result<Vec<&'a Offered>, StoreError> {
        if rows.is_empty() {
            return Ok(rows);
        }
        let names: Vec<_> = rows.iter().map(|offered| offered.name).collect();
        let candidates =
            writing.row_candidates(&self.candidates, self.last_seq, &content_hashes(&names))?;
        let verdicts = inbox_identity::absorb(stage, &names, candidates, self.started_at);
        let mut left = Vec::new();
        for (offered, verdict) in rows.into_iter().zip(verdicts) {
            match verdict {
                RowMatch::Known(seq) => {
                    writing.insert_row(&offered.name, seq, RowState::Broadcast)?
                }
                RowMatch::New => left.push(offered),
                RowMatch::Undecided => {}
            }
        }
        Ok(left)
    }

    /// Makes a message of a new row.
    fn make(
        &self,
        writing: &Transaction<'_>,
        offered: &Offered,
        sum: &mut Reconciled,
    ) -> Result<(), StoreError> {
        let message = receiving::receive_row(&offered.row, &self.context);
        if self
            .oldest
            .is_some_and(|oldest| message.received_at < oldest)
        {
            return Ok(());
        }
        let seq = writing.insert_message(&message)?;
        sum.found += 1;
        let mut state = RowState::Silent;
        if self.tells(offered) {
            self.tell(writing, &message)?;
            sum.told += 1;
            state = RowState::Told;
        }
        writing.insert_row(&offered.name, seq, state)
    }

    fn tells(&self, offered: &Offered) -> bool {
        self.tell_from
            .is_some_and(|from| offered.name.received_at >= from)
    }

    fn tell(&self, writing: &Transaction<'_>, message: &NewMessage) -> Result<(), StoreError> {
        let event = receiving::event_of(message, &self.context.zone)?;
        let webhooks = events::publish(writing, &event, &self.context)?;
        let context = json!({
            "messageId": message.id, "type": message.kind.as_str(), "webhooks": webhooks,
        });
        let entry = "Message found in the phone's store; its broadcast was missed.";
        writing.log(&LogEntry::new(
            self.context.now,
            Priority::Info,
            Module::Receiving,
            entry,
            context,
        ))
    }
}

fn content_hashes(names: &[RowName]) -> HashSet<i64> {
    names.iter().map(|name| name.content_hash).collect()
}

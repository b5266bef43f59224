//! The phone inbox rows that were read, and the message of each.
//!
//! Cost to recognise a row: one seek. Candidates for unknown rows are found by a walk over
//! `inbox_by_time` in the time spans in which they may have come, once per page of rows. That
//! happens in a read; the write looks only at its results and at newer messages.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Row, params, params_from_iter};

use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;
use crate::model::inbox_identity::{self, Candidate, LateRow, RowName, Span};

/// Which events were emitted for the message of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowState {
    /// None: a refresh read it without an event.
    Silent,
    /// Its event was emitted, but no broadcast has come.
    Told,
    /// A broadcast reported it, before or after the row was read.
    Broadcast,
}

impl RowState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Told => "told",
            Self::Broadcast => "broadcast",
        }
    }
}

/// A row that was read before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownRow {
    pub seq: i64,
    /// Its message; `None` if that was removed by age.
    pub inbox_seq: Option<i64>,
    pub silent: bool,
}

impl Snapshot<'_> {
    /// Returns the row stored under that name after `nth` others, if there is one.
    pub fn known_row(&self, name: &RowName, nth: u32) -> Result<Option<KnownRow>, StoreError> {
        // The index returns the rows of a name in the order in which the phone received them.
        let by_second = "SELECT seq, inbox_seq, state = 'silent' FROM phone_rows
                         WHERE twin = ?1 AND sent_at = ?2
                         ORDER BY received_at, seq LIMIT 1 OFFSET ?3";
        let by_time = "SELECT seq, inbox_seq, state = 'silent' FROM phone_rows
                       WHERE twin = ?1 AND sent_at = 0 AND received_at = ?2
                       ORDER BY seq LIMIT 1 OFFSET ?3";
        let (sql, at) = match name.sent_at {
            Some(sent_at) => (by_second, sent_at),
            None => (by_time, name.received_at),
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let read = |row: &Row<'_>| {
            Ok(KnownRow {
                seq: row.get(0)?,
                inbox_seq: row.get(1)?,
                silent: row.get(2)?,
            })
        };
        Ok(statement
            .query_row(params![name.content_hash, at.0, nth], read)
            .optional()?)
    }

    /// Returns text messages with these content hashes that came in these spans and have no row,
    /// and the number of the last message, because later messages were not looked at.
    pub fn row_candidates(
        &self,
        content_hashes: &HashSet<i64>,
        (received, created): &(Vec<Span>, Vec<Span>),
    ) -> Result<(Vec<i64>, i64), StoreError> {
        let by_time = "SELECT seq, twin FROM inbox INDEXED BY inbox_by_time
                       WHERE received_at >= ?1 AND received_at <= ?2";
        let delayed = "SELECT seq, twin FROM inbox INDEXED BY inbox_delayed
                       WHERE created_at >= ?1 AND created_at <= ?2
                           AND abs(created_at - received_at) > 600000";
        let mut found = Vec::new();
        for (sql, spans) in [(by_time, received), (delayed, created)] {
            for (from, to) in spans {
                self.candidates_of(sql, &[from.0, to.0], content_hashes, &mut found)?;
            }
        }
        let seqs = found.iter().map(|candidate| candidate.seq).collect();
        Ok((seqs, self.last_message()?))
    }

    /// Returns the number of the newest message, or 0 if there is none.
    pub fn last_message(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM inbox";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    fn candidates_of(
        &self,
        sql: &str,
        parameters: &[i64],
        content_hashes: &HashSet<i64>,
        found: &mut Vec<Candidate>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        while let Some(row) = rows.next()? {
            let (seq, content_hash): (i64, i64) = (row.get(0)?, row.get(1)?);
            // Messages of schema version 1 have no content hash yet; each is compared by itself.
            if content_hash == 0 || content_hashes.contains(&content_hash) {
                let candidate = self.row_candidate(seq)?;
                found.extend(
                    candidate.filter(|candidate| content_hashes.contains(&candidate.content_hash)),
                );
            }
        }
        Ok(())
    }

    fn row_candidate(&self, seq: i64) -> Result<Option<Candidate>, StoreError> {
        let sql = "SELECT twin, received_at, created_at, iif(twin = 0, sender, ''),
                       iif(twin = 0, text, '') FROM inbox
                   WHERE seq = ?1 AND kind = 'SMS'
                       AND NOT EXISTS (SELECT 1 FROM phone_rows WHERE inbox_seq = ?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let read = |row: &Row<'_>| {
            let content_hash = match row.get(0)? {
                0 => {
                    let (sender, text): (String, String) = (row.get(3)?, row.get(4)?);
                    inbox_identity::content_hash(&sender, &text)
                }
                content_hash => content_hash,
            };
            Ok(Candidate {
                seq,
                content_hash,
                received_at: UnixMillis(row.get(1)?),
                created_at: UnixMillis(row.get(2)?),
            })
        };
        Ok(statement.query_row([seq], read).optional()?)
    }
}

impl Transaction<'_> {
    /// Returns the found messages that still have no row, and those that came `after`.
    pub fn row_candidates(
        &self,
        found: &[i64],
        after: i64,
        content_hashes: &HashSet<i64>,
    ) -> Result<Vec<Candidate>, StoreError> {
        let snapshot = self.snapshot();
        let mut candidates = Vec::new();
        for seq in found {
            candidates.extend(snapshot.row_candidate(*seq)?);
        }
        let newer = "SELECT seq, twin FROM inbox WHERE seq > ?1";
        snapshot.candidates_of(newer, &[after], content_hashes, &mut candidates)?;
        Ok(candidates)
    }

    /// Records that a row of the phone inbox is this message.
    pub fn insert_row(
        &self,
        name: &RowName,
        inbox_seq: i64,
        state: RowState,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO phone_rows (inbox_seq, twin, sent_at, received_at, state)
                   VALUES (?, ?, ?, ?, ?)";
        self.connection.prepare_cached(sql)?.execute(params![
            inbox_seq,
            name.content_hash,
            name.sent_at.map_or(0, |at| at.0),
            name.received_at.0,
            state.as_str(),
        ])?;
        Ok(())
    }

    /// Changes which events were emitted for the message of that row.
    pub fn set_row_state(&self, seq: i64, state: RowState) -> Result<(), StoreError> {
        let sql = "UPDATE phone_rows SET state = ? WHERE seq = ?";
        self.connection
            .prepare_cached(sql)?
            .execute(params![state.as_str(), seq])?;
        Ok(())
    }

    /// Returns the rows of that content hash that no broadcast has reported, oldest first.
    pub fn late_rows(&self, content_hash: i64) -> Result<Vec<LateRow>, StoreError> {
        let sql = "SELECT seq, inbox_seq, sent_at, received_at, state = 'silent' FROM phone_rows
                       INDEXED BY phone_rows_late
                   WHERE twin = ? AND state <> 'broadcast' AND inbox_seq IS NOT NULL
                   ORDER BY received_at";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([content_hash], |row| {
            let sent_at: i64 = row.get(2)?;
            Ok(LateRow {
                seq: row.get(0)?,
                inbox_seq: row.get(1)?,
                sent_at: Some(UnixMillis(sent_at)).filter(|at| at.0 != 0),
                received_at: UnixMillis(row.get(3)?),
                silent: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

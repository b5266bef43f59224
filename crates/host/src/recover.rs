//! `simrelay recover`: makes a new database of the readable rows of a damaged one.

use std::fmt::Write;

use simrelay_core::clock::{Clock, SystemClock};
use simrelay_core::{Recovery, recover};

use crate::cli::RecoverOptions;
use crate::serve::data_dir;

/// Recovers, and shows on stdout how much was read and lost.
pub fn run(options: &RecoverOptions) -> anyhow::Result<()> {
    let dir = data_dir(options.data_dir.as_deref())?;
    let recovery = recover(&dir, SystemClock::default().now())?;
    print!("{}", report(&recovery)?);
    Ok(())
}

fn report(recovery: &Recovery) -> Result<String, std::fmt::Error> {
    let mut text = format!(
        "{:<20}{:>10}{:>12}{:>12}\n",
        "table", "rows read", "rows lost", "unreadable"
    );
    for table in &recovery.tables {
        let (read, lost, broken) = (table.read, table.lost, table.broken);
        writeln!(text, "{:<20}{read:>10}{lost:>12}{broken:>12}", table.table)?;
    }
    writeln!(
        text,
        "\nRows lost: an index still refers to them. Unreadable: pages and rows that cannot be read."
    )?;
    match &recovery.set_aside {
        Some(file) => writeln!(text, "The damaged file is kept as {}.", file.display())?,
        None => writeln!(text, "There was no file to keep.")?,
    }
    text.push_str("The new database is in place. Start the gateway as before.\n");
    Ok(text)
}

//! What is printed about stages: the list, and what came of them.

use std::fmt::Write;

use super::stages::Stage;

/// What came of a stage; the text says why.
pub enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// A line of the table.
pub struct Row {
    pub name: &'static str,
    pub seconds: u64,
    pub outcome: Outcome,
}

impl Outcome {
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "FAILED",
            Self::Skipped(_) => "SKIPPED",
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Passed => "",
            Self::Failed(reason) | Self::Skipped(reason) => reason,
        }
    }
}

impl Row {
    /// `tests: passed, 95 s`.
    pub fn sentence(&self) -> String {
        let reason = self.outcome.reason();
        let comma = if reason.is_empty() { "" } else { ", " };
        let word = self.outcome.word();
        format!("{}: {word}, {} s{comma}{reason}", self.name, self.seconds)
    }
}

/// Every stage with its outcome, and the counts.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from("\n");
    for row in rows {
        let (word, reason) = (row.outcome.word(), row.outcome.reason());
        let line = format!(
            "  {:<14} {word:<8} {:>6} s  {reason}",
            row.name, row.seconds
        );
        text += line.trim_end();
        text += "\n";
    }
    let count = |word| rows.iter().filter(|row| row.outcome.word() == word).count();
    let counts = ["passed", "FAILED", "SKIPPED"].map(count);
    let [passed, failed, skipped] = counts;
    let _ = write!(text, "\n{passed} passed, {failed} failed");
    if skipped > 0 {
        let _ = write!(text, ", {skipped} skipped");
    }
    text + "\n"
}

/// Every stage with its limit and its tools.
pub fn list(stages: &[&Stage]) -> String {
    stages.iter().fold(String::new(), |mut text, stage| {
        let _ = writeln!(text, "{:<14} {}", stage.name, stage.about);
        let names: Vec<&str> = stage.tools.iter().map(|tool| tool.name).collect();
        let tools = if names.is_empty() {
            "nothing more".to_owned()
        } else {
            names.join(", ")
        };
        let _ = writeln!(
            text,
            "{:<14} at most {} min; needs {tools}",
            "", stage.minutes
        );
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Row, table};

    #[test]
    fn table_names_each_stage_and_counts_outcomes() {
        let row = |name, seconds, outcome| Row {
            name,
            seconds,
            outcome,
        };
        let rows = [
            row("format", 1, Outcome::Passed),
            row("tests", 95, Outcome::Failed(String::new())),
            row(
                "browser",
                0,
                Outcome::Skipped("missing: Chromium".to_owned()),
            ),
        ];
        let expected = "
  format         passed        1 s
  tests          FAILED       95 s
  browser        SKIPPED       0 s  missing: Chromium

1 passed, 1 failed, 1 skipped
";
        assert_eq!(table(&rows), expected);
    }
}

//! Counting verdicts and printing them.

use std::collections::BTreeMap;
use std::fmt;

use super::compare::Mismatch;
use super::deviations::{DEVIATIONS, Deviation};
use super::run::Verdict;

/// How many mismatches of one case are printed.
const SHOWN: usize = 4;

/// What became of the cases of one operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Cases of which every given field was compared, and agreed.
    pub passed: usize,
    /// Cases of which something differed.
    pub failed: usize,
    /// Cases that are not offered, or not in full.
    pub skipped: usize,
    /// Elements of passed cases in which only a convention differs.
    pub conventions: usize,
    /// The largest relative error among passed cases.
    pub worst: f64,
}

/// What became of all cases.
#[derive(Clone, Debug, Default)]
pub struct Report {
    rows: BTreeMap<String, Row>,
    mismatches: Vec<Vec<Mismatch>>,
    /// Operation and reason, and the cases that were skipped for it.
    skipped: BTreeMap<(String, String), Vec<String>>,
}

impl Report {
    pub(super) fn add(&mut self, op: &str, id: &str, verdict: Verdict) {
        let row = self.rows.entry(op.to_string()).or_default();
        match verdict {
            Verdict::Passed(passed) => {
                row.passed += 1;
                row.conventions += passed.conventions;
                row.worst = row.worst.max(passed.worst);
            }
            Verdict::Failed(mismatches) => {
                row.failed += 1;
                self.mismatches.push(mismatches);
            }
            Verdict::Skipped(reason) => {
                row.skipped += 1;
                let key = (op.to_string(), reason);
                self.skipped.entry(key).or_default().push(id.to_string());
            }
        }
    }

    /// Operations and their counts.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &Row)> {
        self.rows.iter().map(|(op, row)| (&op[..], row))
    }

    /// Cases of which every given field was compared, and agreed.
    pub fn passed(&self) -> usize {
        self.rows.values().map(|r| r.passed).sum()
    }

    /// Cases of which something differed.
    pub fn failed(&self) -> usize {
        self.rows.values().map(|r| r.failed).sum()
    }

    /// Cases that are not offered, or not in full.
    pub fn skipped(&self) -> usize {
        self.rows.values().map(|r| r.skipped).sum()
    }

    /// What differed, case by case.
    pub fn mismatches(&self) -> &[Vec<Mismatch>] {
        &self.mismatches
    }

    /// Operation, reason and cases of what was skipped.
    pub fn reasons(&self) -> impl Iterator<Item = (&str, &str, &[String])> {
        let reasons = self.skipped.iter();
        reasons.map(|((op, reason), ids)| (&op[..], &reason[..], &ids[..]))
    }

    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.keys().map(String::len).max().unwrap_or(0).max(9);
        writeln!(
            f,
            "{:width$}  passed  failed  skipped  conventions  worst error",
            "operation"
        )?;
        for (op, row) in &self.rows {
            let Row {
                passed,
                failed,
                skipped,
                conventions,
                worst,
            } = row;
            write!(
                f,
                "{op:width$}  {passed:6}  {failed:6}  {skipped:7}  {conventions:11}"
            )?;
            match passed {
                0 => writeln!(f, "            -")?,
                _ => writeln!(f, "  {worst:11.1e}")?,
            }
        }
        Ok(())
    }

    fn print_skipped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.skipped.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nskipped")?;
        let whole = self
            .skipped
            .iter()
            .filter(|((_, reason), _)| reason == "not offered");
        let whole: Vec<String> = whole
            .map(|((op, _), ids)| format!("{op} {}", ids.len()))
            .collect();
        if !whole.is_empty() {
            writeln!(f, "  not offered: {}", whole.join(", "))?;
        }
        for ((op, reason), ids) in &self.skipped {
            if reason != "not offered" {
                writeln!(f, "  {op}: {reason}: {}", ids.join(", "))?;
            }
        }
        Ok(())
    }
}

/// The table per operation, what failed, what was skipped, the deliberate
/// differences, and last a plain line of counts.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table(f)?;
        if !self.mismatches.is_empty() {
            writeln!(f, "\nfailed")?;
        }
        for case in &self.mismatches {
            for miss in case.iter().take(SHOWN) {
                writeln!(f, "  {miss}")?;
            }
            if case.len() > SHOWN {
                writeln!(f, "  {}: {} more", case[0].id, case.len() - SHOWN)?;
            }
        }
        self.print_skipped(f)?;
        let concerned = |d: &&Deviation| self.rows.keys().any(|op| d.concerns(op));
        let concerned: Vec<&Deviation> = DEVIATIONS.iter().filter(concerned).collect();
        if !concerned.is_empty() {
            writeln!(f, "\nPyTorch differs on purpose")?;
        }
        for d in concerned {
            writeln!(f, "  {}: {}: {}", d.names(), d.what, d.reason)?;
        }
        write!(
            f,
            "\n{} passed, {} failed, {} skipped",
            self.passed(),
            self.failed(),
            self.skipped()
        )
    }
}

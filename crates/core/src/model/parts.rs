//! The set of a message's parts with a known result.

/// The most parts of one message: their number is one octet (3GPP TS 23.040 9.2.3.24.1).
pub const MOST_PARTS: u16 = 255;

/// A set of part numbers, 0 to 254.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PartSet([u64; 4]);

impl PartSet {
    /// Reads the set that [`PartSet::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut set = Self::default();
        for (word, chunk) in set.0.iter_mut().zip(bytes.chunks(8)) {
            let mut full = [0; 8];
            full.iter_mut()
                .zip(chunk)
                .for_each(|(to, from)| *to = *from);
            *word = u64::from_le_bytes(full);
        }
        set
    }

    /// Returns the stored form: one bit per part from the lowest on, without zero octets at the
    /// end.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
        bytes
    }

    pub fn contains(&self, part: u16) -> bool {
        let word = self.0.get(usize::from(part / 64)).copied().unwrap_or(0);
        word >> (part % 64) & 1 == 1
    }

    /// Adds a part; ignores a number beyond the last possible one.
    pub fn insert(&mut self, part: u16) {
        if let Some(word) = self.0.get_mut(usize::from(part / 64)) {
            *word |= 1 << (part % 64);
        }
    }

    pub fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn part_set_survives_its_bytes(parts in prop::collection::btree_set(0u16..255, 0..40)) {
            let mut set = PartSet::default();
            parts.iter().for_each(|part| set.insert(*part));
            let set = PartSet::from_bytes(&set.to_bytes());
            let members: BTreeSet<u16> = (0..255).filter(|part| set.contains(*part)).collect();
            prop_assert_eq!(set.len() as usize, parts.len());
            prop_assert_eq!(members, parts);
        }
    }

    #[test]
    fn part_set_without_parts_has_no_bytes() {
        assert_eq!(PartSet::default().to_bytes(), [0u8; 0]);
        let mut set = PartSet::default();
        set.insert(256);
        assert_eq!(set.len(), 0);
    }
}

//! Whose hardware address the stack knows. smoltcp keeps the addresses themselves and does not tell how many they are, so
//! this follows what it does: who speaks ARP to this machine is entered, and the table forgets nobody before it is full.
//! From then on each new one takes another's place. Not here: the addresses' use and their age.

use core::net::Ipv4Addr;

use smoltcp::config::IFACE_NEIGHBOR_CACHE_COUNT as CAPACITY;

/// The addresses entered since the stack's own address was set.
#[derive(Debug)]
pub(in crate::net) struct Neighbors {
    known: [Ipv4Addr; CAPACITY],
    count: usize,
}

impl Neighbors {
    pub(in crate::net) const fn new() -> Self {
        Self { known: [Ipv4Addr::UNSPECIFIED; CAPACITY], count: 0 }
    }

    /// Enters one. Returns how many are known.
    pub(in crate::net) fn enter(&mut self, neighbor: Ipv4Addr) -> usize {
        // A table that is full stays so, whoever is in it.
        if !self.known[..self.count].contains(&neighbor)
            && let Some(place) = self.known.get_mut(self.count)
        {
            *place = neighbor;
            self.count += 1;
        }
        self.count
    }

    /// Forgets all.
    pub(in crate::net) fn clear(&mut self) {
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{CAPACITY, Ipv4Addr, Neighbors};

    #[test]
    fn counts_each_once_up_to_the_tables_size() {
        let mut neighbors = Neighbors::new();
        for number in 1..=2 * CAPACITY as u32 {
            for _ in 0..3 {
                assert_eq!(neighbors.enter(Ipv4Addr::from_bits(number)), CAPACITY.min(number as usize));
            }
        }
        neighbors.clear();
        assert_eq!(neighbors.enter(Ipv4Addr::LOCALHOST), 1);
    }
}

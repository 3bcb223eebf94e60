//! Slots for the objects of one class, in blocks of 64. A slot never moves, so a reader that stopped at one goes on
//! there, however many objects came and went meanwhile. Nothing here allocates: who adds an object brings what lacks.
//! Not for names, nor for which objects are folded: see `table.rs`.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::fold::Kept;
use super::index::{self, Links, NONE, Nodes};
use super::name::Name;

/// Slots of a block: one bit each in a word.
pub(super) const BLOCK: u32 = 64;

/// As many as the number of a block has bits. Segment `n` holds 2ⁿ blocks, so that a table grows without copying.
const SEGMENTS: usize = (u32::BITS - BLOCK.ilog2()) as usize;

/// Something that is alive, with its name.
#[derive(Debug)]
pub(super) struct Record<T> {
    pub(super) name: Name,
    pub(super) value: T,
}

#[derive(Debug)]
pub(super) struct Slot<T> {
    pub(super) record: Arc<Record<T>>,
    /// How many objects the class ever had before.
    pub(super) born: u64,
    links: Links,
}

#[derive(Debug)]
pub(super) struct Block<T> {
    slots: Box<[Option<Slot<T>>; BLOCK as usize]>,
    pub(super) used: u64,
    /// Those of `used` that have series of their own.
    pub(super) shown: u64,
    /// Since an object of the block was first folded.
    pub(super) kept: Option<Box<Kept>>,
    /// The next block with a free slot, if this one has one.
    next_free: u32,
}

/// What an object takes besides its value, 64 times: its slot, the two counts of its `Arc`, its name; and the block's own.
const _: () = {
    let object = size_of::<Option<Slot<()>>>() + 2 * size_of::<usize>() + size_of::<Name>();
    assert!(BLOCK as usize * object + size_of::<Block<()>>() <= BLOCK as usize * 96);
};

impl<T> Block<T> {
    /// Allocates.
    pub(super) fn new() -> Self {
        Self { slots: Box::new([const { None }; BLOCK as usize]), used: 0, shown: 0, kept: None, next_free: NONE }
    }

    /// What is in a slot, which must be of this block.
    #[inline]
    pub(super) fn slot(&self, slot: u32) -> Option<&Slot<T>> {
        self.slots[(slot % BLOCK) as usize].as_ref()
    }

    /// The objects of a set of slots.
    pub(super) fn records(&self, mask: u64) -> impl Iterator<Item = &Record<T>> {
        let mut rest = mask;
        let bits = core::iter::from_fn(move || {
            let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(bit)
        });
        bits.filter_map(|bit| Some(&*self.slots[bit].as_ref()?.record))
    }
}

/// What must be brought before an object can be put into a slot.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// A list with room for so many blocks.
    Segment(usize),
    Block,
}

#[derive(Debug)]
pub(super) struct Slots<T> {
    segments: [Vec<Block<T>>; SEGMENTS],
    blocks: u32,
    /// The first of the blocks with a free slot, each of which leads to the next.
    free: u32,
}

/// Where a block is: its segment, and its place in there.
fn place(block: u32) -> (usize, usize) {
    let segment = (block + 1).ilog2();
    (segment as usize, (block + 1 - (1 << segment)) as usize)
}

impl<T> Slots<T> {
    pub(super) const fn new() -> Self {
        Self { segments: [const { Vec::new() }; SEGMENTS], blocks: 0, free: NONE }
    }

    pub(super) fn block(&self, block: u32) -> Option<&Block<T>> {
        let (segment, at) = place(block);
        self.segments.get(segment)?.get(at)
    }

    fn block_mut(&mut self, block: u32) -> Option<&mut Block<T>> {
        let (segment, at) = place(block);
        self.segments.get_mut(segment)?.get_mut(at)
    }

    pub(super) fn get(&self, slot: u32) -> Option<&Slot<T>> {
        self.block(slot / BLOCK)?.slots[(slot % BLOCK) as usize].as_ref()
    }

    /// The first slot in use at `slot` or after it in the same block, of those that `mask` chooses; or where the next
    /// block begins.
    pub(super) fn next(&self, slot: u32, mask: impl FnOnce(&Block<T>) -> u64) -> Option<Result<(u32, &Slot<T>), u32>> {
        let block = self.block(slot / BLOCK)?;
        let first = slot - slot % BLOCK;
        let here = mask(block) & (u64::MAX << (slot % BLOCK));
        if here == 0 {
            return Some(Err(first.saturating_add(BLOCK)));
        }
        let bit = here.trailing_zeros();
        Some(Ok((first + bit, block.slots[bit as usize].as_ref()?)))
    }

    /// The block the next object will be in; or what lacks.
    pub(super) fn vacant(&mut self) -> Result<&mut Block<T>, Room> {
        let free = self.free;
        if free == NONE {
            let (segment, _) = place(self.blocks);
            return Err(if self.segments[segment].capacity() == 0 { Room::Segment(1 << segment) } else { Room::Block });
        }
        Ok(self.block_mut(free).expect("the list of free blocks leads to blocks"))
    }

    /// Takes the list of a segment that lacked, unless another thread brought one meanwhile.
    pub(super) fn give_segment(&mut self, list: &mut Vec<Block<T>>) {
        let (segment, _) = place(self.blocks);
        let segment_list = &mut self.segments[segment];
        if segment_list.capacity() == 0 && list.capacity() >= 1 << segment {
            core::mem::swap(segment_list, list);
        }
    }

    /// Takes a block that lacked, unless another thread brought one meanwhile.
    pub(super) fn give_block(&mut self, block: &mut Option<Block<T>>) {
        if self.vacant().is_err_and(|lack| lack == Room::Block)
            && let Some(block) = block.take()
        {
            let (segment, _) = place(self.blocks);
            self.segments[segment].push(block);
            self.free = self.blocks;
            self.blocks += 1;
        }
    }

    /// Puts an object into the vacant block.
    pub(super) fn insert(&mut self, record: Arc<Record<T>>, born: u64, shown: bool) -> Result<u32, Room> {
        let index = self.free;
        let block = self.vacant()?;
        let bit = block.used.trailing_ones();
        block.slots[bit as usize] = Some(Slot { record, born, links: Links::NONE });
        block.used |= 1 << bit;
        block.shown |= u64::from(shown) << bit;
        if block.used == u64::MAX {
            self.free = block.next_free;
        }
        Ok(index * BLOCK + bit)
    }

    /// Takes an object out; says whether it had series of its own. The index must no longer link it.
    pub(super) fn remove(&mut self, slot: u32) -> Option<(Arc<Record<T>>, bool)> {
        let (index, bit) = (slot / BLOCK, slot % BLOCK);
        let free = self.free;
        let block = self.block_mut(index)?;
        let taken = block.slots[bit as usize].take()?;
        let was_full = block.used == u64::MAX;
        let was_shown = block.shown & (1 << bit) != 0;
        block.used &= !(1 << bit);
        block.shown &= !(1 << bit);
        if was_full {
            block.next_free = free;
            self.free = index;
        }
        Some((taken.record, was_shown))
    }

    fn linked(&self, node: u32) -> &Slot<T> {
        self.get(node).expect("the index links only slots in use")
    }
}

impl<T> Nodes for Slots<T> {
    fn name(&self, node: u32) -> &Name {
        &self.linked(node).record.name
    }

    fn priority(&self, node: u32) -> u64 {
        index::priority(self.linked(node).born)
    }

    fn links(&self, node: u32) -> Links {
        self.linked(node).links
    }

    fn links_mut(&mut self, node: u32) -> &mut Links {
        let block = self.block_mut(node / BLOCK);
        let slot = block.and_then(|block| block.slots[(node % BLOCK) as usize].as_mut());
        &mut slot.expect("the index links only slots in use").links
    }
}

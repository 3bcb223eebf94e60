//! Memory: the map (`map`), the heap (`heap`), pages for devices (`dma`), thread stacks (`stack`) and how deep they have
//! been (`high_water`), and what all of it tells (`figures`) and has nothing to tell of (`no_paging`).

pub(crate) mod dma;
mod figures;
pub(crate) mod heap;
pub(crate) mod high_water;
pub(crate) mod map;
mod no_paging;
pub(crate) mod stack;

pub(crate) use figures::resident_bytes;
pub(crate) use map::{init, name_of};

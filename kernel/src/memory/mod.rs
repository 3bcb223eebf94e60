//! Memory: the map (`map`), the heap (`heap`), pages for devices (`dma`), and thread stacks (`stack`).

pub(crate) mod dma;
pub(crate) mod heap;
pub(crate) mod map;
pub(crate) mod stack;

pub(crate) use map::{init, name_of};

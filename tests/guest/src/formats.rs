//! What stretches the exposition formats: a family of so many series that no message of the protobuf format holds it, and
//! no connection's buffers hold the exposition; and an exponential histogram, which goes out as a native one.

use crate::serve;
use alloc::string::String;
use alloc::vec::Vec;
use periscope::{println, ukstore};

ukstore::class! {
    /// Parts of a whole.
    static PARTS_OF_WHOLE: Class<struct Part> = "/guest/parts", label part, series 10240 {
        /// Number of the part.
        counter number = "number_total", "guest_part_total";
    }
}

ukstore::histogram! {
    /// Observations spread over exponential buckets.
    static SPREAD = "/guest/spread_bytes", "guest_spread_bytes", Bytes, exponential 3 from 1 to 1_048_576;
}

/// Fills both, the family with `parts` series, and keeps them until somebody knocks.
pub(crate) fn fill(parts: u32) -> Result<(), String> {
    let door = serve::door()?;
    let part = |number: u32| {
        let part = PARTS_OF_WHOLE.add(&alloc::format!("part-{number:03}"), Part::new());
        part.number.add(number.into());
        part
    };
    let _parts: Vec<_> = (0..parts).map(part).collect();
    for power in 0..20 {
        SPREAD.observe(1 << power);
    }
    println!("formats: ready");
    serve::knock(&door)
}

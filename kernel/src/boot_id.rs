//! This life's id: a random UUID, other in each life of a machine, as Linux has it in `/proc/sys/kernel/random/boot_id`.
//! Numbers that count from boot on, such as the log's, are unique together with it.

use crate::{random, time};
use heapless::String;
use kernel_core::uuid;
use spin::Once;

static BOOT_ID: Once<String<{ uuid::TEXT_BYTES }>> = Once::new();

ukstore::text! {
    /// This life's id, a random UUID.
    "/boot_id" => prompt |out| out.write_str(get());
}

/// Makes it. Once, at boot.
pub(crate) fn settle() {
    // The date does no harm where the seeds are random, and sets lives apart where they are not.
    let date = time::SystemTime::now().map_or(0, |now| now.since_epoch().as_nanos() as u64);
    let bits = u128::from(random::seed()) << 64 | u128::from(random::seed() ^ date);
    BOOT_ID.call_once(|| uuid::random(bits));
}

/// The id; empty before [`settle`].
pub(crate) fn get() -> &'static str {
    BOOT_ID.get().map_or("", |id| id.as_str())
}

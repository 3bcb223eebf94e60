//! The machine as the one process it is, in the words that every Prometheus client has for processes.
//!
//! Open files are not told: there are none.

use crate::{cpu_time, memory, time};
use ukstore::Value;

ukstore::computed! {
    /// CPU time used, by whatever there is: all of the time that was neither halted nor stolen.
    counter "/process/cpu_seconds_total", "process_cpu_seconds_total", Seconds => prompt || Value::Nanos(cpu_time::busy_ns());
    /// Unix time of this life's first instruction; 0 when no clock has told the time.
    gauge "/process/start_time_seconds", "process_start_time_seconds", Seconds => prompt || {
        Value::Nanos(time::booted_unix_ns().unwrap_or(0))
    };
    /// Memory that something has been made of: all but the free memory.
    gauge "/process/resident_memory_bytes", "process_resident_memory_bytes", Bytes => prompt || {
        Value::U64(memory::resident_bytes())
    };
    /// Bytes that addresses lead to: the machine's memory less guard pages, the firmware's, and devices' registers.
    gauge "/process/virtual_memory_bytes", "process_virtual_memory_bytes", Bytes => prompt || {
        Value::U64(memory::map::mapped_bytes())
    };
}

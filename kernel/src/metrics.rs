//! A program's own metrics: the macros of [`ukstore`], under the name a program looks for them.
//!
//! ```ignore
//! periscope::metrics::counter! {
//!     /// Greetings sent.
//!     pub static GREETINGS = "/web/greetings_total", "web_greetings_total";
//! }
//! GREETINGS.inc();
//! ```

pub use ukstore::{class, computed, counter, counters, gauge, gauges, histogram, info, text};

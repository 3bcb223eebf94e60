//! The processor, behind one name. Everything that is assembly or CPU-specific lives below here;
//! the rest of the kernel says `arch::…` and never which processor it is.

#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
pub(crate) use self::x86_64::*;

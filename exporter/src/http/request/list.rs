//! The small grammar that header fields share: lists, as bytes.

/// The members of a comma-separated list, empty ones left out (RFC 9110, 5.6.1). For lists without quoted strings.
pub(super) fn members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

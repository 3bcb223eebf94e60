//! What Linux tells in `/proc/net/netstat` and `/proc/net/snmp`, in node_exporter's names: sums over the stacks, made when
//! somebody reads. Not for counting: each stack counts for itself (`stats.rs`), and tells more there, by device.
//!
//! The names of the fields are those of RFC 1213 and of Linux, their meanings too, where this stack has the thing; what it
//! cannot have is 0.

use smoltcp::socket::tcp::State;
use ukstore::{Gauge, Label as _, Value};

use super::stats::{Protocol, STACKS, Stats};

/// A number of all stacks together.
pub(super) fn sum(read: impl Fn(&Stats) -> u64) -> u64 {
    let mut sum = 0_u64;
    STACKS.each(|stack| sum = sum.wrapping_add(read(stack)));
    sum
}

fn errors(protocol: Protocol) -> u64 {
    sum(|stack| stack.errors[protocol.index()].get())
}

/// What a gauge that counts things stands at. It is never below zero.
pub(super) fn standing(gauge: &Gauge) -> u64 {
    u64::try_from(gauge.get()).unwrap_or(0)
}

fn connections(stack: &Stats, state: State) -> u64 {
    stack.in_state(state).map_or(0, standing)
}

ukstore::computed! {
    /// TCP connections opened from here.
    untyped "/netstat/tcp/active_opens", "node_netstat_Tcp_ActiveOpens" => prompt || {
        Value::U64(sum(|stack| stack.active_opens.get()))
    };
    /// TCP connections opened by peers whose handshake was completed.
    untyped "/netstat/tcp/passive_opens", "node_netstat_Tcp_PassiveOpens" => prompt || {
        Value::U64(sum(|stack| stack.passive_opens.get()))
    };
    /// TCP connections that are established, also those whose peer has closed its side.
    untyped "/netstat/tcp/established", "node_netstat_Tcp_CurrEstab" => prompt || {
        Value::U64(sum(|stack| connections(stack, State::Established) + connections(stack, State::CloseWait)))
    };
    /// TCP segments received, those with errors included.
    untyped "/netstat/tcp/segments_received", "node_netstat_Tcp_InSegs" => prompt || {
        Value::U64(sum(|stack| stack.segments_received.get()).wrapping_add(errors(Protocol::Tcp)))
    };
    /// TCP segments received with a wrong header or checksum.
    untyped "/netstat/tcp/errors", "node_netstat_Tcp_InErrs" => prompt || Value::U64(errors(Protocol::Tcp));
    /// TCP segments sent, but for those that hold nothing new.
    untyped "/netstat/tcp/segments_sent", "node_netstat_Tcp_OutSegs" => prompt || {
        Value::U64(sum(|stack| {
            let again = stack.retransmissions.get();
            stack.segments_sent.get().saturating_sub(again)
        }))
    };
    /// TCP segments sent that hold nothing new.
    untyped "/netstat/tcp/retransmissions", "node_netstat_Tcp_RetransSegs" => prompt || {
        Value::U64(sum(|stack| stack.retransmissions.get()))
    };
    /// TCP resets sent.
    untyped "/netstat/tcp/resets_sent", "node_netstat_Tcp_OutRsts" => prompt || {
        Value::U64(sum(|stack| stack.resets_sent.get()))
    };
    /// TCP handshake segments dropped because too many connections were waiting to be accepted.
    untyped "/netstat/tcp/listen_overflows", "node_netstat_TcpExt_ListenOverflows" => prompt || {
        Value::U64(sum(|stack| stack.accept_overflows.get()))
    };
    /// TCP connection requests lost to want of room: too many connections were waiting to be accepted, every socket was in
    /// use, or a newer request took the place of a half-open connection.
    untyped "/netstat/tcp/listen_drops", "node_netstat_TcpExt_ListenDrops" => prompt || {
        Value::U64(sum(Stats::listen_drops))
    };
    /// TCP segments sent again that ask for a connection or answer such a request.
    untyped "/netstat/tcp/syn_retransmissions", "node_netstat_TcpExt_TCPSynRetrans" => prompt || {
        Value::U64(sum(|stack| stack.syn_retransmissions.get()))
    };
    /// Times a TCP segment was sent again because its acknowledgment had not come in time.
    untyped "/netstat/tcp/timeouts", "node_netstat_TcpExt_TCPTimeouts" => prompt || {
        Value::U64(sum(|stack| stack.retransmission_timeouts.get()))
    };
    /// UDP datagrams received for a bound port.
    untyped "/netstat/udp/datagrams_received", "node_netstat_Udp_InDatagrams" => prompt || {
        Value::U64(sum(|stack| stack.datagrams_received.get()))
    };
    /// UDP datagrams sent.
    untyped "/netstat/udp/datagrams_sent", "node_netstat_Udp_OutDatagrams" => prompt || {
        Value::U64(sum(|stack| stack.datagrams_sent.get()))
    };
    /// UDP datagrams to a port nobody is bound to.
    untyped "/netstat/udp/no_port", "node_netstat_Udp_NoPorts" => prompt || {
        Value::U64(sum(|stack| stack.datagrams_no_port.get()))
    };
    /// UDP datagrams that were not delivered for another reason than that: a wrong header or checksum, or a full queue.
    untyped "/netstat/udp/errors", "node_netstat_Udp_InErrors" => prompt || {
        Value::U64(sum(|stack| stack.datagrams_dropped.get()).wrapping_add(errors(Protocol::Udp)))
    };
    /// UDP datagrams for a bound port dropped because its queue was full.
    untyped "/netstat/udp/receive_buffer_errors", "node_netstat_Udp_RcvbufErrors" => prompt || {
        Value::U64(sum(|stack| stack.datagrams_dropped.get()))
    };
    /// ICMP messages received, wrong ones included.
    untyped "/netstat/icmp/messages_received", "node_netstat_Icmp_InMsgs" => prompt || {
        Value::U64(sum(|stack| stack.messages_received.get()))
    };
    /// ICMP messages received with a wrong header or checksum.
    untyped "/netstat/icmp/errors", "node_netstat_Icmp_InErrors" => prompt || Value::U64(errors(Protocol::Icmp));
    /// ICMP messages sent.
    untyped "/netstat/icmp/messages_sent", "node_netstat_Icmp_OutMsgs" => prompt || {
        Value::U64(sum(|stack| stack.messages_sent.get()))
    };
    /// Bytes of IPv4 packets received for this machine, headers included.
    untyped "/netstat/ip/octets_received", "node_netstat_IpExt_InOctets" => prompt || {
        Value::U64(sum(|stack| stack.octets_received.get()))
    };
    /// Bytes of IPv4 packets sent, headers included. One that the device cuts into segments counts with one header.
    untyped "/netstat/ip/octets_sent", "node_netstat_IpExt_OutOctets" => prompt || {
        Value::U64(sum(|stack| stack.octets_sent.get()))
    };
    /// Whether packets for others are passed on: 1 is yes, 2 no. This machine never does.
    untyped "/netstat/ip/forwarding", "node_netstat_Ip_Forwarding" => prompt || Value::U64(2);
}

ukstore::zero! {
    /// SYN cookies that were wrong: there are none, half-open connections have a bounded pool instead.
    untyped "/netstat/tcp/syncookies_failed", "node_netstat_TcpExt_SyncookiesFailed";
    /// SYN cookies that came back: there are none, half-open connections have a bounded pool instead.
    untyped "/netstat/tcp/syncookies_received", "node_netstat_TcpExt_SyncookiesRecv";
    /// SYN cookies sent: there are none, half-open connections have a bounded pool instead.
    untyped "/netstat/tcp/syncookies_sent", "node_netstat_TcpExt_SyncookiesSent";
    /// UDP datagrams not sent for want of room in their socket's queue: sending waits for room.
    untyped "/netstat/udp/send_buffer_errors", "node_netstat_Udp_SndbufErrors";
    /// UDP-Lite datagrams with errors: the protocol is not spoken.
    untyped "/netstat/udplite/errors", "node_netstat_UdpLite_InErrors";
}

//! What one stack counts, as entries of ukstore: `/stacks/<name>/…`, and families with the label `device`. Written by whoever
//! holds the stack, read by anybody: relaxed atomics, and nothing computed until read.

use smoltcp::socket::tcp::State;
use ukstore::{Gauge, Label};

use crate::net::Config;

ukstore::labels! {
    /// Why a frame was dropped.
    pub enum Dropped {
        /// Shorter than its headers say, or with a wrong checksum.
        Malformed = "malformed",
        /// For another machine.
        Misaddressed = "misaddressed",
        /// A fragment of an IPv4 datagram, which this stack does not reassemble.
        Fragment = "fragment",
        /// Neither IPv4 nor ARP.
        Protocol = "protocol",
        /// A connection request from an address no answer could reach.
        Unroutable = "unroutable",
    }
}

ukstore::labels! {
    /// A protocol above IPv4.
    pub enum Protocol {
        /// RFC 9293.
        Tcp = "tcp",
        /// RFC 768.
        Udp = "udp",
        /// RFC 792.
        Icmp = "icmp",
    }
}

ukstore::labels! {
    /// Why a name was not resolved.
    pub enum Unresolved {
        /// The name server knows no address of it, or cannot tell.
        NoName = "no_name",
        /// The name server has not answered.
        TimedOut = "timed_out",
        /// There is no way to the name server any more.
        Unreachable = "unreachable",
    }
}

ukstore::labels! {
    /// What a TCP connection is in, in Linux's words. Those in TIME-WAIT come last: they need no socket.
    enum Connected {
        SynSent = "syn_sent",
        SynReceived = "syn_received",
        Established = "established",
        FinWait1 = "fin_wait_1",
        FinWait2 = "fin_wait_2",
        CloseWait = "close_wait",
        Closing = "closing",
        LastAck = "last_ack",
        TimeWait = "time_wait",
    }
}

ukstore::class! {
    /// TCP/IP stacks, one for each network device.
    pub static STACKS: Class<struct Stats> = "/stacks", label device, series 4 {
        /// Frames the stack took from its device.
        pub counter frames_received = "frames_received_total";
        /// Frames the stack gave to its device.
        pub counter frames_sent = "frames_sent_total";
        /// Frames dropped before any socket saw them, by reason.
        pub counter dropped = "dropped_total", "uk_stack_dropped_total" { reason: Dropped };
        /// Packets for this machine dropped because their protocol's header or checksum was wrong.
        pub counter errors = "errors_total" { protocol: Protocol };
        /// Times a poll ended because its budget of frames was used up, with more to do.
        pub counter squeezed = "squeezed_total";
        /// Bytes of IPv4 packets received for this machine, headers included.
        pub counter octets_received = "ip_receive_bytes_total", Bytes;
        /// Bytes of IPv4 packets sent, headers included. One that the device cuts into segments counts with one header.
        pub counter octets_sent = "ip_transmit_bytes_total", Bytes;
        /// ICMP messages received, wrong ones included.
        pub counter messages_received = "icmp_messages_received_total";
        /// ICMP messages sent.
        pub counter messages_sent = "icmp_messages_sent_total";
        /// Neighbors in the ARP cache: those that have spoken ARP with this machine, also long ago.
        pub gauge neighbors = "arp_entries", "node_arp_entries";
        /// DHCP leases obtained or changed.
        pub counter dhcp_configured = "dhcp_leases_total", "uk_stack_dhcp_leases_total";
        /// DHCP leases lost.
        pub counter dhcp_lost = "dhcp_leases_lost_total", "uk_stack_dhcp_leases_lost_total";
        /// Names asked for.
        pub counter queries = "dns_queries_total", "uk_stack_dns_queries_total";
        /// Names asked for in vain, by reason: no_name, timed_out or unreachable.
        pub counter queries_failed = "dns_failures_total", "uk_stack_dns_failures_total" { reason: Unresolved };

        /// TCP connections opened from here.
        pub counter active_opens = "tcp_active_opens_total", "uk_tcp_active_opens_total";
        /// TCP connections opened by peers whose handshake was completed.
        pub counter passive_opens = "tcp_passive_opens_total", "uk_tcp_passive_opens_total";
        /// TCP segments received.
        pub counter segments_received = "tcp_segments_received_total", "uk_tcp_segments_received_total";
        /// TCP segments sent, those sent again included, as the device cuts them.
        pub counter segments_sent = "tcp_segments_sent_total", "uk_tcp_segments_sent_total";
        /// TCP segments sent that hold nothing new. Probes of a window that the peer has closed are not among them.
        pub counter retransmissions = "tcp_retransmissions_total", "uk_tcp_retransmissions_total";
        /// TCP segments sent again that ask for a connection or answer such a request.
        pub counter syn_retransmissions = "tcp_syn_retransmissions_total";
        /// Times a TCP segment was sent again because its acknowledgment had not come in time.
        pub counter retransmission_timeouts = "tcp_retransmission_timeouts_total";
        /// TCP connections ended by a reset from the peer.
        pub counter resets_received = "tcp_resets_received_total", "uk_tcp_resets_received_total";
        /// TCP resets sent.
        pub counter resets_sent = "tcp_resets_sent_total", "uk_tcp_resets_sent_total";
        /// TCP segments of no connection and to no listener, each answered with a reset.
        pub counter no_connection = "tcp_no_connection_total", "uk_tcp_no_connection_total";
        /// Half-open TCP connections given up for a newer request.
        pub counter half_open_recycled = "tcp_half_open_recycled_total", "uk_tcp_half_open_recycled_total";
        /// Half-open TCP connections given up because their handshake was not completed in time.
        pub counter half_open_expired = "tcp_half_open_expired_total", "uk_tcp_half_open_expired_total";
        /// TCP handshake segments dropped because too many connections were waiting to be accepted.
        pub counter accept_overflows = "tcp_accept_overflows_total", "uk_tcp_accept_overflows_total";
        /// TCP connection requests dropped because every socket was in use.
        pub counter pool_exhausted = "tcp_pool_exhausted_total", "uk_tcp_pool_exhausted_total";
        /// TCP connections given up because the peer stopped answering.
        pub counter timeouts = "tcp_timeouts_total", "uk_tcp_timeouts_total";
        /// TCP connections closed here and given up because the peer did not close its side.
        pub counter orphans_expired = "tcp_orphans_expired_total", "uk_tcp_orphans_expired_total";

        /// TCP connections that went to TIME-WAIT.
        pub counter time_wait_total = "tcp_time_wait_total", "uk_tcp_time_wait_total";
        /// TCP connections dropped from TIME-WAIT before their time, because the table was full.
        pub counter time_wait_evicted = "tcp_time_wait_evicted_total", "uk_tcp_time_wait_evicted_total";
        /// TCP connections in TIME-WAIT that a new request of the same peer ended.
        pub counter time_wait_reopened = "tcp_time_wait_reopened_total", "uk_tcp_time_wait_reopened_total";
        /// TCP segments for connections in TIME-WAIT that were acknowledged again.
        pub counter time_wait_acknowledged = "tcp_time_wait_acknowledged_total", "uk_tcp_time_wait_acknowledged_total";

        /// TCP ports listened on.
        pub gauge listeners = "tcp_listeners";
        /// TCP sockets of the pool that hold a connection or what is left of one.
        pub gauge sockets_taken = "tcp_sockets_taken";
        /// TCP connections that the program has let go and that are not at their end yet.
        pub gauge orphans = "tcp_orphans";
        /// Bytes that the buffers of all TCP sockets take, in use or not.
        pub gauge buffer_bytes = "tcp_buffer_bytes", Bytes;
        /// TCP sockets of the pool, in use or not.
        pub gauge sockets = "tcp_sockets", "uk_tcp_sockets";
        /// TCP connections by state. Those in TIME-WAIT need no socket.
        pub gauge connections = "tcp_connections", "uk_tcp_connections" { state: Connected };

        /// UDP sockets that are bound.
        pub gauge datagram_sockets = "udp_sockets";
        /// Bytes that the buffers of all UDP sockets take, in use or not.
        pub gauge datagram_buffer_bytes = "udp_buffer_bytes", Bytes;
        /// UDP datagrams received for a bound port.
        pub counter datagrams_received = "udp_datagrams_received_total", "uk_udp_datagrams_received_total";
        /// UDP datagrams sent.
        pub counter datagrams_sent = "udp_datagrams_sent_total", "uk_udp_datagrams_sent_total";
        /// UDP datagrams to a port nobody is bound to.
        pub counter datagrams_no_port = "udp_datagrams_no_port_total", "uk_udp_datagrams_no_port_total";
        /// UDP datagrams for a bound port dropped because its queue was full.
        pub counter datagrams_dropped = "udp_datagrams_dropped_total", "uk_udp_datagrams_dropped_total";
        /// Queues of UDP sockets dropped because the neighbor their first datagram was for did not answer.
        pub counter datagram_queues_dropped = "udp_queues_dropped_total", "uk_udp_queues_dropped_total";
    }
}

impl Stats {
    /// New counters, all zero, for the stack built from `config`, and what follows from that for good.
    pub(in crate::net) fn register(config: &Config) -> ukstore::Object<Stats> {
        let stats = Stats::new();
        let bytes = |sockets: usize, each: usize| i64::try_from(sockets.saturating_mul(each)).unwrap_or(i64::MAX);
        stats.sockets.set(config.tcp_connections as i64);
        let each = config.receive_buffer_bytes.saturating_add(config.transmit_buffer_bytes);
        stats.buffer_bytes.set(bytes(config.tcp_connections, each));
        stats.datagram_buffer_bytes.set(bytes(config.udp_sockets, config.udp_buffer_bytes.saturating_mul(2)));
        STACKS.add(config.name, stats)
    }

    pub(in crate::net) fn count_drop(&self, reason: Dropped) {
        self.dropped[reason.index()].inc();
    }

    /// TCP connection requests lost to want of room, whichever room that was.
    pub(in crate::net) fn listen_drops(&self) -> u64 {
        let lost = [&self.accept_overflows, &self.pool_exhausted, &self.half_open_recycled];
        lost.into_iter().fold(0, |sum, lost| sum.wrapping_add(lost.get()))
    }

    /// The gauge of connections in `state`; `None` for the states without connection.
    pub fn in_state(&self, state: State) -> Option<&Gauge> {
        let connected = match state {
            State::Closed | State::Listen => return None,
            State::SynSent => Connected::SynSent,
            State::SynReceived => Connected::SynReceived,
            State::Established => Connected::Established,
            State::FinWait1 => Connected::FinWait1,
            State::FinWait2 => Connected::FinWait2,
            State::CloseWait => Connected::CloseWait,
            State::Closing => Connected::Closing,
            State::LastAck => Connected::LastAck,
            State::TimeWait => Connected::TimeWait,
        };
        Some(&self.connections[connected.index()])
    }

    /// The gauge of connections in TIME-WAIT.
    pub fn time_wait(&self) -> &Gauge {
        &self.connections[Connected::TimeWait.index()]
    }

    /// Sockets that hold a connection.
    pub fn sockets_in_use(&self) -> i64 {
        self.connections[..Connected::TimeWait.index()].iter().map(Gauge::get).sum()
    }
}

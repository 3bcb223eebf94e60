//! Objects: 19 in the mix, with two counters each, and 10,000 with one.

use alloc::format;
use alloc::vec::Vec;

use ukstore::Object;

use crate::Set;
use crate::values::Values;

const THREADS: u64 = 19;

ukstore::class! {
    /// Threads, in the mix.
    static THREADS_OF_MIX: Class<struct Thread> = "/mix/threads", label thread, series 64 {
        /// CPU time of the thread.
        counter cpu = "cpu_seconds_total", "bench_mix_thread_cpu_seconds_total", Seconds;
        /// Times the thread was switched to.
        counter switches = "switches_total", "bench_mix_thread_switches_total";
    }
    /// Peers, many of them.
    static PEERS: Class<struct Peer> = "/objects/peers", label peer, series 10_000 {
        /// Messages that the peer sent.
        counter messages = "messages_total", "bench_objects_peer_messages_total";
    }
}

/// Keeps the objects in the tree.
#[derive(Debug)]
pub struct Filled {
    _threads: Vec<Object<Thread>>,
    _peers: Vec<Object<Peer>>,
}

pub(crate) fn fill(values: &mut Values) -> Filled {
    let threads = (0..THREADS).map(|number| {
        let thread = THREADS_OF_MIX.add(&format!("worker-{number}"), Thread::new());
        thread.cpu.add(values.next());
        thread.switches.add(values.next());
        thread
    });
    let threads = threads.collect();
    let peers = (0..Set::Objects.series()).map(|number| {
        let peer = PEERS.add(&format!("peer-{number:05}"), Peer::new());
        peer.messages.add(values.next());
        peer
    });
    Filled { _threads: threads, _peers: peers.collect() }
}

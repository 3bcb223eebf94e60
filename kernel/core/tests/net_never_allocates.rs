//! A stack takes its memory when it is built and never again: two of them open, use and close connections while an allocator
//! counts. A program of its own, because the allocator is the whole program's.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::{Cell, RefCell},
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddrV4},
    rc::Rc,
};

use kernel_core::net::{Config, Error, Interest, Ipv4, Stack};
use smoltcp::{
    phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken},
    time::Instant,
};

struct Counting;

thread_local! {
    /// Allocations of this thread. Constant, so that counting does not allocate.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise is the one `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above; the block came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const FRAME: usize = 1514;
const RING: usize = 64;

/// One direction of the wire, with room for `RING` frames and no more.
type Wire = Rc<RefCell<VecDeque<(usize, [u8; FRAME])>>>;

fn wire() -> Wire {
    Rc::new(RefCell::new(VecDeque::with_capacity(RING)))
}

struct Nic {
    incoming: Wire,
    outgoing: Wire,
}

struct Taken((usize, [u8; FRAME]));
struct Room(Wire);

impl RxToken for Taken {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0.1[..self.0.0])
    }
}

impl TxToken for Room {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut frame = [0; FRAME];
        let result = f(&mut frame[..len]);
        self.0.borrow_mut().push_back((len, frame));
        result
    }
}

impl Device for Nic {
    type RxToken<'a> = Taken;
    type TxToken<'a> = Room;

    fn receive(&mut self, now: Instant) -> Option<(Taken, Room)> {
        let room = self.transmit(now)?;
        Some((Taken(self.incoming.borrow_mut().pop_front()?), room))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Room> {
        (self.outgoing.borrow().len() < RING).then(|| Room(Rc::clone(&self.outgoing)))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME;
        capabilities
    }
}

fn stack(last: u8, incoming: &Wire, outgoing: &Wire) -> Stack<Nic, u8> {
    let address = Ipv4Addr::new(10, 0, 0, last);
    let ipv4 = Ipv4::Static { address, prefix_len: 24, gateway: None };
    // The server's machine answers for no names.
    let config = Config { dns: Some(Ipv4Addr::new(10, 0, 0, 1)), ..Config::new("test", [2, 0, 0, 0, 0, last], ipv4) };
    Stack::new(Nic { incoming: Rc::clone(incoming), outgoing: Rc::clone(outgoing) }, &config, 0)
}

#[test]
fn after_construction_nothing_is_allocated() {
    let (there, back) = (wire(), wire());
    let mut server = stack(1, &there, &back);
    let mut client = stack(2, &back, &there);
    let before = ALLOCATIONS.get();
    assert!(before > 0, "the counter counts");

    let mut now = 0;
    let mut run = |server: &mut Stack<Nic, u8>, client: &mut Stack<Nic, u8>| {
        for _ in 0..10 {
            now += 1_000_000;
            server.poll(now, 16, &mut |_| {});
            client.poll(now, 16, &mut |_| {});
        }
        now
    };
    let listener = server.listen(80, 4).expect("the port is free");
    let datagrams = server.udp_bind(514).expect("the port is free");
    let sender = client.udp_bind(0).expect("a port is free");
    let address = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 80);
    let mut buffer = [0; 4096];
    let mut time = 0;
    for _ in 0..200 {
        let question = client.resolve("a.name", 1, time).expect("there is a place");
        let id = client.connect(address, time).expect("a socket is free");
        client.wait(id, Interest::Connected, 1).expect("there is room for a waiter");
        run(&mut server, &mut client);
        let (accepted, _) = server.accept(listener).expect("it has connected");
        assert_eq!(client.send(id, &[7; 3000]), Ok(3000));
        run(&mut server, &mut client);
        assert_eq!(server.recv(accepted, &mut buffer), Ok(3000));
        client.udp_send(sender, b"datagram", SocketAddrV4::new(*address.ip(), 514)).expect("there is room");
        server.close(accepted, time).expect("the id is fresh");
        time = run(&mut server, &mut client);
        assert_eq!(client.recv(id, &mut buffer), Ok(0));
        client.close(id, time).expect("the id is fresh");
        run(&mut server, &mut client);
        assert!(server.udp_receive(datagrams, &mut buffer).is_ok());
        assert_eq!(client.recv(id, &mut buffer), Err(Error::InvalidId));
        assert_eq!(client.resolved(question), Err(Error::WouldBlock));
        client.cancel_query(question).expect("it has not ended");
    }
    assert_eq!(ALLOCATIONS.get(), before);
    assert_eq!(server.stats().time_wait_total.get(), 200);
}

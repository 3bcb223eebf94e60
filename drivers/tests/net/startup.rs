//! Starting and stopping: negotiation, refusals, memory.

use drivers::virtio::Wired;
use drivers::virtio::net::{Error, feature};
use smoltcp::phy::{Device as _, Medium};
use ukstore::Value;
use virtio_drivers::transport::DeviceStatus;

use crate::device::{FakeTransport, MAC, Nic, OFFLOADS, Offer, start};
use crate::{hal, poll, send};

#[test]
fn takes_only_what_it_knows_of_a_generous_offer() {
    let (nic, device) = start(Offer { features: u64::MAX, ..Offer::default() }).expect("a sound device");
    let state = device.transport.state();
    let known = feature::MAC | feature::MTU | feature::STATUS | feature::VERSION_1;
    assert_eq!(state.accepted, known | OFFLOADS);
    assert!(state.status.contains(DeviceStatus::DRIVER_OK));
    assert_eq!(nic.mac(), MAC);
    assert_eq!(nic.capabilities().medium, Medium::Ethernet);
    assert_eq!(nic.capabilities().max_transmission_unit, 1514);
}

#[test]
fn offers_every_receive_buffer_and_tells_the_device_once() {
    let (_nic, mut device) = start(Offer::default()).expect("a sound device");
    assert_eq!(device.notified(), [1, 0]);
    let taken = std::iter::from_fn(|| device.receive.take()).count();
    assert_eq!(taken, 256);
}

#[test]
fn the_value_fits_a_small_stack_several_times() {
    assert!(size_of::<Nic>() < 14 * 1024, "{} bytes", size_of::<Nic>());
}

#[test]
fn a_bare_device_will_do() {
    let offer = Offer { features: feature::VERSION_1 | feature::MAC, ..Offer::default() };
    let (nic, _device) = start(offer).expect("a sound device");
    assert_eq!(nic.mtu(), 1500);
}

#[test]
fn the_devices_mtu_counts_if_its_packets_fit_a_buffer() {
    for (offered, mtu, taken) in [(1400, 1400, true), (1500, 1500, true), (2000, 1500, true), (9000, 1500, false)] {
        let (nic, device) = start(Offer { mtu: offered, ..Offer::default() }).expect("a sound device");
        assert_eq!(nic.mtu(), mtu);
        assert_eq!(device.transport.state().accepted & feature::MTU != 0, taken, "MTU {offered}");
    }
}

#[test]
fn refusals_name_their_reason_and_leave_nothing_behind() {
    let everything = Offer::default().features;
    let cases = [
        (Offer { features: everything & !feature::VERSION_1, ..Offer::default() }, Error::Legacy),
        (Offer { features: everything & !feature::MAC, ..Offer::default() }, Error::NoMac),
        (Offer { refuses: true, ..Offer::default() }, Error::Refused),
        (Offer { queue_size: 128, ..Offer::default() }, Error::ShortQueues),
    ];
    for (offer, error) in cases {
        let transport = FakeTransport::new(offer);
        let outcome = Nic::new("service", Wired::polled(transport.clone()));
        assert_eq!(outcome.err(), Some(error));
        assert!(transport.state().failed, "{error}: the device is told");
        assert_eq!(hal::lent_bytes(), 0, "{error}: memory kept");
    }
}

#[test]
fn running_out_of_memory_anywhere_is_an_error_without_a_leak() {
    let mut enough = 0;
    for pages in (0..300).step_by(3) {
        hal::limit_pages(pages);
        match start(Offer::default()) {
            Err(error) => assert_eq!(error, Error::NoMemory, "with {pages} pages"),
            Ok(_) => enough += 1,
        }
        assert_eq!(hal::lent_bytes(), 0, "with {pages} pages");
    }
    assert!(enough > 0, "300 pages are enough");
}

#[test]
fn dropping_resets_the_device_before_its_memory_goes() {
    let (nic, device) = start(Offer::default()).expect("a sound device");
    assert!(hal::lent_bytes() > 0);
    drop(nic); // the `Hal` complains if the device is still running
    assert_eq!(device.transport.state().status, DeviceStatus::empty());
    assert_eq!(hal::lent_bytes(), 0);
}

#[test]
fn its_counters_are_in_ukstore_while_it_lives() {
    let (mut nic, mut device) = start(Offer { mtu: 1400, ..Offer::default() }).expect("a sound device");
    // Tests run side by side, and each NIC is called `service`, so this one has some number.
    assert!(device.deliver(&[7; 60]) && poll(&mut nic).is_some() && send(&mut nic, &[8; 100]));
    let path = format!("/net/{}", nic.name());
    let read = |entry: &str| ukstore::read(&format!("{path}/{entry}"));
    for (entry, value) in [
        ("receive_packets_total", 1),
        ("receive_bytes_total", 60),
        ("receive_errs_total", 0),
        ("receive_drop_total", 0),
        ("transmit_packets_total", 1),
        ("transmit_bytes_total", 100),
        ("transmit_errs_total", 0),
        ("transmit_drop_total", 0),
        ("mtu_bytes", 1400),
        ("notifications_total", 1),
        ("interrupts_total", 0),
        ("transmit_ring_full_total", 0),
    ] {
        assert_eq!(read(entry), Ok(Value::U64(value)), "{entry}");
    }
    assert_eq!(read("up"), Ok(Value::Bool(true)), "a link of which nothing is known counts as up");
    drop(nic);
    assert!(ukstore::lookup(&path).is_err());
}

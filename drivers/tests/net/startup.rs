//! Starting and stopping: negotiation, refusals, memory.

use drivers::virtio::Wired;
use drivers::virtio::net::{Duplex, Error, feature};
use smoltcp::phy::{Device as _, Medium};
use ukstore::Value;
use virtio_drivers::transport::DeviceStatus;

use crate::device::{FakeTransport, MAC, Nic, OFFLOADS, Offer, start};
use crate::hal;

#[test]
fn takes_only_what_it_knows_of_a_generous_offer() {
    let (nic, device) = start(Offer { features: u64::MAX, ..Offer::default() }).expect("a sound device");
    let state = device.transport.state();
    let known = feature::MAC | feature::MTU | feature::STATUS | feature::SPEED_DUPLEX | feature::VERSION_1;
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
fn what_the_device_tells_of_its_link_is_believed() {
    let cases = [
        (10_000, 1, Ok(Value::U64(1_250_000_000)), Some(Duplex::Full)),
        (100, 0, Ok(Value::U64(12_500_000)), Some(Duplex::Half)),
        (u32::MAX, 0xff, Err(ukstore::Error::Absent), None),
    ];
    for (speed, code, told, duplex) in cases {
        let (nic, _device) = start(Offer { speed, duplex: code, ..Offer::default() }).expect("a sound device");
        assert_eq!(ukstore::read(&format!("/net/{}/speed_bytes", nic.name())), told);
        assert_eq!(nic.duplex(), duplex);
    }
    let silent = Offer { features: Offer::default().features & !feature::SPEED_DUPLEX, ..Offer::default() };
    let (nic, _device) = start(silent).expect("a sound device");
    assert_eq!(ukstore::read(&format!("/net/{}/speed_bytes", nic.name())), Err(ukstore::Error::Absent));
    assert_eq!(nic.duplex(), None);
    assert!(nic.link().is_none(), "this transport shows no registers in which a state could be read");
}

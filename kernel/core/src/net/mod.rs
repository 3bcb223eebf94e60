//! Network stack logic over any smoltcp device.

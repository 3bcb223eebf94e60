//! Every test that boots guests, by what it is about. One program for all of them: it is linked once, and while the last test
//! of one file runs, the next file's first one does.

#![cfg(test)]

mod abort;
mod adversary;
mod boot;
mod control;
mod dashboards;
mod demo;
mod discovery;
mod ends;
mod formats;
mod garbage;
mod gzip;
mod isolation;
mod kvm;
mod libvirt;
mod load;
mod metrics_cpu;
mod metrics_log;
mod metrics_memory;
mod metrics_net;
mod metrics_sockets;
mod metrics_web;
mod ntp;
mod objects;
mod oracle;
mod parameters;
mod places;
mod program;
mod prometheus;
mod protection;
mod push_clock;
mod push_influx;
mod push_outages;
mod push_ping;
mod push_remote_write;
mod push_syslog;
mod reporting;
mod rules;
mod rules_alerting;
mod rules_quiet;
mod rules_targets;
mod run;
mod samples;
mod scrape;
mod settings;
mod systemd;
mod tree;
mod zeros;

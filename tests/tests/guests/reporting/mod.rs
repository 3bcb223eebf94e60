//! What `deploy/` gives to the servers that guests push to: each file is one that its server takes, and what is asked of the
//! database is there once real guests have filled it.

mod agent;
mod alerts;
mod configurations;
mod influx;
mod rsyslog;
mod tick;
mod tokens;

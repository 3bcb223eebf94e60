//! The peer's turns: Linux, whose nginx serves what Periscope told once, from files. Made of Debian's packages by
//! `../../peer/make.sh`, and nothing is installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use ::tests::{Side, http};

use super::error;
use super::figures::Figures;
use super::machine::{Machine, System};
use super::wire::{Wires, guest_address};

const HERE: &str = env!("CARGO_MANIFEST_DIR");
/// Where the files are.
const FEW: &str = "/metrics";
const MANY: &str = "/many";

/// A Linux guest that was made, with the files in it.
pub(super) struct Peer {
    system: System,
    files: [(&'static str, String); 2],
}

impl Peer {
    /// Makes it. Needs Debian's package archive the first time.
    pub(super) fn make(few: &str, many: &str) -> Result<Self, String> {
        let directory = Path::new(HERE).join("../build/peer");
        let files = [(FEW, few.to_owned()), (MANY, many.to_owned())];
        let served = directory.join("www");
        fs::create_dir_all(&served).map_err(error("build/peer/www"))?;
        for (path, text) in &files {
            fs::write(served.join(path.trim_start_matches('/')), text).map_err(error(path))?;
        }
        let script = Path::new(HERE).join("peer/make.sh");
        let status = Command::new(&script).arg(&directory).status().map_err(error("bench/peer/make.sh"))?;
        if !status.success() {
            return Err(format!("bench/peer/make.sh: {status}"));
        }
        let side = Side::Management;
        let (mac, address) = (side.mac(), guest_address(side));
        let initramfs = directory.join("initramfs").display().to_string();
        let system = System {
            kernel: directory.join("vmlinuz"),
            parameters: format!(
                "console=ttyS0 quiet panic=-1 mitigations=off peer_mac={mac} peer_address={address}/24"
            ),
            options: ["-m", "256", "-initrd", &initramfs].map(str::to_owned).to_vec(),
        };
        Ok(Self { system, files })
    }

    /// One boot, for few series and for many.
    pub(super) fn turn(&self, wires: &Wires, figures: &mut Figures) -> Result<(), String> {
        let machine = Machine::boot(&self.system, wires)?;
        let mut strict = http::Connection::new(machine.connect()?).map_err(error("the peer's port"))?;
        for (path, text) in &self.files {
            let response = strict.get(path).map_err(error(path))?;
            if response.body != text.as_bytes() {
                return Err(format!("the peer answers {path} with {} bytes of its own", response.body.len()));
            }
        }
        figures.few(&machine, FEW)?;
        figures.many(&machine, MANY)
    }
}

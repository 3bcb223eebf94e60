//! Writes the declarations of `src/declared.rs`: what does not come and go. Names are as long as the kernel's.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    let mut code = Code { declarations: String::new(), statements: String::new() };
    for index in 0..30 {
        code.single("counter", index, "packets_total", "");
    }
    for index in 30..40 {
        code.single("counter", index, "busy_seconds_total", ", Seconds");
    }
    for index in 40..50 {
        code.single("gauge", index, "clients", "");
    }
    for index in 50..60 {
        code.single("gauge", index, "used_bytes", ", Bytes");
    }
    for family in 0..20 {
        code.labelled("counter", "mix", family, 10);
    }
    for family in 20..30 {
        code.labelled("gauge", "mix", family, 5);
    }
    for family in 0..if env::var_os("CARGO_FEATURE_MANY").is_some() { 100 } else { 1 } {
        code.labelled("counter", "many", family, 100);
    }
    let folder = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&folder).join("declared.rs"), code.whole()).expect("cargo's folder can be written");
    println!("cargo:rerun-if-changed=build.rs");
}

/// Declarations, and the statements that give them their values.
struct Code {
    declarations: String,
    statements: String,
}

impl Code {
    /// A family of one series, in the mix.
    fn single(&mut self, kind: &str, part: usize, what: &str, unit: &str) {
        let name = format!("PART_{part:02}");
        self.line(
            &format!(
                "ukstore::{kind}! {{ /// What this part of the program has done until now.\n static {name} = \
                 \"/mix/part_{part:02}/{what}\", \"bench_mix_part_{part:02}_{what}\"{unit}; }}"
            ),
            &format!("{name}.{};", given(kind)),
        );
    }

    /// A family with so many values of a label. `kind` is that of one of its cells.
    fn labelled(&mut self, kind: &str, set: &str, family: usize, values: usize) {
        let name = format!("{}_{family:02}", set.to_uppercase());
        let what = if kind == "counter" { "refused_total" } else { "refused" };
        let labels: Vec<String> = (0..values).map(|value| format!("\"reason_{value:02}\"")).collect();
        self.line(
            &format!(
                "ukstore::{kind}s! {{ /// What this part of the program has refused, by reason.\n static {name} = \
                 \"/{set}/family_{family:02}/{what}\", \"bench_{set}_family_{family:02}_{what}\", \
                 reason = [{}]; }}",
                labels.join(", ")
            ),
            &format!("for value in 0..{values} {{ {name}[value].{}; }}", given(kind)),
        );
    }

    fn line(&mut self, declaration: &str, statement: &str) {
        writeln!(self.declarations, "{declaration}").expect("a text takes what is written");
        writeln!(self.statements, "    {statement}").expect("a text takes what is written");
    }

    fn whole(&self) -> String {
        format!("{}\nfn fill_declared(values: &mut Values) {{\n{}}}\n", self.declarations, self.statements)
    }
}

/// How a cell of this kind gets its value.
fn given(kind: &str) -> &'static str {
    if kind == "counter" { "add(values.next())" } else { "set(values.next_signed())" }
}

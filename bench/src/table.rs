//! Rows of figures beside their goals.

/// What the rows below it are about.
pub(crate) fn heading(what: &str) {
    println!("{what:<52}{:>10}{:>10}", "goal", "measured");
}

/// One figure, and the most it should be.
pub(crate) fn row(what: &str, goal: Option<u64>, measured: u64) {
    match goal {
        Some(goal) => {
            let verdict = if measured <= goal { "met" } else { "missed" };
            println!("{what:<52}{:>10}{measured:>10}  {verdict}", format!("<= {goal}"));
        }
        None => println!("{what:<52}{:>10}{measured:>10}", ""),
    }
}

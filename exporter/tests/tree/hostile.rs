//! Names, words and settings made to break out of JSON, of HTML and of lines.

use proptest::prelude::*;

use crate::client::{FORMS, HTML, JSON, TEXT, put, show};
use crate::declared::{CHANGING, GUESTS, Guest, alone, populate};

ukstore::setting! {
    /// Whatever somebody writes.
    static ANY: text(255) = "", "/set/any";
}
ukstore::info! {
    /// Whatever a function gives.
    "/set/info", "set_info", { a => prompt odd, b => prompt odd };
}

fn odd() -> &'static str {
    "\" </td><script>\n\\,b=\""
}

/// Characters that mean something to somebody, and others.
fn hostile() -> impl Strategy<Value = String> {
    let odd = [
        "\"", "\\", "<script>", "</td>", "&amp;", "'", "%", "%2e", "..", ".", " ", "\n", "\r", "\t", "\0", "\u{1b}",
        "\u{85}", "#", "?", "ä", "𝄞", "\u{2028}", "x", "{", "]", ",",
    ];
    prop::collection::vec(prop::sample::select(odd.to_vec()), 0..12).prop_map(|parts| parts.concat())
}

/// Fails unless a page has only the tags these pages are made of, and no quote but theirs.
fn check_page(page: &str) {
    let page = page.split_once("</style>").expect("a style sheet").1;
    const TAGS: [&str; 16] = [
        "head",
        "body",
        "html",
        "h1",
        "p",
        "pre",
        "table",
        "table class=\"sheet\"",
        "tr",
        "th",
        "td",
        "td class=\"v\"",
        "td class=\"h\"",
        "code",
        "br",
        "a",
    ];
    for tag in page.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a whole tag");
        let name = tag.strip_prefix('/').unwrap_or(tag);
        let link = tag.strip_prefix("a href=\"").and_then(|rest| rest.strip_suffix('"'));
        match link {
            Some(link) => {
                assert!(link.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>&".contains(&byte)), "{link}")
            }
            None => assert!(TAGS.contains(&name), "<{tag}>"),
        }
        assert!(!text.contains(['>', '"', '\'']), "{text}");
        for entity in text.split('&').skip(1) {
            assert!(["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|known| entity.starts_with(known)), "{text}");
        }
    }
}

fn parse(body: &str) -> serde_json::Value {
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

#[test]
fn values_of_labels_stay_in_their_quotes() {
    assert_eq!(
        show("/set/info", TEXT),
        "a=\"\\\" </td><script>\\n\\\\,b=\\\"\"\nb=\"\\\" </td><script>\\n\\\\,b=\\\"\"\n"
    );
    assert!(show("/set", TEXT).contains("info a=\"\\\" </td><script>\\n\\\\,b=\\\"\" b="));
    assert_eq!(parse(&show("/set/info", JSON))["value"]["b"], odd());
    check_page(&show("/set/info", HTML));
    check_page(&show("/set", HTML));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn objects_of_any_name(name in hostile()) {
        let _alone = alone();
        populate();
        let guest = GUESTS.add(&name, Guest::default());
        let listing = parse(&show("/guests", JSON));
        let children = listing["children"].as_array().expect("children");
        prop_assert_eq!(children.len(), 1);
        let paths: Vec<&str> = children.iter().map(|child| child["path"].as_str().expect("a path")).collect();
        for path in &paths {
            let inner: String = path.bytes().map(|byte| if byte == b'/' { "/".into() } else { format!("%{byte:02X}") }).collect();
            prop_assert_eq!(&parse(&show(&inner, JSON))["path"], *path);
            check_page(&show(&inner, HTML));
            check_page(&show(&format!("{inner}/visits_total"), HTML));
            prop_assert_eq!(&parse(&show(&format!("{inner}/visits_total"), JSON))["value"], 0);
        }
        let page = show("/guests", HTML);
        check_page(&page);
        let link = page.split("href=\"/ukstore").find(|link| link.starts_with("/guests/")).expect("a link");
        let link = link.split('"').next().expect("an end");
        prop_assert_eq!(show(link, TEXT), "visits_total 0\n");
        let text = show("/guests", TEXT);
        prop_assert!(text.lines().all(|line| line.ends_with('/') && line.matches('/').count() == 1), "{}", text);
        drop(guest);
    }

    #[test]
    fn words_and_settings_of_any_content(words in hostile()) {
        let _alone = alone();
        CHANGING.set(&words);
        for path in ["/long", "/long/changing"] {
            check_page(&show(path, HTML));
        }
        prop_assert_eq!(&parse(&show("/long/changing", JSON))["value"], words.as_str());
        let listing = parse(&show("/long", JSON));
        prop_assert_eq!(listing["children"][1]["value"].as_str(), Some(words.as_str()));
        let line = words.chars().map(|it| if it.is_control() { ' ' } else { it }).collect::<String>();
        let text = show("/long", TEXT);
        prop_assert!(text.starts_with(&format!("a_directory_with_quite_a_long_name/\nchanging {line}\n")), "{}", text);
        prop_assert_eq!(text.lines().count(), 5);
        let as_text = show("/long/changing", TEXT);
        prop_assert_eq!(as_text, if words.ends_with('\n') { words.clone() } else { format!("{words}\n") });

        let (status, body) = put("/set/any", &words);
        let taken = ANY.get();
        prop_assert!(status == 204 || status == 400, "{}", body);
        prop_assert_eq!(&parse(&show("/set/any", JSON))["value"], taken.as_str());
        for form in FORMS {
            show("/set", form);
        }
        check_page(&show("/set/any", HTML));
    }
}

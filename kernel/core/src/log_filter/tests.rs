//! What settings mean, and what is made of them.

use super::*;
use proptest::prelude::*;
use std::{format, string::ToString, vec::Vec};

fn filter(spec: &str) -> LogFilter {
    LogFilter::parse(spec).unwrap_or_else(|error| panic!("{spec}: {error}"))
}

#[test]
fn a_source_covers_its_modules_only() {
    let filter = filter("warning,web:debug,web::http:quiet");
    assert_eq!(filter.level("other"), Level::Warning);
    assert_eq!(filter.level("web"), Level::Debug);
    assert_eq!(filter.level("web::files"), Level::Debug);
    assert_eq!(filter.level("web::http"), Level::Quiet);
    assert_eq!(filter.level("web::http::parse"), Level::Quiet);
    assert_eq!(filter.level("webdav"), Level::Warning);
    assert_eq!(filter.max_level(), Level::Debug);
    assert!(filter.passes("other", Level::Error) && !filter.passes("other", Level::Info));
    assert!(!filter.passes("web::http", Level::App));
}

#[test]
fn dashes_and_underscores_are_the_same() {
    let filter = filter("virtio-drivers:debug,virtio_drivers:error");
    assert_eq!(filter.level("virtio_drivers::queue"), Level::Error);
    assert_eq!(filter.to_string(), "info,virtio-drivers:error");
}

#[test]
fn what_is_shown_can_be_parsed() {
    let filter = filter("*:debug,a::b:quiet,c:app");
    assert_eq!(filter.to_string(), "debug,a::b:quiet,c:app");
    assert_eq!(LogFilter::parse(&filter.to_string()), Ok(filter));
}

#[test]
fn a_bad_setting_is_refused_with_a_reason() {
    let long = format!("{}:info", "x".repeat(MAX_SOURCE_BYTES + 1));
    for (spec, error) in [
        ("", FilterError::NoSource),
        ("debug,", FilterError::NoSource),
        ("debug,:info", FilterError::NoSource),
        ("debug,loud", FilterError::UnknownLevel),
        ("a:debug,b:", FilterError::UnknownLevel),
        ("Info", FilterError::UnknownLevel),
        (&long, FilterError::SourceTooLong),
    ] {
        assert_eq!(LogFilter::parse(spec), Err(error), "{spec}");
    }
    let most = (0..MAX_SOURCES).map(|source| format!("s{source}:info")).collect::<Vec<_>>().join(",");
    assert!(LogFilter::parse(&most).is_ok());
    assert_eq!(LogFilter::parse(&format!("{most},one_more:info")), Err(FilterError::TooManySources));
    assert!(LogFilter::parse(&format!("{most},s3:debug")).is_ok(), "a known source can still change");
    let repeated = "s:info,".repeat(MAX_SPEC_BYTES / 7 + 1) + "info";
    assert_eq!(LogFilter::parse(&repeated), Err(FilterError::TooLong));
}

#[test]
fn levels_are_ordered_by_talkativeness() {
    for (index, level) in Level::ALL.into_iter().enumerate() {
        assert_eq!(level as usize, index);
        assert_eq!(Level::from_name(level.name()), Some(level));
    }
    assert_eq!(Level::from(log::Level::Trace), Level::Debug);
}

#[test]
fn adjusting_changes_what_is_named_and_a_default_everything() {
    let now = filter("warning,web:debug,net:error");
    for (spec, then) in [
        ("web:quiet", "warning,web:quiet,net:error"),
        ("ukstore:app", "warning,web:debug,net:error,ukstore:app"),
        ("info", "info"),
        ("web:error,*:app", "app,web:error"),
        ("web:error,web:info", "warning,web:info,net:error"),
    ] {
        assert_eq!(now.adjusted(spec).map(|then| then.to_string()).as_deref(), Ok(then), "{spec}");
    }
    assert_eq!(now.adjusted("web:quiet,loud"), Err(FilterError::UnknownLevel));
    assert_eq!(now.adjusted(""), Err(FilterError::NoSource));
    let long = "web:quiet,".repeat(MAX_SPEC_BYTES / 10) + "web:info";
    assert_eq!(now.adjusted(&long), Err(FilterError::TooLong));
}

#[test]
fn what_says_nothing_new_is_left_out() {
    for (spec, short) in [
        ("info,web:info", "info"),
        ("info,web:debug,web::http:info", "info,web:debug,web::http:info"),
        ("info,web:info,web::http:info", "info"),
        ("info,web::http:info,web:debug", "info,web::http:info,web:debug"),
        ("quiet,a:info,a::b:info,a::b::c:quiet", "quiet,a:info,a::b::c:quiet"),
        ("info,a-b:debug,a_b::c:debug", "info,a-b:debug"),
    ] {
        assert_eq!(filter(spec).simplified().to_string(), short, "{spec}");
    }
}

#[test]
fn what_a_setting_names() {
    let named = |spec| sources_named(spec).collect::<Vec<_>>();
    assert_eq!(named("info,*:debug,web::http:loud,net:"), ["web::http", "net"]);
    assert_eq!(named(",:info"), [""]);
    assert_eq!((crate_of("web::http::parse"), crate_of("web"), crate_of("")), ("web", "web", ""));
}

proptest! {
    /// Leaving out what says nothing new changes no level anywhere.
    #[test]
    fn simplified_means_the_same(
        items in proptest::collection::vec(("(a|a-b|c)(::(d|e)){0,2}", 0..6_usize), 0..8), default in 0..6_usize,
    ) {
        let items = items.into_iter().map(|(source, level)| format!(",{source}:{}", Level::ALL[level]));
        let filter = filter(&items.fold(Level::ALL[default].to_string(), |spec, item| spec + &item));
        let short = filter.clone().simplified();
        for source in ["a", "a::d", "a::d::e", "a::d::d::x", "a_b", "a_b::e", "c", "c::e::d", "other"] {
            prop_assert_eq!(short.level(source), filter.level(source), "{}: {} and {}", source, filter, short);
        }
        prop_assert_eq!(short.clone().simplified(), short);
    }

    #[test]
    fn no_setting_upsets_it(spec in "[a-z:*,_-]{0,60}|(info|debug|web|:|,|::|\\*){0,20}") {
        let now = filter("info,web:debug");
        let _ = LogFilter::parse(&spec);
        let _ = now.adjusted(&spec).map(LogFilter::simplified);
        let _ = sources_named(&spec).count();
    }
}

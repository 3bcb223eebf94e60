//! Tests of the whole way from a linked file to an image or a refusal.

mod fixture;

use crate::convert;
use crate::refusal::Refusal;
use fixture::{CODE, CONSTANTS, DATA, Fixture, PLACEHOLDER, R, TABLE, W, X, kernel, note, segment};
use kernel_core::symbols::SymbolTable;
use object::elf::{PT_DYNAMIC, PT_GNU_STACK, PT_LOAD, PT_NOTE, PT_TLS};
use proptest::prelude::*;

fn refused(fixture: &Fixture) -> Refusal {
    match convert(&fixture.link()) {
        Ok((_, summary)) => panic!("passed: {summary}"),
        Err(refusal) => refusal,
    }
}

fn number(bytes: &[u8], at: u64, len: usize) -> u64 {
    bytes[at as usize..][..len].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Type, flags, address, contents and length in memory of each segment of an image, read by hand.
fn segments(image: &[u8]) -> Vec<(u64, u64, u64, &[u8], u64)> {
    assert_eq!(number(image, 32, 8), 64, "program headers follow the header");
    let headers = (0..number(image, 56, 2)).map(|index| 64 + index * 56);
    headers
        .map(|at| {
            let (offset, address, len) =
                (number(image, at + 8, 8), number(image, at + 16, 8), number(image, at + 32, 8));
            assert_eq!(number(image, at + 24, 8), address, "loaded where linked");
            assert_eq!(offset % 4096, address % 4096, "fit to be mapped");
            let contents = &image[offset as usize..][..len as usize];
            (number(image, at, 4), number(image, at + 4, 4), address, contents, number(image, at + 40, 8))
        })
        .collect()
}

#[test]
fn a_kernel_becomes_an_image() {
    let mut fixture = kernel();
    fixture.segments.push(segment(PT_GNU_STACK.0, R | W, 0, b""));
    let linked = fixture.link();
    let (image, summary) = convert(&linked).unwrap_or_else(|refusal| panic!("{refusal}"));
    let table_bytes = kernel_core::symbols::table_bytes(&image[0x4000..]).expect("the table is at the end");
    let expected = format!(
        "{} bytes (code 100, constants 29, data 4, zeroed 8192; 2 function names in {table_bytes})",
        0x4000 + table_bytes
    );
    assert_eq!(summary, expected);
    assert_eq!(image.len(), 0x4000 + table_bytes);

    let note = note(b"Xen\0", 18, &(CODE as u32 + 16).to_le_bytes());
    let [code, constants, data, table, notes] = segments(&image)[..] else { panic!("five segments") };
    assert_eq!(code, (1, (R | X).into(), CODE, &[0xf4; 100][..], 100));
    assert_eq!(constants, (1, R.into(), CONSTANTS, &[&note[..], b"constants"].concat()[..], 29));
    assert_eq!(data, (1, (R | W).into(), DATA, &b"data"[..], 0x2004));
    assert_eq!((table.1, table.2, table.3.len(), table.4), (R.into(), TABLE, table_bytes, table_bytes as u64));
    assert_eq!(notes, (4, R.into(), CONSTANTS, &note[..], 20));
    assert_eq!(image[..32], linked[..32], "identity and entry stay");
    assert_eq!((number(&image, 40, 8), number(&image, 60, 2), number(&image, 62, 2)), (0, 0, 0), "no sections");
    assert!(!image.contains(&0xee), "nothing of what was between the segments");

    let names = SymbolTable::parse(table.3).expect("a table");
    assert_eq!(names.lookup(CODE + 1), Some(("_start", 1)));
    assert_eq!(names.lookup(CODE + 20), Some(("main::work", 4)), "labels are no functions");
    assert_eq!(names.lookup(DATA), None);
}

#[test]
fn the_same_file_gives_the_same_image() {
    let linked = kernel().link();
    assert_eq!(convert(&linked), convert(&linked));
}

#[test]
fn a_note_of_its_own_is_kept() {
    let mut fixture = kernel();
    fixture.segments[4] = segment(PT_NOTE.0, R, 0x20_0000, &note(b"Xen\0", 18, &CODE.to_le_bytes()));
    let (image, _) = convert(&fixture.link()).unwrap_or_else(|refusal| panic!("{refusal}"));
    let at = image.len() - 24;
    assert_eq!(image[at..], fixture.segments[4].contents);
    assert_eq!(number(&image, 64 + 4 * 56 + 8, 8), at as u64);
}

#[test]
fn what_is_no_kernel_is_refused() {
    type Change = fn(&mut Fixture);
    let cases: [(Refusal, Change); 18] = [
        (Refusal::NotStatic, |kernel| kernel.kind = 3),
        (Refusal::NotStatic, |kernel| kernel.machine = 183),
        (Refusal::NeedsLoader, |kernel| kernel.segments.push(segment(PT_TLS.0, R, DATA, b"data"))),
        (Refusal::NeedsLoader, |kernel| kernel.segments.push(segment(PT_DYNAMIC.0, R, DATA, b"data"))),
        (Refusal::NoEntryNote, |kernel| kernel.segments.truncate(4)),
        (Refusal::NoEntryNote, |kernel| kernel.segments[1].contents[8] = 17),
        (Refusal::NoEntryNote, |kernel| kernel.segments[1].contents[12] = b'x'),
        (Refusal::EntryNotCode(DATA), |kernel| {
            kernel.segments[1].contents[16..20].copy_from_slice(&(DATA as u32).to_le_bytes());
        }),
        (Refusal::Contents(DATA), |kernel| kernel.segments[2].zeroed = u64::MAX),
        (Refusal::TooHigh(DATA), |kernel| kernel.segments[2].zeroed = 1 << 32),
        (Refusal::LoadedElsewhere(DATA), |kernel| kernel.segments[2].loaded_at += 4096),
        (Refusal::Overlaps(TABLE), |kernel| kernel.segments[2].zeroed = 0x3000),
        (Refusal::WritableCode(CODE), |kernel| kernel.segments[0].flags |= W),
        (Refusal::NoPlaceholder, |kernel| kernel.segments[3].contents[0] = b'u'),
        (Refusal::NoPlaceholder, |kernel| kernel.segments[3].flags |= W),
        (Refusal::NoPlaceholder, |kernel| {
            kernel.segments.push(segment(PT_LOAD.0, R, TABLE + 4096, b"behind it"));
        }),
        (Refusal::HasTable, |kernel| kernel.segments[3].contents[8] = 99),
        (Refusal::NoFunctions, |kernel| kernel.symbols.retain(|symbol| symbol.1 == DATA)),
    ];
    for (refusal, change) in cases {
        let mut fixture = kernel();
        change(&mut fixture);
        assert_eq!(refused(&fixture), refusal);
        assert!(!refusal.to_string().is_empty());
    }
    assert!(matches!(convert(b"#!/bin/sh"), Err(Refusal::Elf(_))));
}

#[test]
fn an_image_is_not_converted_again() {
    let (image, _) = convert(&kernel().link()).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(convert(&image).map(|(_, summary)| summary), Err(Refusal::HasTable));
    assert_eq!(PLACEHOLDER.len(), kernel_core::symbols::PLACEHOLDER_BYTES);
}

proptest! {
    /// A damaged file is refused or converted, and not much larger than it was; nothing panics.
    #[test]
    fn damage_does_not_panic(damage in prop::collection::vec((0usize..1 << 15, any::<u8>()), 1..8), cut in 0usize..200) {
        let mut linked = kernel().link();
        let front = 64 + 5 * 56;
        for (place, value) in damage {
            // Half of the damage goes to the headers, where it does the most.
            let len = if place % 2 == 0 { front } else { linked.len() };
            linked[place / 2 % len] = value;
        }
        linked.truncate(linked.len() - cut / 2);
        if let Ok((image, _)) = convert(&linked) {
            prop_assert!(image.len() < linked.len() + (64 << 10));
        }
    }
}

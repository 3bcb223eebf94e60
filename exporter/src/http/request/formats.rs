//! Which format of `/metrics` suits a scraper best, by its `Accept`.
//!
//! It goes by Prometheus' document (<https://prometheus.io/docs/instrumenting/content_negotiation/>) and by RFC 9110,
//! 12.5.1: the format with the highest weight, where the range that describes a format most closely has its weight.
//! What these leave open is decided so:
//!
//! - Of equals one that is named goes before one that a wildcard stands for. Of those that are named it is the first,
//!   as in Prometheus' own libraries.
//! - A wildcard stands for 0.0.4 alone: that a client takes anything does not say that it can read the others.
//! - Without a version `text/plain` is 0.0.4, which every scraper reads, and OpenMetrics is the one version there is
//!   here. Protobuf needs both of its parameters.
//! - A parameter that a format does not have rules nothing out, as in those libraries; nor does `escaping=`, because no
//!   name here needs it. A scheme that nobody knows is passed over.
//!
//! Nobody is refused: who can read none of the formats gets 0.0.4.

use core::cmp::Reverse;

use super::accept::{Precision, rate};
use super::media_range::{MediaRange, is_same};
use crate::exposition::{ContentType, Escaping, Format};

/// What is sent to who can read none of the formats, or says nothing.
pub(super) const LAST_RESORT: ContentType = ContentType { format: Format::Text, escaping: None };

/// The format to send, by the values of all `Accept` fields, which count as one list.
pub(super) fn negotiate<'h>(fields: impl Iterator<Item = &'h [u8]>) -> ContentType {
    let ratings = rate(fields, &FORMS, Form::precision_in);
    let rated = FORMS.iter().zip(&ratings).filter_map(|(form, rating)| Some((form, rating.as_ref()?)));
    let wanted = rated.filter(|(_, rating)| rating.range.quality > 0);
    let best = wanted.max_by_key(|(_, rating)| (rating.range.quality, rating.precision.names, Reverse(rating.place)));
    best.map_or(LAST_RESORT, |(form, rating)| ContentType { format: form.format, escaping: escaping(&rating.range) })
}

/// What a range that describes a format may say.
struct Form {
    format: Format,
    kind: &'static str,
    subtype: &'static str,
    parameters: [(&'static str, &'static str); 2],
    /// How many of the parameters, from the first on, must be named.
    needed: usize,
}

/// In the order of [`Format::ALL`].
static FORMS: [Form; Format::ALL.len()] = [
    Form {
        format: Format::Text,
        kind: "text",
        subtype: "plain",
        parameters: [("version", "0.0.4"), ("charset", "utf-8")],
        needed: 0,
    },
    Form {
        format: Format::Text1,
        kind: "text",
        subtype: "plain",
        parameters: [("version", "1.0.0"), ("charset", "utf-8")],
        needed: 1,
    },
    Form {
        format: Format::OpenMetrics,
        kind: "application",
        subtype: "openmetrics-text",
        parameters: [("version", "1.0.0"), ("charset", "utf-8")],
        needed: 0,
    },
    Form {
        format: Format::Protobuf,
        kind: "application",
        subtype: "vnd.google.protobuf",
        parameters: [("proto", "io.prometheus.client.MetricFamily"), ("encoding", "delimited")],
        needed: 2,
    },
];

impl Form {
    /// How closely `range` describes this; `None` if not at all.
    fn precision_in(&self, range: &MediaRange<'_>) -> Option<Precision> {
        let is_anyones = self.format == Format::Text;
        let mut names = 0;
        // The subtype first: hardly two are of the same length.
        for (ours, theirs) in [(self.subtype, range.subtype), (self.kind, range.kind)] {
            if !(theirs == b"*" && is_anyones) {
                names += 1;
                if !is_same(theirs, ours) {
                    return None;
                }
            }
        }
        let mut named = [false; 2];
        for parameter in range.parameters() {
            let known = named.iter_mut().zip(&self.parameters).find(|(_, (name, _))| parameter.is_named(name));
            let Some((named, (_, value))) = known else { continue };
            *named = parameter.is_valued(value);
            if !*named {
                return None;
            }
        }
        let is_whole = named.iter().take(self.needed).all(|&named| named);
        is_whole.then_some(Precision { names, parameters: named.into_iter().filter(|&named| named).count() })
    }
}

/// The scheme a range asks for, if it is one.
fn escaping(range: &MediaRange<'_>) -> Option<Escaping> {
    let parameter = range.parameters().iter().find(|parameter| parameter.is_named("escaping"))?;
    Escaping::ALL.into_iter().find(|escaping| parameter.is_valued(escaping.name()))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::prelude::*;
    use std::string::String;
    use std::vec::Vec;

    use super::*;
    use Format::{OpenMetrics, Protobuf, Text, Text1};

    const ALLOW_UTF8: Option<Escaping> = Some(Escaping::AllowUtf8);

    fn negotiated(fields: &[&str]) -> (Format, Option<Escaping>) {
        let content_type = negotiate(fields.iter().map(|field| field.as_bytes()));
        (content_type.format, content_type.escaping)
    }

    #[test]
    fn the_forms_are_in_the_order_of_the_formats() {
        assert!(FORMS.iter().map(|form| form.format).eq(Format::ALL));
    }

    /// Headers as they are really sent; concatenated where they are long.
    #[test]
    fn real_clients() {
        let protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
        for (client, first, rest, expected) in [
            (
                "Prometheus 2.42",
                "application/openmetrics-text;version=1.0.0,",
                "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                (OpenMetrics, None),
            ),
            (
                "Prometheus 2.42, native histograms",
                protobuf,
                ",application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,\
                 text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                (Protobuf, None),
            ),
            (
                "Prometheus 2.53",
                "application/openmetrics-text;version=1.0.0;q=0.5,",
                "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                (OpenMetrics, None),
            ),
            (
                "Prometheus 2.53, native histograms",
                protobuf,
                ";q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,application/openmetrics-text;version=0.0.1;q=0.3,\
                 text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                (Protobuf, None),
            ),
            (
                "Prometheus 2.53 that is to use OpenMetrics 0.0.1, or else anything",
                "application/openmetrics-text;version=0.0.1;q=0.5,",
                "*/*;q=0.4",
                (Text, None),
            ),
            (
                "Prometheus 3.5",
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,",
                "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
                 text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                (OpenMetrics, ALLOW_UTF8),
            ),
            (
                "Prometheus 3.5, native histograms",
                protobuf,
                ";q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                 application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
                 text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                (Protobuf, None),
            ),
            (
                "Prometheus 3.5 that is to use the text formats",
                "text/plain;version=1.0.0;escaping=underscores;q=0.6,",
                "text/plain;version=0.0.4;q=0.5,*/*;q=0.4",
                (Text1, Some(Escaping::Underscores)),
            ),
            (
                "Grafana Agent and Alloy, which scrape with Prometheus' own code; Datadog",
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,",
                "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                (OpenMetrics, None),
            ),
            ("VictoriaMetrics, vmagent, Netdata", "text/plain;version=0.0.4;q=1,", "*/*;q=0.1", (Text, None)),
            ("Telegraf", protobuf, ";q=0.7,text/plain;version=0.0.4;q=0.3", (Protobuf, None)),
            ("curl, wget", "*/*", "", (Text, None)),
            (
                "Firefox, Chromium",
                "text/html,application/xhtml+xml,application/xml;q=0.9,",
                "image/avif,image/webp,*/*;q=0.8",
                (Text, None),
            ),
            ("who says nothing", "", "", (Text, None)),
        ] {
            assert_eq!(negotiated(&[first, rest].concat().split(',').collect::<Vec<_>>()), expected, "{client}");
            assert_eq!(negotiated(&[&[first, rest].concat()]), expected, "{client}");
        }
    }

    #[test]
    fn the_highest_weight_and_of_equals_the_first_that_is_named() {
        for (accept, expected) in [
            ("text/plain;version=1.0.0,application/openmetrics-text;version=1.0.0", Text1),
            ("application/openmetrics-text;version=1.0.0,text/plain;version=1.0.0", OpenMetrics),
            ("*/*,application/openmetrics-text;version=1.0.0", OpenMetrics),
            ("text/*,application/openmetrics-text", OpenMetrics),
            ("application/openmetrics-text;q=0.5,*/*", Text),
            ("application/openmetrics-text;q=0.500,text/plain;version=1.0.0;q=0.501", Text1),
            // The range that describes a format most closely has its weight, be it less.
            ("text/plain;version=0.0.4;q=0.2,*/*,application/openmetrics-text;q=0.3", OpenMetrics),
            ("text/plain;q=0.9,text/plain;version=0.0.4;q=0.2,application/openmetrics-text;q=0.5", OpenMetrics),
            ("text/*;q=0.9,text/plain;q=0.2,text/plain;version=1.0.0;q=0.5", Text1),
            // Ruled out.
            ("application/openmetrics-text;version=1.0.0;q=0,*/*;q=0.1", Text),
            ("text/plain;version=0.0.4;q=0,application/openmetrics-text;q=0.001", OpenMetrics),
            ("*/*;q=0,text/plain;version=1.0.0;q=0.001", Text1),
            // Nothing is left: the last resort.
            ("text/plain;version=0.0.4;q=0", Text),
            ("application/openmetrics-text;version=1.0.0;q=0", Text),
            ("*/*;q=0", Text),
        ] {
            assert_eq!(negotiated(&[accept]).0, expected, "{accept}");
        }
    }

    #[test]
    fn which_range_describes_which_format() {
        let openmetrics = "application/openmetrics-text";
        let protobuf = "application/vnd.google.protobuf";
        for (range, expected) in [
            ("text/plain", Text),
            ("TEXT/Plain; Charset=UTF-8; version=\"1.0.0\"", Text1),
            ("text/plain;version=1.0.0", Text1),
            ("text/plain;level=1;version=1.0.0;format=flowed", Text1),
            (openmetrics, OpenMetrics),
            (&[openmetrics, ";profile=x;version=1.0.0;charset=utf-8;escaping=dots;a=b;c=d"].concat(), OpenMetrics),
            (&[openmetrics, "; version=1.0.0; charset=utf-8"].concat(), OpenMetrics),
            (&[protobuf, ";encoding=delimited;proto=io.prometheus.client.MetricFamily"].concat(), Protobuf),
            (&[protobuf, "; proto=\"io.prometheus.client.MetricFamily\"; encoding=\"delimited\""].concat(), Protobuf),
        ] {
            assert_eq!(negotiated(&["*/*;q=0.1", range]).0, expected, "{range}");
        }
        // A wildcard stands for no other format, and what is not quite a format is none.
        for range in [
            "*/*",
            "text/*",
            "application/*",
            "text/plain;version=2.0.0",
            "text/plain;version=1.0.0;charset=latin1",
            "text/plain;version=1.0.0;version=0.0.4",
            "text/*;version=1.0.0",
            "text/html;version=1.0.0",
            "application/plain;version=1.0.0",
            "text/openmetrics-text",
            &[openmetrics, ";version=0.0.1"].concat(),
            &[openmetrics, ";version=2.0.0"].concat(),
            &[openmetrics, ";version="].concat(),
            protobuf,
            &[protobuf, ";proto=io.prometheus.client.MetricFamily"].concat(),
            &[protobuf, ";encoding=delimited"].concat(),
            &[protobuf, ";encoding=delimited;encoding=delimited"].concat(),
            &[protobuf, ";proto=io.prometheus.client.MetricFamily;encoding=text"].concat(),
            &[protobuf, ";proto=io.prometheus.client.MetricFamily;encoding=compact-text"].concat(),
            &[protobuf, ";proto=io.prometheus.write.v2.Request;encoding=delimited"].concat(),
            "application/json;proto=io.prometheus.client.MetricFamily;encoding=delimited",
        ] {
            assert_eq!(negotiated(&[range, "text/plain;q=0.1"]).0, Text, "{range}");
        }
    }

    /// So a proxy that asks again with what it got gets the same.
    #[test]
    fn each_content_type_negotiates_to_itself() {
        for format in Format::ALL {
            for escaping in Escaping::ALL.map(Some).into_iter().chain([None]) {
                let mut bytes = [0; 128];
                let mut window = crate::Window::new(&mut bytes);
                ContentType { format, escaping }.put(&mut window);
                // The text format 1.0.0 always names one.
                let named = escaping.or((format == Text1).then_some(Escaping::Underscores));
                let expected = ContentType { format, escaping: named };
                let list = [b"text/*;q=0.1,", window.written()].concat();
                assert_eq!(negotiate([list.as_slice()].into_iter()), expected);
            }
        }
    }

    #[test]
    fn escapings_are_echoed_if_they_are_known() {
        for (parameter, expected) in [
            ("", None),
            (";escaping=allow-utf-8", ALLOW_UTF8),
            (";escaping=underscores", Some(Escaping::Underscores)),
            (";escaping=dots", Some(Escaping::Dots)),
            (";escaping=\"values\"", Some(Escaping::Values)),
            (";ESCAPING=Dots", Some(Escaping::Dots)),
            (";escaping=none", None),
            (";escaping=allow-utf8", None),
            (";escaping=\"\"", None),
        ] {
            for (range, format) in [
                ("text/plain;version=0.0.4", Text),
                ("text/plain;version=1.0.0", Text1),
                ("application/openmetrics-text;version=1.0.0", OpenMetrics),
                (
                    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
                    Protobuf,
                ),
            ] {
                let accept = [range, parameter, ";q=0.5,*/*;q=0.1"].concat();
                assert_eq!(negotiated(&[&accept]), (format, expected), "{accept}");
            }
        }
        // The scheme is that of the range which decides.
        let accept = "text/plain;version=1.0.0;escaping=dots;q=0.4,text/plain;version=1.0.0;escaping=values;q=0.5";
        assert_eq!(negotiated(&[accept]), (Text1, Some(Escaping::Values)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A format is chosen whatever comes, and a field of garbage does not change what the others ask for.
        #[test]
        fn garbage_is_harmless(
            garbage in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                "([a-z*;,=\" \\\\]|q=|text|plain|version=|escaping=|0\\.|1){0,40}".prop_map(String::into_bytes),
            ],
        ) {
            let garbage: Vec<u8> = garbage.into_iter().filter(|&byte| byte != b'/').collect();
            let fields = [garbage.as_slice(), b"application/openmetrics-text;escaping=dots;q=0.001"];
            let expected = ContentType { format: OpenMetrics, escaping: Some(Escaping::Dots) };
            prop_assert_eq!(negotiate(fields.into_iter()), expected);
        }

        /// The order of a list with distinct weights does not matter.
        #[test]
        fn weights_decide(
            order in Just([0, 1, 2, 3]).prop_shuffle(),
            weights in Just([1_u16, 250, 500, 1_000]).prop_shuffle(),
        ) {
            let ranges = FORMS.each_ref().map(|form| {
                let parameters = form.parameters.map(|(name, value)| std::format!(";{name}={value}")).concat();
                std::format!("{}/{}{parameters}", form.kind, form.subtype)
            });
            let list = order.map(|index| {
                let weight = weights[index];
                std::format!("{};q={}.{:03}", ranges[index], weight / 1_000, weight % 1_000)
            });
            let best = (0..4).max_by_key(|&index| weights[index]).map(|index| Format::ALL[index]);
            prop_assert_eq!(Some(negotiated(&[&list.join(", ")]).0), best);
        }
    }
}

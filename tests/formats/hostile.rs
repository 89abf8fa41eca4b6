//! Remote text reaches no terminal and no file unescaped, whatever the format.

use apim_probe::render::escape::is_unsafe;
use apim_probe::render::{Format, Style, Verbosity, render};
use proptest::prelude::*;

use crate::{options, reports};

fn assert_clean(text: &str, format: Format) {
    let raw: Vec<char> = text.chars().filter(|c| *c != '\n' && is_unsafe(*c)).collect();
    // Emoji of our own are written with a variation selector in Markdown.
    let raw: Vec<char> = raw.into_iter().filter(|c| format != Format::Markdown || *c != '\u{fe0f}').collect();
    assert!(raw.is_empty(), "{}: {raw:?}", format.as_str());
    match format {
        Format::Json | Format::NetworkStatus => {
            serde_json::from_str::<serde_json::Value>(text).unwrap();
        }
        Format::Jsonl => text.lines().for_each(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }),
        Format::Markdown => assert!(!text.lines().any(|line| line.trim_start().starts_with("::"))),
        Format::Nagios => assert_eq!((text.lines().count(), text.matches('|').count()), (1, 1)),
        Format::OpenMetrics => assert!(text.ends_with("# EOF\n")),
        Format::Junit | Format::Html => assert!(!text.contains("]]>") && !text.contains("<b>")),
        Format::Human | Format::Tap => {}
    }
}

#[test]
fn the_hostile_report_is_clean_in_every_format() {
    let (_, report) = reports::all().remove(4);
    for format in Format::ALL {
        assert_clean(&render(&report, &options(format)), format);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_remote_side_says_every_format_is_clean(text in "\\PC{0,12}|[\\x00-\\x9f\u{200b}\u{202e}\u{2028}|`<>&#:='\"\\]\\[]{0,40}") {
        let report = reports::hostile(&text);
        for format in Format::ALL {
            assert_clean(&render(&report, &options(format)), format);
        }
        let mut verbose = options(Format::Human);
        verbose.style = Style { verbosity: Verbosity::Verbose, ..Style::file() };
        assert_clean(&render(&report, &verbose), Format::Human);
    }
}

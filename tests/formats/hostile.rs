//! Remote text reaches no terminal and no file unescaped, whatever the format.

use apim_probe::render::escape::is_unsafe;
use apim_probe::render::redact::Redaction;
use apim_probe::render::{Format, Names, Style, Verbosity, render_comparison};
use apim_probe_checks::diff::Comparison;
use proptest::prelude::*;

use unicode_width::UnicodeWidthStr;

use crate::{options, redacted, render, reports};

/// Words that mean something to whoever reads a report.
const WORDS: [&str; 24] = [
    "\u{1b}[31m",
    "\u{9b}2J",
    "\r",
    "\n",
    "\t",
    "\0",
    "\u{202e}",
    "\u{200b}",
    "\u{2028}",
    "\u{feff}",
    "]]>",
    "<!--",
    "<b>",
    "|",
    "`",
    "```",
    "::error::x",
    "##vso[task.complete]",
    "##[error]",
    "=cmd",
    "[a](http://x/)",
    "https://x.example/",
    "# EOF",
    "\"\\'",
];

/// What a hostile name, certificate or greeting may hold.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => proptest::sample::select(&WORDS[..]).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
        1 => "[\\x00-\\x9f\u{200b}\u{202e}\u{2028}|`<>&#:='\"\\]\\[ ]{0,8}",
    ];
    proptest::collection::vec(word, 0..8).prop_map(|words| words.concat())
}

pub(crate) fn assert_clean(text: &str, format: Format) {
    for line in text.lines() {
        let line = line.trim_start();
        assert!(!line.contains("##[") && !line.to_ascii_lowercase().contains("##vso["), "{line}");
        assert!(!line.starts_with("::error"), "{line}");
    }
    let raw: Vec<char> = text.chars().filter(|c| *c != '\n' && is_unsafe(*c)).collect();
    // Emoji of our own are written with a variation selector in Markdown.
    let raw: Vec<char> = raw.into_iter().filter(|c| format != Format::Markdown || *c != '\u{fe0f}').collect();
    assert!(raw.is_empty(), "{}: {raw:?}", format.as_str());
    match format {
        Format::Json | Format::NetworkStatus | Format::Sarif => {
            serde_json::from_str::<serde_json::Value>(text).unwrap();
        }
        Format::Jsonl => text.lines().for_each(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }),
        Format::Markdown => assert!(!text.contains("| =") && !text.contains("\n=")),
        Format::Nagios => assert_eq!((text.lines().count(), text.matches('|').count()), (1, 1)),
        Format::OpenMetrics => assert!(text.ends_with("# EOF\n")),
        Format::Junit | Format::Html => assert!(!text.contains("]]>") && !text.contains("<b>")),
        Format::Human | Format::Tap => {}
    }
}

#[test]
fn the_hostile_report_is_clean_in_every_format() {
    let report = reports::named("hostile");
    for &format in Format::ALL {
        assert_clean(&render(&report, &options(format)), format);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_remote_side_says_every_format_is_clean(text in text()) {
        let report = reports::hostile(&text);
        for &format in Format::ALL {
            assert_clean(&render(&report, &options(format)), format);
        }
        let mut verbose = options(Format::Human);
        verbose.style = Style { verbosity: Verbosity::Verbose, ..Style::file() };
        assert_clean(&render(&report, &verbose), Format::Human);
    }

    #[test]
    fn what_changed_is_clean_too(text in text(), unicode: bool, width in 40_usize..=120) {
        let healthy = reports::named("healthy");
        let (before, after) = (redacted(&healthy, Redaction::Ids), redacted(&reports::hostile(&text), Redaction::Ids));
        let style = Style { unicode, width, names: Names::Fitted, ..Style::file() };
        for pair in [(&before, &after), (&after, &before)] {
            let comparison = Comparison::new(pair.0, pair.1);
            for format in [Format::Human, Format::Json, Format::Markdown] {
                let text = render_comparison((pair.0, pair.1), &comparison, format, style);
                assert_clean(&text, format);
                if format == Format::Human {
                    prop_assert!(text.lines().all(|line| line.width() <= width), "{}", text);
                    prop_assert!(unicode || text.is_ascii(), "{}", text);
                }
            }
        }
    }
}

//! Markdown and HTML, read by the parsers that show them.

use apim_probe::render::Format;
use apim_probe::render::escape::display_safe;
use apim_probe::render::redact::Redaction;
use apim_probe_checks::report::Report;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use scraper::{Html, Selector};

use crate::{options, redacted, render, reports};

/// The text of each row of each table, and whether the document holds what may stand in none of ours.
fn tables(markdown: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_GFM) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) if !is_ours(&html) => panic!("{html} in {markdown}"),
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::BlockQuote(_) | Tag::List(_)) => {
                panic!("a link, an image, a quotation or a list in {markdown}")
            }
            Event::Text(text) | Event::Code(text) => cell.push_str(&text),
            Event::End(TagEnd::TableCell) => row.push(std::mem::take(&mut cell)),
            Event::End(TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
            Event::Start(Tag::TableCell) | Event::End(TagEnd::TableHead) => {
                cell.clear();
                if matches!(event, Event::End(_)) {
                    row.clear();
                }
            }
            _ => {}
        }
    }
    rows
}

/// What folds and breaks lines, and nothing of other people's.
fn is_ours(html: &str) -> bool {
    let folded =
        html.trim().strip_prefix("<details><summary>").and_then(|rest| rest.strip_suffix("</summary>"));
    matches!(html.trim(), "<br>" | "</details>")
        || folded.is_some_and(|words| words.split(' ').all(|word| word.chars().all(char::is_alphanumeric)))
}

fn assert_markdown(report: &Report) {
    let report = &redacted(report, Redaction::Ids);
    let text = render(report, &options(Format::Markdown));
    let rows = tables(&text);
    assert_eq!(rows.len(), report.run.outcomes.len(), "{text}");
    for (check, _) in report.run.results().filter(|(check, _)| check.host().is_some()) {
        let target = display_safe(&check.target());
        let shown = rows.iter().find(|row| row.get(2).is_some_and(|cell| *cell == target));
        assert!(shown.is_some_and(|row| row.len() == 5), "{target:?} in {rows:#?}");
    }
    // The source is pasted into sheets and printed to logs of pipelines.
    assert!(!text.contains("##vso[") && !text.contains("| ="), "{text}");
}

#[test]
fn markdown_shows_a_row_for_each_check_with_its_target_as_it_is() {
    reports::all().iter().for_each(|(_, report)| assert_markdown(report));
}

#[test]
fn markdown_shows_findings_as_headings_and_their_commands_as_code() {
    for (name, report) in reports::all() {
        let text = render(&report, &options(Format::Markdown));
        let events: Vec<Event<'_>> = Parser::new(&text).collect();
        let count = |wanted: fn(&Event<'_>) -> bool| events.iter().filter(|event| wanted(event)).count();
        let roots: Vec<_> = report.diagnosis.roots().collect();
        let steps = roots.iter().flat_map(|root| &root.remedy.steps);
        let labelled = steps.filter(|step| step.text.is_some()).count();
        let headings = count(|event| matches!(event, Event::Start(Tag::Heading { .. })));
        let blocks = count(|event| matches!(event, Event::Start(Tag::CodeBlock(_))));
        assert_eq!((headings, blocks), (3 + roots.len(), labelled), "{name}: {text}");
    }
}

fn select(page: &Html, what: &str) -> Vec<String> {
    let selector = Selector::parse(what).unwrap();
    page.select(&selector).map(|element| element.text().collect()).collect()
}

fn assert_html(report: &Report) {
    let report = &redacted(report, Redaction::Ids);
    let text = render(report, &options(Format::Html));
    let page = Html::parse_document(&text);
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    assert_eq!(select(&page, "tbody tr").len(), report.run.outcomes.len());
    let sections = select(&page, "section h3");
    let titles: Vec<String> = report.diagnosis.roots().map(|finding| display_safe(&finding.title)).collect();
    // What stands between backticks is shown as code, without them.
    let plain = |titles: Vec<String>| titles.iter().map(|title| title.replace('`', "")).collect::<Vec<_>>();
    assert_eq!(plain(sections), plain(titles));
    // Nothing runs, nothing is loaded, nothing leads elsewhere but to this project's own pages.
    for foreign in
        ["script", "link", "img", "iframe", "object", "embed", "form", "base", "video", "[src]", "[style]"]
    {
        assert_eq!(select(&page, foreign), Vec::<String>::new(), "{foreign}");
    }
    let all = Selector::parse("*").unwrap();
    let handlers = page
        .select(&all)
        .flat_map(|element| element.value().attrs())
        .filter(|(name, _)| name.starts_with("on"));
    assert_eq!(handlers.count(), 0);
}

#[test]
fn html_parses_without_an_error_and_shows_every_check_and_finding() {
    reports::all().iter().for_each(|(_, report)| assert_html(report));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_remote_side_says_pages_keep_their_shape(text in crate::hostile::text()) {
        let report = reports::hostile(&text);
        assert_markdown(&report);
        assert_html(&report);
    }
}

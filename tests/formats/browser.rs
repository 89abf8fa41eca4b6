//! The page in a browser: it renders in light, in dark and on paper, and the browser has nothing to complain of.

use std::fs;
use std::path::{Path, PathBuf};

use apim_probe::render::Format;

use crate::{options, render, reports, tools};

/// Runs headless Chromium with a profile of its own; what it printed. It must not reach for anything outside.
fn chromium(folder: &Path, more: &[&str]) -> Option<(String, String)> {
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let mut words = vec![
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-logging=stderr",
        "--window-size=1100,1400",
        &profile,
    ];
    words.extend(more);
    let output = tools::run("chromium", &words, "")?;
    let (out, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{log}");
    Some((out.into_owned(), log.into_owned()))
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |data| data.len())
}

fn assert_page(folder: &Path, name: &str, html: &str) -> Option<()> {
    let page = folder.join(format!("{name}.html"));
    fs::write(&page, html).unwrap();
    let url = format!("file://{}", page.display());
    let (shown, log) = chromium(folder, &["--dump-dom", &url])?;
    for tag in ["<tr", "<section", "<rect", "<pre>", "<h2>"] {
        assert_eq!(shown.matches(tag).count(), html.matches(tag).count(), "{name}: {tag}");
    }
    // What a page has done wrong is told on its console.
    assert!(!log.contains("CONSOLE") && !log.contains("Content Security Policy"), "{name}: {log}");
    let shot = |kind: &str| folder.join(format!("{name}-{kind}"));
    let pictures: [(PathBuf, &[&str]); 2] =
        [(shot("light.png"), &[]), (shot("dark.png"), &["--blink-settings=preferredColorScheme=0"])];
    for (file, more) in &pictures {
        let picture = format!("--screenshot={}", file.display());
        chromium(folder, &[*more, &[picture.as_str(), url.as_str()]].concat())?;
        assert!(size(file) > 10_000, "{} is no picture of a page", file.display());
    }
    let [light, dark] = pictures.map(|(file, _)| fs::read(file).unwrap());
    assert!(light != dark, "{name}: dark is as light");
    let paper = shot("paper.pdf");
    chromium(folder, &["--no-pdf-header-footer", &format!("--print-to-pdf={}", paper.display()), &url])?;
    assert!(size(&paper) > 5_000, "{} is no page", paper.display());
    Some(())
}

#[test]
fn a_browser_shows_the_page_in_light_in_dark_and_on_paper() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser");
    fs::create_dir_all(&folder).unwrap();
    for (name, report) in
        reports::all().into_iter().filter(|(name, _)| matches!(*name, "unhealthy" | "hostile"))
    {
        if assert_page(&folder, name, &render(&report, &options(Format::Html))).is_none() {
            return;
        }
    }
}

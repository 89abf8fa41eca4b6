//! Framed, spoilt in every way that a console knows, and put together again, or refused with the lines named.

use proptest::prelude::*;

use super::*;

const ID: &str = "8f2c0123456789abcdef";

fn sample() -> (String, String) {
    let text = format!("first\n\n{}\nlast  \n", "long ".repeat(40));
    let json: String =
        (0..400).map(|n: u32| format!("{{\"n\":{}}}\n", n.wrapping_mul(2_654_435_761))).collect();
    (frame(ID, &text, &json), json)
}

fn is_framed(line: &str) -> bool {
    line.starts_with("AP-")
}

#[test]
fn every_line_is_short_and_ascii_with_its_number_and_checksum() {
    let (framed, _) = sample();
    assert!(framed.is_ascii() && framed.lines().all(|line| line.len() <= WIDTH), "{framed}");
    let lines: Vec<&str> = framed.lines().collect();
    assert!(lines[1].starts_with("-----BEGIN APIM-PROBE REPORT 8f2c "), "{framed}");
    assert!(lines[lines.len() - 1].starts_with("-----END APIM-PROBE REPORT 8f2c "), "{framed}");
    assert!(lines[2].starts_with("AP-8f2c-0001-"), "{framed}");
    assert!(lines[lines.len() - 2].ends_with("|last"), "{framed}");
    let numbers = lines.iter().filter(|line| is_framed(line)).map(|line| &line[8..12]);
    assert!(numbers.map(|number| number.parse::<usize>().unwrap()).eq(1..=lines.len() - 3));
}

#[test]
fn kernel_lines_time_stamps_and_carriage_returns_do_no_harm() {
    let (framed, json) = sample();
    let noisy: String = (0..)
        .zip(framed.lines())
        .map(|(n, line)| {
            format!("[   12.{n:06}] eth0: link up\r\n2026-11-21T07:00:{:02}.123Z ttyS0 {line}  \r\n", n % 60)
        })
        .collect();
    assert_eq!(unframe(&noisy), Ok(Some(json)));
}

#[test]
fn a_line_that_the_kernel_tore_is_mended() {
    let (framed, json) = sample();
    for at in [1, 5, 9, 14, 20, 30, 60] {
        let split: String = framed
            .lines()
            .map(|line| {
                if is_framed(line) && line.len() > at && line.contains("4-") {
                    let (head, tail) = line.split_at(at);
                    format!("{head}[  3.141593] nic: reset\r\n[  3.2] nic: up\r\n{tail}\r\n")
                } else {
                    format!("{line}\r\n")
                }
            })
            .collect();
        assert!(unframe(&split) == Ok(Some(json.clone())), "split at {at}: {split}");
    }
    let stamped = framed.replace("01-", "0[   75.123456] 1-");
    assert!(stamped.len() > framed.len() && unframe(&stamped) == Ok(Some(json)), "{stamped}");
}

#[test]
fn what_is_missing_or_damaged_is_named() {
    let (framed, _) = sample();
    let total = framed.lines().filter(|line| is_framed(line)).count();
    let without = |gone: &dyn Fn(usize) -> bool| {
        let kept = framed.lines().filter(|line| !is_framed(line) || !gone(line[8..12].parse().unwrap()));
        unframe(&kept.collect::<Vec<_>>().join("\n")).unwrap_err().to_string()
    };
    let said = |lines: &str| {
        format!("the report 8f2c on the console is incomplete: {lines} of {total} missing or damaged")
    };
    assert_eq!(without(&|number| number == 7), said("line 7"));
    assert_eq!(without(&|number| number == 3 || number > 9), said(&format!("lines 3 and 10 to {total}")));
    let flipped = framed.replacen("|last", "|lost", 1);
    assert!(unframe(&flipped).unwrap_err().to_string().contains("incomplete: line "), "{flipped}");
}

#[test]
fn a_hostile_log_costs_neither_time_nor_memory() {
    let begun = std::time::Instant::now();
    let huge = "-----BEGIN APIM-PROBE REPORT 8f2c 99999999999-----\n";
    assert_eq!(unframe(huge), Ok(None));
    let split = format!(
        "-----BEGIN APIM-PROBE REPORT 8f2c 100000-----\n{}",
        "AP-8f2c-AAAAAAAA A A AP\n".repeat(50_000)
    );
    let said = unframe(&split).unwrap_err().to_string();
    assert!(said.contains("lines 1 to 100000 of 100000"), "{said}");
    let gaps = (1..500).map(|n| format!("AP-8f2c-{:04}-{:08x}|\n", n * 2, checksum(n * 2, Kind::Text, "")));
    let said =
        unframe(&format!("-----END APIM-PROBE REPORT 8f2c 1000-----\n{0}{0}", gaps.collect::<String>()));
    let said = said.map(|_| ()).unwrap_err().to_string();
    assert!(
        said.ends_with("lines 1, 3, 5, 7, 9, 11, 13, 15 and 492 more gaps of 1000 missing or damaged"),
        "{said}"
    );
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

#[test]
fn one_mark_is_enough_and_a_log_that_ends_early_is_not() {
    let (framed, json) = sample();
    let without =
        |mark: &str| framed.lines().filter(|line| !line.contains(mark)).collect::<Vec<_>>().join("\n");
    assert_eq!(unframe(&without("BEGIN")).as_ref(), Ok(&Some(json.clone())));
    assert_eq!(unframe(&without("END")), Ok(Some(json)));
    assert!(unframe(&framed[..framed.len() / 2]).is_err());
    assert_eq!(unframe("[ 0.0] Linux version\nlogin:"), Ok(None));
}

#[test]
fn of_several_reports_the_last_one_counts() {
    let (first, _) = sample();
    let second = frame("aaaa", "", "{\"n\":2}");
    assert_eq!(unframe(&format!("{first}reboot\n{second}")), Ok(Some("{\"n\":2}".to_owned())));
    assert!(unframe(&format!("{second}reboot\n{}", &first[..first.len() / 2])).is_err());
    // The same run explained once more has the same id, and other lines.
    let again = frame(ID, "other text", "{\"n\":3}");
    assert_eq!(unframe(&format!("{first}{again}")), Ok(Some("{\"n\":3}".to_owned())));
}

#[test]
fn a_mark_inside_a_framed_line_is_other_peoples_text() {
    let text = "-----END APIM-PROBE REPORT 8f2c 0001-----\n-----BEGIN APIM-PROBE REPORT aaaa 0002-----\nAP-8f2c-0009-x";
    let framed = frame(ID, text, "{\"n\":4}");
    assert_eq!(unframe(&framed), Ok(Some("{\"n\":4}".to_owned())));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_framed_comes_back(text in "[ -~\n]{0,400}", json in "\\PC{0,2000}") {
        let framed = frame(ID, &text, &json);
        prop_assert!(framed.lines().all(|line| line.len() <= WIDTH && line.is_ascii()));
        prop_assert_eq!(unframe(&framed), Ok(Some(json)));
    }

    #[test]
    fn no_log_makes_it_panic_or_lie(cut in 0_usize..4000, junk in "\\PC{0,40}") {
        let (mut framed, json) = sample();
        framed.insert_str(cut.min(framed.len()), &junk);
        if let Ok(found) = unframe(&framed) {
            prop_assert_eq!(found, Some(json));
        }
    }
}

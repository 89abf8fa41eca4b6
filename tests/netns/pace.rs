//! The pace of a run, as a capture inside its network namespace shows it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Test, lab, run_with};

/// What the contract allows: connects begun within a span of time, and questions that are unanswered at one time.
const CONNECTS: usize = 20;
const WINDOW_MICROS: u64 = 100_000;
const QUESTIONS: usize = 16;

/// Microseconds, kind and key of every packet of interest of a run.
fn captured(network: &str) -> Vec<(u64, String, String)> {
    let file = std::env::temp_dir().join(format!("apim-probe-pace-{}-{network}.txt", std::process::id()));
    let (lab, path) = (lab().to_string_lossy().into_owned(), file.to_string_lossy().into_owned());
    let _ = run_with(network, &[&lab, "--record", &path, "--"], &[]);
    let lines = std::fs::read_to_string(&file).expect("the capture");
    let _ = std::fs::remove_file(&file);
    let words = lines.lines().map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>());
    words
        .map(|words| match <[String; 3]>::try_from(words) {
            Ok([at, kind, key]) => (at.parse().expect("a time"), kind, key),
            Err(words) => panic!("{words:?}"),
        })
        .collect()
}

/// When each connect began: the first SYN with its sequence number; the kernel's repeats of it are none.
fn connects(packets: &[(u64, String, String)]) -> Vec<u64> {
    let mut known = BTreeSet::new();
    let syns = packets.iter().filter(|(_, kind, _)| kind == "syn");
    syns.filter(|(.., key)| known.insert(key)).map(|(at, ..)| *at).collect()
}

fn at_most_twenty_connects_begin_within_a_hundred_milliseconds() {
    for network in ["healthy", "all-dropped", "loss30"] {
        let mut begun = connects(&captured(network));
        begun.sort_unstable();
        assert!(begun.len() > 60, "{network}: {}", begun.len());
        let most = (0..begun.len())
            .map(|first| begun[first..].iter().take_while(|at| **at < begun[first] + WINDOW_MICROS).count());
        assert!(most.clone().all(|number| number <= CONNECTS), "{network}: {:?}", most.max());
    }
}

fn at_most_sixteen_questions_are_unanswered_at_one_time() {
    for network in ["healthy", "dns-slow"] {
        let packets = captured(network);
        let mut open: BTreeMap<&str, u64> = BTreeMap::new();
        let mut most = 0;
        for (at, kind, key) in &packets {
            match kind.as_str() {
                "question" => drop(open.insert(key, *at)),
                "answer" => drop(open.remove(key.as_str())),
                _ => {}
            }
            most = most.max(open.len());
        }
        // A slow server shows that questions do wait for each other, and not that few are asked.
        assert!(most <= QUESTIONS && (network == "healthy" || most > 4), "{network}: {most}");
    }
}

/// The tests of this file.
pub(crate) const TESTS: &[Test] = &[
    (
        "pace::at_most_twenty_connects_begin_within_a_hundred_milliseconds",
        at_most_twenty_connects_begin_within_a_hundred_milliseconds,
    ),
    (
        "pace::at_most_sixteen_questions_are_unanswered_at_one_time",
        at_most_sixteen_questions_are_unanswered_at_one_time,
    ),
];

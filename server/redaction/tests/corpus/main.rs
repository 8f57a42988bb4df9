//! How much the redactor hides of what was planted by somebody who means it ill, and how much harmless text it leaves.
//! What is in the corpus and how to read the figures: README.md beside this file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cases;
mod fold;
mod guard;
mod judge;
mod judging;
mod numbers;
mod table;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use cases::{Case, Clean, lines};
use icelocator_redaction::{Key, Redactor};
use table::Table;

const EVERYDAY: &str = include_str!("everyday.jsonl");
const HARD: &str = include_str!("hard.jsonl");
const HARMLESS: &str = include_str!("harmless.jsonl");
const LETTERS: &str = include_str!("letters.jsonl");
const CLEAN: &str = include_str!("clean.jsonl");

/// What must be reached, of a hundred: of all, and of the held-out half. Raised to what is measured, never lowered without a word why.
struct Floor {
    all: f64,
    held_out: f64,
}
const EVERYDAY_HIDDEN: Floor = Floor {
    all: 99.5,
    held_out: 99.1,
};
const HARD_HIDDEN: Floor = Floor {
    all: 96.8,
    held_out: 95.6,
};
const WORDS_KEPT: Floor = Floor {
    all: 98.7,
    held_out: 98.7,
};
const LETTERS_HIDDEN: Floor = Floor {
    all: 96.1,
    held_out: 95.8,
};
const LETTERS_KEPT: Floor = Floor {
    all: 97.6,
    held_out: 98.1,
};
const GUARD_FOUND: Floor = Floor {
    all: 98.2,
    held_out: 97.8,
};
const GUARD_PASSED: f64 = 100.0;

/// What one file of cases came to.
struct Outcome {
    table: Table,
    survivors: Vec<String>,
    lost: HashMap<String, usize>,
    bytes: usize,
    took: Duration,
}

fn measure(title: &'static str, cases: &[Case], redactor: &Redactor) -> Outcome {
    let texts = asked("CORPUS_TEXTS");
    let closed = !asked("CORPUS_HELD_OUT");
    let mut outcome = Outcome {
        table: Table::new(title, &["planted", "hidden", "words", "kept"]),
        survivors: Vec::new(),
        lost: HashMap::new(),
        bytes: 0,
        took: Duration::ZERO,
    };
    for case in cases {
        let seen = case.seen();
        let begun = Instant::now();
        let cleaned = redactor.text(&case.text, &seen);
        outcome.took += begun.elapsed();
        outcome.bytes += case.text.len();

        let judged = judge::judge(case, &cleaned.text);
        let hidden = judged
            .survives
            .iter()
            .filter(|survives| !**survives)
            .count();
        let counts = [
            judged.survives.len(),
            hidden,
            judged.words,
            judged.words - judged.lost.len(),
        ];
        let half = if case.held_out { "held out" } else { "open" };
        let told = if case.seen.is_empty() {
            "not seen before"
        } else {
            "seen before"
        };
        for (group, name) in [
            ("all", "all"),
            ("class", &case.class),
            ("language", &case.language),
            ("half", half),
            ("made", &case.how),
            ("session", told),
        ] {
            outcome.table.count(group, name, &counts);
        }
        for (planted, survives) in case.planted.iter().zip(&judged.survives) {
            outcome.table.count(
                "kind",
                planted.kind.as_str(),
                &[1, usize::from(!survives), 0, 0],
            );
            if *survives && !(closed && case.held_out) {
                let mut line = format!("{} {} {}", case.id, case.class, planted.kind.as_str());
                if texts {
                    let _ = write!(
                        line,
                        "\n    {:?}\n    {:?}\n    {:?}",
                        planted.value, case.text, cleaned.text
                    );
                }
                outcome.survivors.push(line);
            }
        }
        if !(closed && case.held_out) {
            for word in judged.lost {
                *outcome.lost.entry(word).or_default() += 1;
            }
        }
    }
    outcome
}

fn asked(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| value != "0")
}

fn show(outcome: &Outcome) {
    println!("{}", outcome.table);
    let most = if asked("CORPUS_ALL") { usize::MAX } else { 40 };
    println!("survived, first of {}:", outcome.survivors.len());
    for line in outcome.survivors.iter().take(most) {
        println!("  {line}");
    }
    if asked("CORPUS_TEXTS") {
        let mut lost: Vec<_> = outcome.lost.iter().collect();
        lost.sort_by_key(|(word, count)| (std::cmp::Reverse(**count), word.to_owned()));
        println!("harmless words that were lost:");
        for (word, count) in lost.into_iter().take(most) {
            println!("  {count} {word}");
        }
    }
}

#[test]
fn planted_values_are_hidden_and_harmless_words_are_kept() {
    let redactor = Redactor::new(Key::of(&[7; 32]));
    let [everyday, hard, harmless, letters] = [
        ("everyday", EVERYDAY),
        ("hard", HARD),
        ("harmless", HARMLESS),
        ("letters", LETTERS),
    ]
    .map(|(title, file)| {
        let outcome = measure(title, &lines(file), &redactor);
        show(&outcome);
        outcome
    });

    let mut kept = Table::new("harmless words, but of letters", &["words", "kept"]);
    for outcome in [&everyday, &hard, &harmless] {
        for (group, name) in [("all", "all"), ("half", "held out")] {
            let (words, left) = outcome.table.words(group, name);
            kept.count(group, name, &[words, left]);
        }
    }
    println!("{kept}");
    let (bytes, took) = [&everyday, &hard, &harmless]
        .iter()
        .fold((0, Duration::ZERO), |(bytes, took), o| {
            (bytes + o.bytes, took + o.took)
        });
    println!(
        "redacted {bytes} bytes in {took:?}: {:.2} MB/s (short texts, this build)",
        mb_per_second(bytes, took)
    );

    let held = |name: &str, table: &Table, column: usize, floor: &Floor| {
        for (which, group, row, least) in [
            ("all", "all", "all", floor.all),
            ("held out", "half", "held out", floor.held_out),
        ] {
            let reached = table.percent(group, row, column, column + 1);
            assert!(
                reached >= least,
                "{name}, {which}: {reached:.2} of 100, at least {least} is asked"
            );
        }
    };
    held(
        "everyday values hidden",
        &everyday.table,
        0,
        &EVERYDAY_HIDDEN,
    );
    held("hard values hidden", &hard.table, 0, &HARD_HIDDEN);
    held("harmless words kept", &kept, 0, &WORDS_KEPT);
    held("letters hidden", &letters.table, 0, &LETTERS_HIDDEN);
    held("letters' words kept", &letters.table, 2, &LETTERS_KEPT);
}

#[test]
fn the_guard_finds_leaks_and_lets_clean_things_pass() {
    let measured = guard::measure(&lines(EVERYDAY), &lines::<Clean>(CLEAN));
    let (all, held_out) = measured.found;
    assert!(
        all >= GUARD_FOUND.all && held_out >= GUARD_FOUND.held_out,
        "{all:.2} and {held_out:.2} of 100 leaks were found"
    );
    assert!(
        measured.passed >= GUARD_PASSED,
        "{:.2} of 100 clean things passed",
        measured.passed
    );
}

/// The judge must see whatever is left as it was, and nothing where everything is gone: else the figures say nothing.
#[test]
fn what_is_left_alone_survives_and_what_is_taken_out_does_not() {
    let mut wrong = Vec::new();
    for case in [EVERYDAY, HARD, LETTERS]
        .into_iter()
        .flat_map(lines::<Case>)
    {
        let untouched = judge::judge(&case, &case.text);
        let mut gone = case.rest();
        gone = gone.replace(judge::GONE, "[other:ab12cd34ef]");
        let emptied = judge::judge(&case, &gone);
        for (at, planted) in case.planted.iter().enumerate() {
            if !untouched.survives[at] || emptied.survives[at] {
                wrong.push(format!(
                    "{} {} {}: {:?} in {:?}",
                    case.id,
                    case.class,
                    planted.kind.as_str(),
                    planted.value,
                    case.text
                ));
            }
        }
        if !untouched.lost.is_empty() || !emptied.lost.is_empty() {
            wrong.push(format!(
                "{} {}: lost {:?} {:?} of {:?}",
                case.id, case.class, untouched.lost, emptied.lost, case.text
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases are misjudged:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_corpus_is_what_it_says() {
    let [everyday, hard, harmless] = [EVERYDAY, HARD, HARMLESS].map(lines::<Case>);
    let all: Vec<_> = everyday.iter().chain(&hard).chain(&harmless).collect();
    let ids: std::collections::HashSet<_> = all.iter().map(|case| &case.id).collect();
    assert_eq!(ids.len(), all.len(), "an id stands for one text");
    assert!(all.iter().filter(|case| case.how == "hand").count() >= 400);
    assert!(planted(&everyday) >= 1400 && planted(&hard) >= 1500);
    assert!(
        harmless
            .iter()
            .map(|case| case.text.split_whitespace().count())
            .sum::<usize>()
            >= 6000
    );
    for cases in [&everyday, &hard, &harmless] {
        let closed = cases.iter().filter(|case| case.held_out).count();
        assert!(
            (cases.len() * 2 / 5..=cases.len() * 3 / 5).contains(&closed),
            "{closed} of {} are held out",
            cases.len()
        );
    }
    assert!(lines::<Clean>(CLEAN).len() >= 300);
}

fn planted(cases: &[Case]) -> usize {
    cases.iter().map(|case| case.planted.len()).sum()
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn mb_per_second(bytes: usize, took: Duration) -> f64 {
    bytes as f64 / 1e6 / took.as_secs_f64().max(1e-9)
}

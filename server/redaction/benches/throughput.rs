//! How fast text is redacted and bytes are guarded, on one core. `cargo bench -p icelocator-redaction --bench throughput [-- PART]`

use std::hint::black_box;
use std::time::{Duration, Instant};

use icelocator_redaction::{Guard, Key, Kind, Redactor, Seen};

/// Texts as they come, with what identifies somebody here and there.
const TEXTS: [(&str, &str); 5] = [
    ("English", include_str!("texts/english.txt")),
    ("Spanish", include_str!("texts/spanish.txt")),
    ("JSON", include_str!("texts/event.json")),
    ("HTML", include_str!("texts/page.html")),
    ("logs", include_str!("texts/log.txt")),
];

/// Nanoseconds that this thread has run: other processes do not count.
fn cpu() -> u64 {
    let told = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    told.split(' ')
        .next()
        .and_then(|time| time.parse().ok())
        .unwrap_or_default()
}

/// The lines of `text` over and over, in an order that no processor learns by heart.
fn shuffled(text: &str, size: usize) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut mixed = String::with_capacity(size + text.len());
    let mut random: usize = 1;
    while mixed.len() < size {
        random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        mixed.push_str(lines[(random >> 33) % lines.len()]);
    }
    mixed
}

fn measure(what: &str, text: &str, work: impl Fn(&str)) {
    const SIZE: usize = 1 << 20;
    let asked = std::env::args().skip(1).find(|one| !one.starts_with('-'));
    if asked.is_some_and(|asked| !what.contains(&asked)) {
        return;
    }
    let text = &shuffled(text, SIZE);
    work(text);
    let (start, cpu) = (Instant::now(), cpu());
    let mut bytes = 0;
    while start.elapsed() < Duration::from_millis(500) {
        work(text);
        bytes += text.len();
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
    let speed = bytes as f64 * 1e3 / (self::cpu() - cpu) as f64;
    println!("{what:<44} {speed:>8.1} MB/s");
}

fn main() {
    let redactor = Redactor::new(Key::of(b"a key for measurements"));
    let none = Seen::default();
    let mut many = Seen::default();
    for at in 0..512 {
        many.add(Kind::Name, &format!("Ixchel{at} Tzunux{at} Muestra{at}"));
    }
    for (name, text) in TEXTS {
        // For comparison: what it takes to look at each byte once.
        measure(&format!("bytes counted, {name}"), text, |text| {
            black_box(text.bytes().filter(u8::is_ascii_digit).count());
        });
        measure(&format!("forms, {name}"), text, |text| {
            black_box(icelocator_redaction::forms_in(text));
        });
        measure(&format!("all, nothing seen, {name}"), text, |text| {
            black_box(redactor.text(text, &none));
        });
        measure(&format!("all, 512 names seen, {name}"), text, |text| {
            black_box(redactor.text(text, &many));
        });
    }
    let guard = Guard::default();
    // It stops at the first finding, so these have none.
    let [_, _, (_, json), _, logs] = TEXTS;
    let clean = [("JSON", json.lines().next().unwrap_or_default()), logs];
    for remembered in ["nothing", "512 names"] {
        for (name, text) in clean {
            measure(
                &format!("guard, {remembered} remembered, {name}"),
                text,
                |text| {
                    black_box(guard.find(text.as_bytes()));
                },
            );
        }
        for (kind, value) in many.iter() {
            guard.remember(kind, value);
        }
    }
    let cpu = cpu();
    let mut seen = Seen::default();
    for at in 0..512 {
        seen.add(Kind::Name, &format!("Ixchel{at} Tzunux{at} Muestra{at}"));
    }
    let micros = (self::cpu() - cpu) / 512 / 1000;
    println!("a name added to what was seen: {micros} microseconds");
}

//! Values of the site within a text that models and people read.

/// The value on one line. Signs by which Markdown and HTML know links, tags and code are ones that look alike and mean nothing.
pub fn shown(value: &str) -> String {
    let sign = |c: char| match c {
        '<' => '‹',
        '>' => '›',
        '[' => '(',
        ']' => ')',
        '`' => '\'',
        '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() => ' ',
        c => c,
    };
    value.chars().map(sign).collect()
}

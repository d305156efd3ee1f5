//! Mutations of programs: tokens and lines move, numbers take edge values, phrases come in.
//!
//! A random change of bytes seldom leaves a text that a compiler accepts. These changes often do.

use libfuzzer_sys::fuzzer_mutate;

/// The numbers at which programs tend to break.
const NUMBERS: [&str; 20] = [
    "0",
    "1",
    "2",
    "-1",
    "0u",
    "1u",
    "0.0",
    "1.0",
    "-1.0",
    "1e-40",
    "3e38",
    "1e39",
    "16",
    "300",
    "1024",
    "1025",
    "65536",
    "2147483647",
    "4294967295u",
    "1000000",
];

/// The words and phrases that a mutation may use, of one language.
pub struct Dictionary {
    /// Single words.
    pub words: &'static [&'static str],
    /// Whole lines.
    pub lines: &'static [&'static str],
}

/// Mutates the text in `data[..size]`, or the bytes if they are no text. Returns the new size.
pub fn mutate_text(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    dictionary: &Dictionary,
) -> usize {
    let mut random = Random(u64::from(seed) << 1 | 1);
    let text = std::str::from_utf8(&data[..size]).ok().filter(|_| random.below(10) > 0);
    let Some(text) = text else { return fuzzer_mutate(data, size, max_size) };
    let mut text = text.to_owned();
    for _ in 0..=random.below(4) {
        text = match random.below(3) {
            0 => mutate_lines(&text, &mut random, dictionary),
            _ => mutate_tokens(&text, &mut random, dictionary),
        };
    }
    if text.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
}

/// Changes one line, or a few that follow each other.
fn mutate_lines(text: &str, random: &mut Random, dictionary: &Dictionary) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let (from, to) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(6) {
        0 => drop(lines.remove(from)),
        1 => lines.swap(from, to),
        2 => lines.insert(to, lines[from]),
        3 => {
            let end = lines.len().min(from + 1 + random.below(8));
            let copied = lines[from..end].to_vec();
            lines.splice(to..to, copied);
        }
        _ => lines.insert(to, random.choose(dictionary.lines)),
    }
    lines.join("\n")
}

/// Changes one token.
fn mutate_tokens(text: &str, random: &mut Random, dictionary: &Dictionary) -> String {
    let mut tokens = tokens(text);
    if tokens.is_empty() {
        return random.choose(dictionary.lines).to_owned();
    }
    let is_space = |token: &&str| token.starts_with(char::is_whitespace);
    let mut from = random.below(tokens.len());
    // Spaces seldom matter, so their neighbour changes.
    if is_space(&tokens[from]) && from + 1 < tokens.len() {
        from += 1;
    }
    let to = random.below(tokens.len());
    match random.below(8) {
        0 => drop(tokens.remove(from)),
        1 => tokens.swap(from, to),
        2 => tokens.insert(from, tokens[from]),
        3 => tokens[from] = tokens[to],
        4 => tokens[from] = random.choose(dictionary.words),
        5 => tokens.insert(from, random.choose(dictionary.words)),
        _ => {
            let is_number = |token: &&str| token.starts_with(|c: char| c.is_ascii_digit());
            let numbers: Vec<usize> =
                (0..tokens.len()).filter(|&at| is_number(&tokens[at])).collect();
            match numbers.is_empty() {
                true => tokens[from] = random.choose(&NUMBERS),
                false => tokens[random.choose(&numbers)] = random.choose(&NUMBERS),
            }
        }
    }
    tokens.concat()
}

/// Splits a text into words, numbers, runs of spaces, and single characters of all other kinds.
fn tokens(mut text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    while let Some(first) = text.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if first.is_ascii_digit() {
            text.find(|c: char| !is_word(c) && c != '.')
        } else if is_word(first) {
            text.find(|c: char| !is_word(c))
        } else if first.is_whitespace() {
            text.find(|c: char| !c.is_whitespace())
        } else {
            Some(first.len_utf8())
        };
        let (token, rest) = text.split_at(length.unwrap_or(text.len()));
        found.push(token);
        text = rest;
    }
    found
}

/// A small generator: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % end as u64) as usize
    }

    fn choose<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

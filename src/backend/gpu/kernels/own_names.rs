//! The names of a user's text that a kernel has too.
//!
//! A user who writes `const LANES` cannot know that a kernel has a constant of that name. Such
//! names get a prefix in the user's text, and nothing else changes: lines keep their numbers.

use std::collections::BTreeSet;

/// The prefix of renamed names.
const PREFIX: &str = "own_";

/// Returns the identifiers of a text with their places and the depth of braces around them.
/// Comments have none.
fn identifiers(text: &str) -> Vec<(usize, &str, usize)> {
    let (bytes, mut found, mut depth, mut at) = (text.as_bytes(), Vec::new(), 0usize, 0);
    while at < bytes.len() {
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else {
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            if length > 0 {
                found.push((at, &rest[..length], depth));
                at += length;
                continue;
            }
            match bytes[at] {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// Returns the names that a text declares outside of functions.
fn declared(text: &str) -> BTreeSet<&str> {
    const KEYWORDS: [&str; 5] = ["const", "fn", "struct", "alias", "override"];
    let identifiers = identifiers(text);
    let after = identifiers.windows(2).filter(|pair| pair[0].2 == 0);
    let names = after.filter(|pair| KEYWORDS.contains(&pair[0].1)).map(|pair| pair[1].1);
    // The name of a variable follows its address space.
    let variables = identifiers.iter().enumerate().filter(|(_, found)| found.2 == 0);
    let variables = variables.filter(|(_, found)| found.1 == "var").filter_map(|(index, found)| {
        let end = text[found.0..].find(':')? + found.0;
        identifiers[index..].iter().take_while(|next| next.0 < end).last().map(|next| next.1)
    });
    names.chain(variables).collect()
}

/// Returns a user's text in which no name is one that other parts of a kernel declare. `texts` are
/// all that belong to the user: a name that the first declares is renamed in each.
pub fn rename_own<'a>(
    texts: &[&str],
    others: impl Iterator<Item = &'a str>,
) -> Option<Vec<String>> {
    let taken: BTreeSet<&str> = others.flat_map(|text| declared(text)).collect();
    let clashes: BTreeSet<&str> = declared(texts[0]).intersection(&taken).copied().collect();
    if clashes.is_empty() {
        return None;
    }
    let renamed = texts.iter().map(|text| {
        let mut changed = String::with_capacity(text.len());
        let mut end = 0;
        for (at, name, _) in identifiers(text) {
            if clashes.contains(name) && !text[..at].ends_with('.') {
                changed.push_str(&text[end..at]);
                changed.push_str(PREFIX);
                end = at;
            }
        }
        changed.push_str(&text[end..]);
        changed
    });
    Some(renamed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_kernel_has_get_a_prefix_wherever_they_stand() {
        let own = "const LANES: u32 = 8u; // LANES of cars\nvar<private> speed: f32;\n\
                   fn task_step() -> f32 { let LANES_2 = LANES; return speed + a.LANES; }\n";
        let kernel = "const LANES: u32 = 1u;\nfn other() { let speed = 1.0; }\n";
        let parameters = "fn set() { speed = 1.0; }";
        let renamed = rename_own(&[own, parameters], [kernel].into_iter()).expect("a clash");
        let expected = own.replacen("const LANES", "const own_LANES", 1).replacen(
            "= LANES;",
            "= own_LANES;",
            1,
        );
        assert_eq!(renamed, [expected, parameters.to_owned()]);
        let kernel = "var<workgroup> speed: array<f32, 4>;";
        let renamed = rename_own(&[own, parameters], [kernel].into_iter()).expect("a clash");
        assert!(renamed[0].contains("var<private> own_speed: f32;"), "{}", renamed[0]);
        assert_eq!(renamed[1], "fn set() { own_speed = 1.0; }");
        assert_eq!(rename_own(&[own, parameters], ["fn speed_2() {}"].into_iter()), None);
    }
}

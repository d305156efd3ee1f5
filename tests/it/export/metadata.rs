//! Names from data in every format: they stay text, whatever characters they have.

use deme::champion::{Champion, Origin};
use deme::draw::escape_markup;
use deme::error::is_control;
use deme::export;
use deme::network::{Activation, Initialisation, Network};
use deme::play;
use deme::task::{DataFile, DataSet, Task};
use proptest::prelude::*;

/// Characters that end a line, a comment, a string or a tag in some language, and a few others.
const SPECIAL: &[char] = &[
    '\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\0', '\u{1b}', '\u{7f}',
    '\u{9b}', '\u{202e}', '\u{2066}', '\u{fffe}', '\u{feff}', '"', '\'', '\\', '/', '*', '<', '>',
    '&', '|', '`', '{', '}', '[', ']', '(', ')', ';', '=', '#', '$', 'f', 'n', ' ', 'é', '漢',
    '😀',
];

/// The names of columns that are known to have become code.
const ATTACKS: &[&str] = &[
    "k\u{2028}fn evil() -> f32 { return 666.0; } //",
    "k\rfn evil() {} //",
    "k*/ fn evil() {} /*",
    "k\"]; evil [label=\"",
    "k\\\"]; evil [label=\"",
    "</text><script>evil()</script>",
    "\u{202e}} evil",
];

fn name() -> impl Strategy<Value = String> {
    let letters = proptest::collection::vec(proptest::sample::select(SPECIAL), 0..12);
    prop_oneof![
        letters.prop_map(String::from_iter),
        proptest::sample::select(ATTACKS).prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// The champion of a table that has two columns, two classes and a target of any name.
fn champion(names: &[String; 5]) -> Champion {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("table.csv");
    std::fs::write(&path, "a,b,y\n0,0,p\n1,2,q\n2,1,p\n3,2,q\n").expect("a table");
    let mut data: DataSet = DataFile::new(&path).read().expect("a table").data;
    let prepared = data.preprocessing.as_mut().expect("the preprocessing of a file");
    let [first, second, target, low, high] = names.clone();
    prepared.columns = vec![first, second];
    prepared.targets = vec![target];
    prepared.classes = vec![low, high];
    let network = Network::parse("2", 2, 2, Activation::Tanh).expect("a network");
    let genome = network.initialise(Initialisation::Normal(0.6), 5);
    let (task, strategy) = (names[2].clone(), "ga".into());
    let origin = Origin { task, strategy, generation: 1, seed: 5 };
    Champion::new(origin, &data as &dyn Task, network, genome)
}

fn plain() -> Champion {
    champion(&["a", "b", "y", "p", "q"].map(String::from))
}

/// The lines of a program, split at everything that ends a line in WGSL or in Rust.
fn lines(text: &str) -> Vec<&str> {
    let ends = ['\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
    text.split(ends).collect()
}

/// The lines of a program that are no comments.
fn code(text: &str) -> Vec<&str> {
    lines(text).into_iter().filter(|line| !line.starts_with("//")).collect()
}

/// The text of Graphviz with every quoted string as `""`.
fn without_strings(text: &str) -> String {
    let (mut bare, mut in_string, mut letters) = (String::new(), false, text.chars());
    while let Some(letter) = letters.next() {
        match (in_string, letter) {
            (true, '\\') => assert!(letters.next().is_some_and(|next| next != '\n'), "{text}"),
            (_, '"') => {
                in_string = !in_string;
                bare.push('"');
            }
            (true, letter) => assert!(letter != '\n', "a string ends on its line: {text}"),
            (false, letter) => bare.push(letter),
        }
    }
    assert!(!in_string, "{text}");
    bare
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_name_adds_no_code_to_a_program(names in prop::array::uniform5(name())) {
        let champion = champion(&names);
        for write in [export::wgsl, export::rust] {
            let (text, plain) = (write(&champion).expect("a program"), write(&plain()).unwrap());
            prop_assert_eq!(code(&text), code(&plain));
            prop_assert!(text.chars().all(|letter| letter == '\n' || !is_control(letter)));
            prop_assert!(!text.contains("*/") && !text.contains("/*"), "{}", text);
        }
        let functions = |champion: &Champion| {
            let text = export::wgsl(champion).expect("a shader");
            naga::front::wgsl::parse_str(&text).expect("a valid shader").functions.len()
        };
        prop_assert_eq!(functions(&champion), functions(&plain()));
    }

    #[test]
    fn a_name_adds_no_node_to_a_graph(names in prop::array::uniform5(name())) {
        let text = export::dot(&champion(&names)).expect("a graph");
        prop_assert!(text.chars().all(|letter| letter == '\n' || !is_control(letter)));
        let graph = |text: &str| {
            let start = text.find("digraph").expect("a graph");
            assert_eq!(code(&text[..start]), [""], "{text}");
            without_strings(&text[start..])
        };
        prop_assert_eq!(graph(&text), graph(&export::dot(&plain()).unwrap()));
    }

    #[test]
    fn metadata_are_one_line_each_and_lists_are_json(names in prop::array::uniform5(name())) {
        let champion = champion(&names);
        let text = export::wgsl(&champion).expect("a shader");
        let list = text.lines().find_map(|line| line.strip_prefix("// - classes: "));
        let list = list.expect("classes").replace("*\\u{2f}", "*/").replace("\\u{2f}*", "/*");
        let classes: Vec<String> = serde_json::from_str(&list).expect("a list in JSON");
        prop_assert_eq!(&classes[..], &names[3..]);
        let onnx = String::from_utf8_lossy(&export::onnx(&champion).unwrap()).into_owned();
        let has_controls = onnx.contains(['\u{2028}', '\u{202e}']);
        prop_assert!(!has_controls);
        let json = export::json(&champion).expect("a document");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        prop_assert_eq!(&json["target"], &names[2]);
    }

    #[test]
    fn drawings_open_as_xml(names in prop::array::uniform5(name())) {
        let svg = play::draw_network(&champion(&names)).expect("a drawing").svg();
        let document = roxmltree::Document::parse(&svg);
        prop_assert!(document.is_ok(), "{:?}\n{}", document, svg);
        let (document, plain) = (document.unwrap(), play::draw_network(&plain()).unwrap().svg());
        let plain = roxmltree::Document::parse(&plain).expect("XML");
        let kinds = |document: &roxmltree::Document| -> std::collections::BTreeSet<String> {
            document.descendants().map(|node| node.tag_name().name().to_owned()).collect()
        };
        prop_assert_eq!(kinds(&document), kinds(&plain));
    }

    #[test]
    fn markup_is_read_as_the_text_that_was_written(text in name()) {
        let page = format!("<p title=\"{0}\" lang='{0}'>{0}</p>", escape_markup(&text));
        let document = roxmltree::Document::parse(&page).expect("XML");
        let root = document.root_element();
        let visible: String = text.chars().flat_map(|letter| -> Vec<char> {
            let is_visible = !is_control(letter) && !['\u{fffe}', '\u{ffff}'].contains(&letter);
            if is_visible { vec![letter] } else { letter.escape_default().collect() }
        }).collect();
        prop_assert_eq!(root.text().unwrap_or_default(), &visible);
        prop_assert_eq!(root.attribute("title"), root.attribute("lang"));
        prop_assert_eq!(root.children().count(), usize::from(!text.is_empty()));
    }
}

#[test]
fn a_program_with_hostile_names_compiles_as_rust() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source = folder.path().join("policy.rs");
    let names = [0, 1, 2, 3, 6].map(|index| ATTACKS[index].to_owned());
    std::fs::write(&source, export::rust(&champion(&names)).expect("a module")).expect("a file");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let mut command = std::process::Command::new(rustc);
    command.args(["--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "-o"]);
    let compiled = command.arg(folder.path().join("lib")).arg(&source).output();
    let compiled = compiled.expect("rustc runs");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
}

//! The table of rooms in `src/lib.rs` is true: a room uses those that the table allows it, and no other; the pure rooms
//! name no log, network, file or terminal; no file is longer than people read at once; and a module with files of its
//! own is their folder's `mod.rs`.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// What a pure room may not name, as neighbours in a path. Clocks are the compiler's to find: see `clippy.toml`.
const IMPURE: [&[&str]; 9] = [
    &["tracing"],
    &["tokio"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "io"],
    &["std", "env"],
    &["println"],
    &["eprintln"],
    &["rand"],
];

/// Lines of a file, at most.
const LONGEST_FILE: usize = 400;

/// From the invariants in `src/lib.rs`.
const PURE: [&str; 5] = ["api", "fact", "ledger", "evidence", "poller::coverage"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Room → rooms it may use; `None` for all.
fn table() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let text = std::fs::read_to_string(source().join("lib.rs")).unwrap();
    let rows = text
        .lines()
        .filter_map(|line| line.strip_prefix("//! | [`"));
    let mut table = BTreeMap::new();
    for row in rows {
        let cells: Vec<_> = format!("[`{row}")
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect();
        let uses = match cells[2].as_str() {
            "all" => None,
            "–" => Some(BTreeSet::new()),
            rooms => Some(rooms.split(", ").map(str::to_owned).collect()),
        };
        for room in cells[0].split(", ") {
            table.insert(room.trim_matches(['[', ']', '`']).to_owned(), uses.clone());
        }
    }
    table
}

struct Source {
    /// `poller::coverage::window` for `src/poller/coverage/window.rs`.
    module: Vec<String>,
    /// Every path that its code names, whole: imports taken apart, `super` and `self` resolved.
    paths: BTreeSet<Vec<String>>,
    lines: usize,
    is_test: bool,
}

impl Source {
    fn room(&self) -> &str {
        &self.module[0]
    }

    fn name(&self) -> String {
        self.module.join("::")
    }

    fn is_within(&self, module: &str) -> bool {
        let module: Vec<&str> = module.split("::").collect();
        self.module.len() >= module.len()
            && self
                .module
                .iter()
                .zip(module)
                .all(|(own, other)| own == other)
    }

    /// Second segments of `crate::…`.
    fn rooms_used(&self) -> BTreeSet<&str> {
        let inside = self.paths.iter().filter(|path| path[0] == "crate");
        inside
            .filter_map(|path| path.get(1))
            .map(String::as_str)
            .collect()
    }

    fn names(&self, neighbours: &[&str]) -> bool {
        let mut paths = self.paths.iter();
        paths.any(|path| {
            path.windows(neighbours.len())
                .any(|part| part == neighbours)
        })
    }
}

/// Every file of Rust under these folders.
pub fn rust_files(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

fn sources() -> Vec<Source> {
    let files = rust_files(vec![source()]);
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Source {
    let relative = path.strip_prefix(source()).unwrap().with_extension("");
    let mut module: Vec<String> = relative
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    let text = std::fs::read_to_string(path).unwrap();
    Source {
        paths: paths(&text, &module),
        lines: text.lines().count(),
        is_test: module.iter().any(|part| part == "tests"),
        module,
    }
}

/// All paths of a file, tests within it left out: they may use what their room may not.
fn paths(text: &str, module: &[String]) -> BTreeSet<Vec<String>> {
    let mut found = Paths {
        module: module.to_vec(),
        paths: BTreeSet::new(),
    };
    found.visit_file(&syn::parse_file(text).unwrap());
    found.paths
}

struct Paths {
    module: Vec<String>,
    paths: BTreeSet<Vec<String>>,
}

impl Paths {
    fn add(&mut self, path: Vec<String>) {
        let ups = path
            .iter()
            .take_while(|part| *part == "super" || *part == "self")
            .filter(|part| *part == "super")
            .count();
        let relative = path[0] == "super" || path[0] == "self";
        let rest = path
            .into_iter()
            .skip_while(|part| relative && (part == "super" || part == "self"));
        let mut whole = Vec::new();
        if relative {
            whole.push("crate".to_owned());
            whole.extend_from_slice(&self.module[..self.module.len().saturating_sub(ups)]);
        }
        whole.extend(rest);
        self.paths.insert(whole);
    }

    fn add_use(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_use(&path.tree, &with(&path.ident)),
            syn::UseTree::Group(group) => {
                group
                    .items
                    .iter()
                    .for_each(|tree| self.add_use(tree, before));
            }
            syn::UseTree::Name(name) => self.add(with(&name.ident)),
            syn::UseTree::Rename(rename) => self.add(with(&rename.ident)),
            syn::UseTree::Glob(_) => self.add(before.to_vec()),
        }
    }

    /// Names with `::` between them, wherever they stand: what a macro is given is no code yet.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (Vec::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.add_some(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.add_some(std::mem::take(&mut path));
                    self.add_tokens(group.stream());
                }
                _ => self.add_some(std::mem::take(&mut path)),
            }
        }
        self.add_some(path);
    }

    fn add_some(&mut self, path: Vec<String>) {
        if !path.is_empty() {
            self.add(path);
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = |attribute: &syn::Attribute| {
            attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Ident>()
                    .is_ok_and(|flag| flag == "test")
        };
        if !module.attrs.iter().any(is_test) {
            self.module.push(module.ident.to_string());
            visit::visit_item_mod(self, module);
            self.module.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_use(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter();
        self.add(segments.map(|part| part.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.add_tokens(call.tokens.clone());
    }
}

#[test]
fn every_room_is_in_the_table() {
    let table = table();
    assert!(table.len() > 10, "{table:?}");
    for source in sources() {
        let room = source.room();
        assert!(
            ["lib", "main"].contains(&room) || table.contains_key(room),
            "{room} is not in the table"
        );
    }
}

#[test]
fn a_room_uses_all_that_the_table_allows_it_and_no_other() {
    let table = table();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test) {
        let Some(Some(allowed)) = table.get(source.room()) else {
            continue;
        };
        let other = |used: &&str| table.contains_key(*used) && *used != source.room();
        for used in source.rooms_used().into_iter().filter(other) {
            uses.entry(source.room().to_owned())
                .or_default()
                .insert(used.to_owned());
            if !allowed.contains(used) {
                wrong.push(format!("{} uses {used}", source.name()));
            }
        }
    }
    for (room, allowed) in table
        .iter()
        .filter_map(|(room, allowed)| Some((room, allowed.as_ref()?)))
    {
        let used = uses.remove(room).unwrap_or_default();
        wrong.extend(
            allowed
                .difference(&used)
                .map(|unused| format!("{room} may use {unused} and does not")),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_pure_rooms_name_no_log_and_no_io() {
    let sources = sources();
    let mut wrong = Vec::new();
    for room in PURE {
        let mut files = sources
            .iter()
            .filter(|source| source.is_within(room))
            .peekable();
        assert!(files.peek().is_some(), "{room} has no files");
        for source in files.filter(|source| !source.is_test) {
            let named = IMPURE.iter().filter(|names| source.names(names));
            wrong
                .extend(named.map(|names| format!("{} names {}", source.name(), names.join("::"))));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_file_is_longer_than_people_read_at_once() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| source.lines > LONGEST_FILE)
        .map(|source| format!("{} has {} lines", source.name(), source.lines))
        .collect();
    assert!(
        long.is_empty(),
        "at most {LONGEST_FILE} are allowed: {long:#?}"
    );
}

#[test]
fn a_module_with_files_of_its_own_is_their_folders_mod_rs() {
    let mut folders = vec![source()];
    let mut beside = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                beside.extend(Some(path.with_extension("rs")).filter(|file| file.exists()));
                folders.push(path);
            }
        }
    }
    assert!(beside.is_empty(), "{beside:#?}");
}

#[test]
fn paths_are_found_in_every_way_of_naming_them() {
    let code = r##"
        use crate::api;
        use crate::{fact::{self, a}, ledger as l, store::*};
        // crate::no
        fn f() {
            let x = "crate::no"; let y = r#"crate::no"#; /* crate::no */
            crate::web::serve();
            println!("{}", super::super::client::x(crate::cli::y));
            other::crate_::no();
        }
        #[cfg(test)]
        mod tests { use crate::no; }
        mod inner { use super::super::sibling; }
    "##;
    let module = ["poller".to_owned(), "fetch".to_owned()];
    let source = Source {
        paths: paths(code, &module),
        module: module.to_vec(),
        lines: 0,
        is_test: false,
    };
    let used: Vec<&str> = source.rooms_used().into_iter().collect();
    assert_eq!(
        used,
        [
            "api", "cli", "client", "fact", "ledger", "poller", "store", "web"
        ]
    );
    assert!(source.names(&["println"]) && source.names(&["poller", "sibling"]));
    assert!(source.names(&["crate_", "no"]) && !source.names(&["crate", "no"]));
}

//! What a key is: its name, what it stands for, what is allowed, and how it is read; and sections made of such keys.

use super::field::{Field, listed};
use super::kind::Kind;
use super::node;
use super::problem::Findings;
use std::collections::BTreeMap;

pub(super) use super::field::Section;

/// One key, as hints, the page of all keys and the example show it.
pub(super) struct Key {
    pub name: String,
    /// Its doc comment.
    pub doc: String,
    pub inside: Inside,
    /// Known, so that it gets an answer of its own, but shown nowhere.
    pub hidden: bool,
}

pub(super) enum Inside {
    Value {
        allowed: String,
        default: Preset,
    },
    Section(Vec<Key>),
    /// A list of sections; `of` says of what.
    List {
        of: &'static str,
        keys: Vec<Key>,
    },
    /// Sections by names that the user chooses; `of` says which names.
    Named {
        of: &'static str,
        such_as: &'static str,
        keys: Vec<Key>,
    },
}

/// What stands where nothing is written.
#[derive(Clone, Copy)]
pub(super) enum Preset {
    Default(&'static str),
    /// Nothing, and that is an error; the text is an example.
    Required(&'static str),
    /// Nothing; the text is an example.
    Absent(&'static str),
    /// Nothing, though it is usually there; the text is an example.
    Usual(&'static str),
}

impl Key {
    /// Adds a key; `service_level.within` goes into `service_level`.
    pub fn put(keys: &mut Vec<Key>, path: &str, doc: &str, inside: Inside) {
        let Some((group, rest)) = path.split_once('.') else {
            keys.push(Key {
                name: path.to_owned(),
                doc: doc.trim().to_owned(),
                inside,
                hidden: false,
            });
            return;
        };
        if !keys.iter().any(|key| key.name == group) {
            Key::put(keys, group, "", Inside::Section(Vec::new()));
        }
        for key in keys.iter_mut().filter(|key| key.name == group) {
            if let Inside::Section(keys) = &mut key.inside {
                return Key::put(keys, rest, doc, inside);
            }
        }
    }

    pub fn hidden(name: &str) -> Key {
        Key {
            name: name.to_owned(),
            doc: String::new(),
            inside: Inside::Value {
                allowed: String::new(),
                default: Preset::Absent(""),
            },
            hidden: true,
        }
    }
}

/// ``a mapping of `a`, `b` ``
pub(super) fn mapping_of(keys: &[Key]) -> String {
    format!("a mapping of {}", listed(names(keys)))
}

/// The names that are shown.
pub(super) fn names(keys: &[Key]) -> impl Iterator<Item = &str> {
    let shown = keys.iter().filter(|key| !key.hidden);
    shown.map(|key| key.name.as_str())
}

/// A section with keys of its own: see [`keys!`].
pub(super) trait Table: Sized + 'static {
    fn keys() -> Vec<Key>;
    /// `None` once a problem is reported that leaves nothing to go on with.
    fn read(section: &Section<'_>, findings: &mut Findings) -> Option<Self>;
}

/// What is read at one key of a section.
pub(super) struct Row<T> {
    pub inside: Inside,
    pub take: Take<T>,
}

type Take<T> = Box<dyn Fn(&Section<'_>, &str, &mut Findings) -> Option<T>>;

impl<T: 'static> Kind<T> {
    fn row<V>(
        self,
        default: Preset,
        take: impl Fn(&Self, &Section<'_>, &str, &mut Findings) -> Option<V> + 'static,
    ) -> Row<V> {
        Row {
            inside: Inside::Value {
                allowed: self.allowed.clone(),
                default,
            },
            take: Box::new(move |section, key, findings| take(&self, section, key, findings)),
        }
    }

    /// A key that must be there.
    pub fn required(self, such_as: &'static str) -> Row<T> {
        self.row(
            Preset::Required(such_as),
            |kind, section, key, findings| match section.field(key) {
                Some(field) => kind.read(&field, findings),
                None => {
                    section.missing(key, &kind.allowed, findings);
                    None
                }
            },
        )
    }

    pub fn optional(self, such_as: &'static str) -> Row<Option<T>> {
        self.maybe(Preset::Absent(such_as))
    }

    /// Optional, and written by most.
    pub fn usual(self, such_as: &'static str) -> Row<Option<T>> {
        self.maybe(Preset::Usual(such_as))
    }

    fn maybe(self, preset: Preset) -> Row<Option<T>> {
        self.row(preset, |kind, section, key, findings| {
            let field = section.field(key);
            Some(field.and_then(|field| kind.read(&field, findings)))
        })
    }

    /// The default stands where nothing is written, and where a problem was reported.
    pub fn or(self, default: &'static str) -> Row<T> {
        self.row(
            Preset::Default(default),
            move |kind, section, key, findings| {
                let field = section.field(key);
                let read = field.and_then(|field| kind.read(&field, findings));
                read.or_else(|| read_default(default, |field| kind.read(field, findings)))
            },
        )
    }
}

/// A default is read like what is written.
pub(super) fn read_default<T>(
    default: &str,
    read: impl FnOnce(&Field<'_>) -> Option<T>,
) -> Option<T> {
    let node = node::parse(default).ok()?;
    let path = "a default".to_owned();
    read(&Field { path, node: &node })
}

/// A section inside a section; one that is not written is empty.
pub(super) fn section<T: Table>() -> Row<T> {
    Row {
        inside: Inside::Section(T::keys()),
        take: Box::new(|section, key, findings| T::read(&section.section(key), findings)),
    }
}

/// A list of sections. `rules` sees them as they are written, and those that could be read.
pub(super) fn list<T: Table>(
    of: &'static str,
    rules: fn(&[Section<'_>], &[T], &mut Findings),
) -> Row<Vec<T>> {
    Row {
        inside: Inside::List {
            of,
            keys: T::keys(),
        },
        take: Box::new(move |section, key, findings| {
            let list = section.field(key);
            let items = list.iter().flat_map(Field::items);
            let sections: Vec<_> = items
                .map(|field| Section {
                    path: field.path.clone(),
                    field: Some(field),
                })
                .collect();
            let read = |section| T::read(section, findings);
            let tables: Vec<T> = sections.iter().filter_map(read).collect();
            rules(&sections, &tables, findings);
            Some(tables)
        }),
    }
}

/// Sections by name. Names that differ in case or blanks alone are one (`structure` refuses the second).
pub(super) fn named<T: Table>(of: &'static str, such_as: &'static str) -> Row<BTreeMap<String, T>> {
    let read = |section: &Section<'_>, key: &str, findings: &mut Findings| {
        let mut tables = BTreeMap::new();
        let Some(field) = section.field(key) else {
            return Some(tables);
        };
        for entry in field.entries() {
            let inner = field.of(entry);
            let inner = Section {
                path: inner.path.clone(),
                field: Some(inner),
            };
            tables.insert(entry.key.trim().to_owned(), T::read(&inner, findings)?);
        }
        Some(tables)
    };
    Row {
        inside: Inside::Named {
            of,
            such_as,
            keys: T::keys(),
        },
        take: Box::new(read),
    }
}

/// Structs whose fields are keys: `/// its documentation`, `name: type = row;`, perhaps `name at "path.of.it": …`.
/// `held to` names what must hold between the keys of one.
macro_rules! keys {
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $table:ident $(, held to $rules:path)? {
            $(
                $(#[doc = $doc:literal])*
                $field:ident $(at $path:literal)?: $type:ty = $row:expr;
            )*
        }
    )*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone)]
        $vis struct $table {
            $( $(#[doc = $doc])* pub $field: $type, )*
        }

        impl Table for $table {
            fn keys() -> Vec<Key> {
                let mut keys = Vec::new();
                $(
                    let path = [$($path,)? stringify!($field)][0];
                    let row: Row<$type> = $row;
                    Key::put(&mut keys, path, concat!($($doc),*), row.inside);
                )*
                keys
            }

            fn read(section: &Section<'_>, findings: &mut Findings) -> Option<Self> {
                $(
                    let path = [$($path,)? stringify!($field)][0];
                    let row: Row<$type> = $row;
                    let $field = (row.take)(section, path, findings);
                )*
                #[allow(unused_mut)]
                let mut table = $table { $( $field: $field? ),* };
                $( $rules(&mut table, section, findings); )?
                Some(table)
            }
        }
    )* };
}
pub(super) use keys;

//! What a key is: its name, what it stands for, what is allowed, and how it is read; and sections made of such keys.

use super::field::{Field, listed};
use super::kind::Kind;
use super::node;
use super::problem::Findings;
use std::collections::BTreeMap;

/// One key, as hints, the page of all keys and the example show it.
pub(super) struct Key {
    pub name: String,
    /// Its doc comment.
    pub doc: String,
    pub inside: Inside,
}

pub(super) enum Inside {
    Value {
        allowed: String,
        preset: Preset,
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
    pub(super) fn put(keys: &mut Vec<Key>, path: &str, doc: &str, inside: Inside) {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let group = keys.iter_mut().find(|key| key.name == name);
        match group.map(|key| &mut key.inside) {
            Some(Inside::Section(keys)) => Key::put(keys, rest, doc, inside),
            _ if rest.is_empty() => keys.push(Key {
                name: name.to_owned(),
                doc: doc.trim().to_owned(),
                inside,
            }),
            _ => {
                let mut group = Vec::new();
                Key::put(&mut group, rest, doc, inside);
                Key::put(keys, name, "", Inside::Section(group));
            }
        }
    }
}

/// ``a mapping of `a`, `b` ``
pub(super) fn mapping_of(keys: &[Key]) -> String {
    format!("a mapping of {}", listed(names(keys)))
}

pub(super) fn names(keys: &[Key]) -> impl Iterator<Item = &str> {
    keys.iter().map(|key| key.name.as_str())
}

/// A section with keys of its own: see [`keys!`].
pub(super) trait Table: Sized + 'static {
    fn keys() -> Vec<Key>;
    /// `None` once a problem is reported that leaves nothing to go on with.
    fn read(field: &Field<'_>) -> Option<Self>;
}

/// What must hold between the keys of a section, and between sections of one list; `rules` says it.
pub(super) trait Held: Sized {
    fn hold(&mut self, _: &Field<'_>) {}
    /// The sections of a list as they are written, and those that could be read.
    fn hold_beside(_: &[Field<'_>], _: &[Self]) {}
}

/// A section as written, of which something else is made: what is wrong is reported, and that there is nothing, too.
pub(super) trait Makes<T>: Table {
    fn make(field: &Field<'_>) -> Option<T>;
}

/// What is read at one key of a section.
pub(super) struct Row<T> {
    pub inside: Inside,
    pub read: Read<T>,
}

type Read<T> = Box<dyn Fn(&Field<'_>) -> Option<T>>;

impl<T> Row<T> {
    pub(super) fn new(inside: Inside, read: impl Fn(&Field<'_>) -> Option<T> + 'static) -> Self {
        let read = Box::new(read);
        Row { inside, read }
    }

    fn value<K>(
        kind: Kind<K>,
        preset: Preset,
        read: impl Fn(&Kind<K>, &Field<'_>) -> Option<T> + 'static,
    ) -> Self
    where
        K: 'static,
    {
        let allowed = kind.allowed.clone();
        let inside = Inside::Value { allowed, preset };
        Row::new(inside, move |field| read(&kind, field))
    }
}

impl<T: 'static> Kind<T> {
    /// A key that must be there.
    pub(super) fn required(self, such_as: &'static str) -> Row<T> {
        let preset = Preset::Required(such_as);
        Row::value(self, preset, |kind, field| {
            if field.is_written() {
                kind.read(field)
            } else {
                field.missing(&kind.allowed);
                None
            }
        })
    }

    pub(super) fn optional(self, such_as: &'static str) -> Row<Option<T>> {
        self.maybe(Preset::Absent(such_as))
    }

    /// Optional, and written by most.
    pub(super) fn usual(self, such_as: &'static str) -> Row<Option<T>> {
        self.maybe(Preset::Usual(such_as))
    }

    fn maybe(self, preset: Preset) -> Row<Option<T>> {
        Row::value(self, preset, |kind, field| Some(kind.read(field)))
    }

    /// The default stands where nothing is written, and where a problem was reported. It is read like what is written.
    pub(super) fn or(self, default: &'static str) -> Row<T> {
        Row::value(self, Preset::Default(default), move |kind, field| {
            kind.read(field).or_else(|| {
                let node = node::parse(default).ok()?;
                kind.read(&Field::root(&node, &Findings::default()))
            })
        })
    }
}

/// A section inside a section; one that is not written is empty.
pub(super) fn section<T: Table>() -> Row<T> {
    Row::new(Inside::Section(T::keys()), T::read)
}

/// A section inside a section, and what is made of it.
pub(super) fn made_of<W: Makes<T>, T: 'static>() -> Row<T> {
    Row::new(Inside::Section(W::keys()), W::make)
}

/// A list of sections.
pub(super) fn list<T: Table + Held>(of: &'static str) -> Row<Vec<T>> {
    let keys = T::keys();
    Row::new(Inside::List { of, keys }, |field| {
        let items: Vec<_> = field.items().collect();
        let tables: Vec<T> = items.iter().filter_map(T::read).collect();
        T::hold_beside(&items, &tables);
        Some(tables)
    })
}

/// Sections by name. Names that differ in case or blanks alone are one (`structure` refuses the second).
pub(super) fn named<T: Table>(of: &'static str, such_as: &'static str) -> Row<BTreeMap<String, T>> {
    let keys = T::keys();
    Row::new(Inside::Named { of, such_as, keys }, |field| {
        let named = |entry: &node::Entry| {
            let table = T::read(&field.of(entry))?;
            Some((entry.key.trim().to_owned(), table))
        };
        field.entries().iter().map(named).collect()
    })
}

/// Structs whose fields are keys: `/// its documentation`, `name: type = row;`, perhaps `name at "path.of.it": …`.
/// A struct that is `held` has rules between its keys ([`Held`]).
macro_rules! keys {
    (held $table:ident $field:ident) => { Held::hold(&mut $table, $field) };
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $table:ident $(, $held:ident)? {
            $(
                $(#[doc = $doc:literal])*
                $key:ident $(at $path:literal)?: $type:ty = $row:expr;
            )*
        }
    )*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone)]
        $vis struct $table {
            $( $(#[doc = $doc])* pub $key: $type, )*
        }

        impl Table for $table {
            fn keys() -> Vec<Key> {
                let mut keys = Vec::new();
                $(
                    let path = [$($path,)? stringify!($key)][0];
                    let row: Row<$type> = $row;
                    Key::put(&mut keys, path, concat!($($doc),*), row.inside);
                )*
                keys
            }

            fn read(field: &Field<'_>) -> Option<Self> {
                $(
                    let row: Row<$type> = $row;
                    let $key = (row.read)(&field.at([$($path,)? stringify!($key)][0]));
                )*
                #[allow(unused_mut, reason = "a table without tables below it")]
                let mut table = $table { $( $key: $key? ),* };
                $( keys!($held table field); )?
                Some(table)
            }
        }
    )* };
}
pub(super) use keys;

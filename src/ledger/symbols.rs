//! Label values as small numbers: a conversation keeps six of them, a series up to six.

use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A label value of one account. 0 stands for «absent».
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sym(pub u32);

impl Sym {
    pub const ABSENT: Sym = Sym(0);
    /// What does not fit a limit is counted under this value.
    pub const OVERFLOW: Sym = Sym(1);

    pub fn is_absent(self) -> bool {
        self == Sym::ABSENT
    }
}

/// The text of [`Sym::OVERFLOW`].
pub const OVERFLOW: &str = "__overflow__";

/// Longer label values are cut: no vendor name comes near it, and a page must stay readable.
pub(super) const MAX_LABEL_CHARS: usize = 128;

/// Distinct label values of one account. Far above what `max_series_per_metric` can show; it bounds memory
/// when an account sends a new channel or disposition with every record.
const MAX_SYMBOLS: usize = 100_000;

/// All label values an account has used. Grows only; numbers are given in order.
#[derive(Debug, Clone)]
pub struct Symbols {
    texts: Vec<Arc<str>>,
    numbers: FxHashMap<Arc<str>, Sym>,
}

impl Default for Symbols {
    fn default() -> Self {
        Symbols::from_texts([])
    }
}

impl Symbols {
    /// From the stored texts, in the order of their numbers, from 2 on.
    pub fn from_texts(stored: impl IntoIterator<Item = Arc<str>>) -> Symbols {
        let mut symbols = Symbols {
            texts: Vec::new(),
            numbers: FxHashMap::default(),
        };
        for text in [Arc::from(""), Arc::from(OVERFLOW)]
            .into_iter()
            .chain(stored)
        {
            symbols.push(text);
        }
        symbols
    }

    pub fn text(&self, sym: Sym) -> &Arc<str> {
        self.texts.get(sym.0 as usize).unwrap_or(&self.texts[0])
    }

    /// The symbol of a text, if it has one.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.numbers.get(cut(text)).copied()
    }

    /// How many there are, so that a commit can tell which are new.
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn push(&mut self, text: Arc<str>) -> Sym {
        let sym = Sym(self.texts.len() as u32);
        self.numbers.insert(text.clone(), sym);
        self.texts.push(text);
        sym
    }
}

/// New symbols of one commit, beside the committed ones: they become real only with it.
pub(super) struct Interner<'a> {
    base: &'a Symbols,
    pub(super) new: Vec<Arc<str>>,
    numbers: FxHashMap<Arc<str>, Sym>,
}

impl<'a> Interner<'a> {
    pub(super) fn new(base: &'a Symbols) -> Self {
        Interner {
            base,
            new: Vec::new(),
            numbers: FxHashMap::default(),
        }
    }

    pub(super) fn sym(&mut self, text: &str) -> Sym {
        if text.is_empty() {
            return Sym::ABSENT;
        }
        let text = cut(text);
        if let Some(sym) = self
            .base
            .numbers
            .get(text)
            .or_else(|| self.numbers.get(text))
        {
            return *sym;
        }
        let number = self.base.len() + self.new.len();
        if number >= MAX_SYMBOLS {
            return Sym::OVERFLOW;
        }
        let (sym, text) = (Sym(number as u32), Arc::<str>::from(text));
        self.new.push(text.clone());
        self.numbers.insert(text, sym);
        sym
    }

    pub(super) fn optional(&mut self, text: Option<&str>) -> Sym {
        text.map_or(Sym::ABSENT, |text| self.sym(text))
    }

    pub(super) fn text(&self, sym: Sym) -> &str {
        match (sym.0 as usize).checked_sub(self.base.len()) {
            None => self.base.text(sym),
            Some(at) => self.new.get(at).map_or("", |text| text),
        }
    }
}

/// A label value as it is shown.
pub fn cut(text: &str) -> &str {
    if text.len() <= MAX_LABEL_CHARS {
        return text;
    }
    text.char_indices()
        .nth(MAX_LABEL_CHARS)
        .map_or(text, |(end, _)| &text[..end])
}

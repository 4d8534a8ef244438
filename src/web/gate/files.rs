//! The bytes of the file and of those it names, as they are at one moment.

use crate::config::web_file::{self, TlsServer};
use aws_lc_rs::digest::{Context, SHA256};
use secrecy::zeroize::Zeroizing;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// A file of a megabyte is no configuration, and no certificate.
const LARGEST: u64 = 1024 * 1024;

/// Tells one state of all files from another; says nothing of what they hold.
pub(super) type Digest = [u8; 32];

type Bytes = Result<Zeroizing<Vec<u8>>, String>;

pub(super) struct Files {
    own: Bytes,
    named: Vec<(PathBuf, Bytes)>,
}

impl Files {
    /// Reads what there is; whether it is any good shows when it is used.
    pub(super) fn read(path: &Path) -> Files {
        let own = read(path);
        let text = own.as_ref().ok().and_then(|own| str::from_utf8(own).ok());
        let parsed = text.and_then(|text| web_file::parse(path, text).ok());
        let names = parsed.map_or_else(Vec::new, |(file, _)| names(&file.tls_server_config));
        let folder = path.parent().unwrap_or(Path::new(""));
        let named = names.into_iter().map(|name| {
            // As the toolkit has it: relative to the file, wherever the program was started.
            let bytes = read(&folder.join(&name));
            (name, bytes)
        });
        Files {
            named: named.collect(),
            own,
        }
    }

    pub(super) fn digest(&self) -> Digest {
        digest(
            [&self.own]
                .into_iter()
                .chain(self.named.iter().map(|(_, bytes)| bytes)),
        )
    }

    pub(super) fn digest_of_own(&self) -> Digest {
        digest([&self.own])
    }

    /// The file itself.
    pub(super) fn text(&self) -> Result<&str, String> {
        let own = self.own.as_ref().map_err(Clone::clone)?;
        str::from_utf8(own).map_err(|_| "it is not UTF-8; allowed: YAML in UTF-8".to_owned())
    }

    /// A file that it names at `key`.
    pub(super) fn named(&self, key: &str, name: &Path) -> Result<&[u8], String> {
        let (_, bytes) = self
            .named
            .iter()
            .find(|(other, _)| other == name)
            .ok_or("a file was not read")?;
        let refused = |why: &String| format!("`{key}` names `{}`: {why}", name.display());
        bytes
            .as_ref()
            .map(|bytes| bytes.as_slice())
            .map_err(refused)
    }
}

fn names(tls: &TlsServer) -> Vec<PathBuf> {
    let files = [&tls.cert_file, &tls.key_file, &tls.client_ca_file];
    files.into_iter().flatten().cloned().collect()
}

fn digest<'b>(parts: impl IntoIterator<Item = &'b Bytes>) -> Digest {
    let mut context = Context::new(&SHA256);
    for part in parts {
        let (mark, bytes) = match part {
            Ok(bytes) => (0, bytes.as_slice()),
            Err(why) => (1, why.as_bytes()),
        };
        context.update(&[mark]);
        context.update(&(bytes.len() as u64).to_le_bytes());
        context.update(bytes);
    }
    let mut digest = Digest::default();
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// Opening a pipe would wait for whoever writes to it, so only what is a file is opened.
fn read(path: &Path) -> Bytes {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    };
    let what = fs::metadata(path).map_err(unreadable)?;
    if !what.is_file() {
        return Err("it is no file; allowed: a regular file".to_owned());
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(what.len().min(LARGEST) as usize));
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    match bytes.len() as u64 {
        ..=LARGEST => Ok(bytes),
        _ => Err(format!(
            "the file is too large; allowed: at most {LARGEST} bytes"
        )),
    }
}

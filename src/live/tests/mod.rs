mod choosing;
mod following;
mod sources;

use super::reading::Numbers;
use super::sources::Names;
use super::*;
use std::sync::Arc;

fn place(channel: &str, queue: &str) -> Place {
    Place {
        channel: Arc::from(channel),
        queue: Arc::from(queue),
    }
}

fn channels() -> Channels {
    Channels::new([(&"fb".to_owned(), &"Facebook".to_owned())])
}

fn names() -> Names {
    Names::from([("qu-1".to_owned(), Arc::from("Billing"))])
}

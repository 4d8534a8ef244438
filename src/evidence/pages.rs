//! When evidence pages: at or above its limit, with enough offered and abandoned to be more than an anecdote.
//!
//! One incident of one scope is one page, until its evidence has fallen to half its limit.

use super::detector::Detector;
use super::scope::{Conversation, Scope, Settings, Taken};
use std::collections::HashSet;

/// A scope's evidence reached its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The end of the conversation that reached it, UTC seconds.
    pub at_s: i64,
    pub scope: Scope,
    /// In the 15 minutes up to then.
    pub offered: u32,
    /// Of them.
    pub abandoned: u32,
    /// Abandoned of offered.
    pub usual: f64,
}

/// Pages of one account's history, conversation by conversation.
#[derive(Debug, Clone)]
pub struct Pages {
    detector: Detector,
    settings: Settings,
    /// The scopes that page.
    paging: HashSet<Scope>,
    put: u64,
}

impl Pages {
    pub fn new(settings: Settings) -> Pages {
        Pages {
            detector: Detector::new(settings),
            settings,
            paging: HashSet::new(),
            put: 0,
        }
    }

    /// Takes the next conversation in the order of ends; the pages that it brings.
    pub fn next(&mut self, conversation: &Conversation) -> Vec<Page> {
        self.put += 1;
        let mut pages = Vec::new();
        if self.detector.put(self.put, conversation) == Taken::Late {
            return pages;
        }
        for reading in self.detector.newest() {
            let (offered, abandoned) = reading.recent;
            let is_enough =
                offered >= self.settings.min_offered && abandoned >= self.settings.min_abandoned;
            if reading.evidence <= reading.limit / 2.0 {
                if !self.paging.is_empty() {
                    self.paging.remove(reading.scope);
                }
            } else if reading.evidence >= reading.limit
                && is_enough
                && self.paging.insert(reading.scope.clone())
            {
                pages.push(Page {
                    at_s: conversation.ended_s,
                    scope: reading.scope.clone(),
                    offered,
                    abandoned,
                    usual: reading.usual,
                });
            }
        }
        pages
    }

    /// What was learnt.
    pub fn into_detector(self) -> Detector {
        self.detector
    }
}

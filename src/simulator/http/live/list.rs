//! What is asked of *List of Conversations*, and the answer.

use super::super::super::conversation::Conversation;
use super::super::super::fault::Fault;
use super::super::super::wire::{STATUSES, changed_ms, created_ms, listed_row, status};
use super::super::answer::{Refusal, invalid};
use super::super::{ListOrder, Reading, Simulator};
use super::Page;
use serde_json::{Value, json};

const GREATEST_LIMIT: usize = 100;
const DEFAULT_LIMIT: usize = 10;

/// One request. A parameter that is empty is as good as none.
struct Asked<'q> {
    statuses: Vec<&'q str>,
    source: Option<&'q str>,
    language: Option<&'q str>,
    fields: Vec<&'q str>,
    page: Page,
}

impl<'q> Asked<'q> {
    fn read(parameters: &'q [(String, String)], fault: Option<Fault>) -> Result<Self, Refusal> {
        let all = |wanted: &str| {
            let named = move |(name, _): &&(String, String)| name == wanted;
            let values = parameters.iter().filter(named).map(|(_, value)| value);
            let words = values.flat_map(|value| value.split(','));
            let words = words.map(str::trim).filter(|word| !word.is_empty());
            words.collect::<Vec<&str>>()
        };
        let number = |name: &str, default: usize| match all(name).first() {
            None => Ok(default),
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| invalid(&format!("{name} is invalid"))),
        };
        let (skip, limit) = (number("skip", 0)?, number("limit", DEFAULT_LIMIT)?);
        if !(1..=GREATEST_LIMIT).contains(&limit) {
            return Err(invalid("limit must be between 1 and 100"));
        }
        let statuses = all("status");
        if !statuses.iter().all(|status| STATUSES.contains(status)) {
            return Err(invalid("status is invalid"));
        }
        Ok(Asked {
            statuses,
            source: all("source").first().copied(),
            language: all("language").first().copied(),
            fields: all("fields"),
            page: Page { skip, limit, fault },
        })
    }

    fn wants(&self, row: &Value) -> bool {
        let is = |wanted: Option<&str>, field: &str| wanted.is_none_or(|it| row[field] == it);
        is(self.source, "source") && is(self.language, "language")
    }
}

type Listed<'w> = (&'w Conversation, &'static str);

impl Simulator {
    pub(super) fn list(
        &self,
        parameters: &[(String, String)],
        fault: Option<Fault>,
    ) -> Result<Value, Refusal> {
        let asked = Asked::read(parameters, fault)?;
        let answer = self.look(|world, now_ms, reading: &Reading| {
            let row = |(conversation, status): Listed| {
                let row = listed_row(world, conversation, status, now_ms, reading);
                Value::Object(row)
            };
            let filtered = asked.source.is_some() || asked.language.is_some();
            let mut found: Vec<Listed> = world
                .conversations()
                .iter()
                .filter_map(|one| Some((one, status(one, now_ms, reading)?)))
                .filter(|(_, status)| asked.statuses.is_empty() || asked.statuses.contains(status))
                .filter(|one| !filtered || asked.wants(&row(*one)))
                .collect();
            let created = |(one, _): &Listed| created_ms(one, now_ms);
            match reading.list_order {
                ListOrder::Newest => found.sort_by_key(|one| -created(one)),
                ListOrder::Oldest => found.sort_by_key(created),
                ListOrder::Changed => found.sort_by_key(|(one, _)| -changed_ms(one, now_ms)),
            }
            let page: Vec<Value> = asked
                .page
                .of(&found, reading)
                .into_iter()
                .map(|one| asked.pick(row(one)))
                .collect();
            let total = found.len();
            json!({
                "hasMore": asked.page.more(total, reading),
                "results": page,
                "skip": asked.page.skip,
                "limit": asked.page.limit,
                "totalPages": total.div_ceil(asked.page.limit),
                "totalResults": total,
            })
        });
        Ok(answer)
    }
}

impl Asked<'_> {
    /// The fields asked for, and the id; all of them where none is named.
    fn pick(&self, mut row: Value) -> Value {
        if let Some(row) = row.as_object_mut().filter(|_| !self.fields.is_empty()) {
            row.retain(|field, _| field == "_id" || self.fields.contains(&field.as_str()));
        }
        row
    }
}

//! The vendor's own totals of a stretch of time, exactly as sent: those of *Queue Performance*, and of *Contact Volume*.

use super::page::Row;
use super::record::Text;
use super::time::Timestamp;
use super::walk::{Read, Sent, Walk};
use super::wire::wire;

wire! {
    /// What *Queue Performance* counted in one queue, channel and direction.
    QueueTotals {
        "queueId" => queue_id: Text<'a>,
        "queueName" => queue_name: Text<'a>,
        "channel" => channel: Text<'a>,
        "direction" => direction: Text<'a>,
        "totalConversation" => conversations: f64,
        "answered" => answered: f64,
        "abandonedInQueue" => abandoned: f64,
        "transferred" => transferred: f64,
        "systemTermination" => terminated: Terminated,
    }

    /// What *Contact Volume* counted in one queue and source, in a quarter of an hour.
    ContactVolume {
        "queueId" => queue_id: Text<'a>,
        "queueName" => queue_name: Text<'a>,
        "source" => source: Text<'a>,
        "intervalStartTimeStamp" => started: Timestamp,
        "offeredContacts" => offered: f64,
        "answeredContacts" => answered: f64,
        "abandonedContacts" => abandoned: f64,
    }

    /// Of a record of *Call Details*, whose organisation it is: told where no agent was asked for.
    Organisation {
        "orgId" => org_id: Text<'a>,
    }
}

/// Conversations that the system ended, by why.
#[derive(Clone, Default)]
pub struct Terminated {
    pub out_of_hours: Sent<f64>,
    pub no_agents: Sent<f64>,
    pub network: Sent<f64>,
    pub gateway: Sent<f64>,
    /// For `Others`, and for reasons that are not known here.
    pub others: Vec<Sent<f64>>,
}

impl<'a> Read<'a> for Terminated {
    fn read(walk: &mut Walk<'a>) -> Sent<Self> {
        walk.object(|terminated: &mut Self, key, walk| match key {
            "outOfBusinessHours" => walk.read_into(&mut terminated.out_of_hours),
            "noAgentsAvailable" => walk.read_into(&mut terminated.no_agents),
            "networkFailure" => walk.read_into(&mut terminated.network),
            "voiceGatewayError" => walk.read_into(&mut terminated.gateway),
            _ => terminated.others.push(f64::read(walk)),
        })
    }
}

/// The organisation that a record tells of.
pub fn organisation(row: Row<'_>) -> Option<String> {
    match Organisation::read(&mut Walk::over(row)) {
        Sent::Value(told) => told.org_id.value().map(|id| id.to_string()),
        Sent::Absent | Sent::WrongType | Sent::Unreadable => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::api::{LiveRows, Page, Sent};

    #[test]
    fn totals_of_both_answers_are_read() {
        let body = r#"{"finalResult":[{"queueId":"qu-1","queueName":"Billing","channel":"Voice","direction":"Inbound",
            "totalConversation":42,"abandonedInQueue":"1","answered":36,"SLA":"N/A",
            "systemTermination":{"outOfBusinessHours":0,"noAgentsAvailable":1,"networkFailure":2,"voiceGatewayError":0,"Others":4,"strike":"x"}}],
            "hasMore":false,"totalResults":1}"#;
        let (rows, strangers) = LiveRows::read(body).unwrap().totals();
        assert_eq!((rows.len(), strangers), (1, 0));
        assert_eq!(rows[0].conversations.value(), Some(&42.0));
        assert_eq!(rows[0].abandoned.value(), Some(&1.0));
        assert!(rows[0].transferred.is_absent());
        let terminated = rows[0].terminated.value().unwrap();
        assert_eq!(terminated.network.value(), Some(&2.0));
        assert_eq!(terminated.others, [Sent::Value(4.0), Sent::Unreadable]);

        let body = r#"{"hasMore":true,"totalCount":7,"CallVolumeUpdate":[{"queueId":"qu-1","source":"korevg",
            "intervalStartTimeStamp":"2026-11-26T09:45:00.000Z","offeredContacts":5,"csatScore":4.5}]}"#;
        let rows = LiveRows::read(body).unwrap();
        assert_eq!((rows.has_more, rows.total), (true, Some(7)));
        let (rows, _) = rows.volumes();
        assert_eq!(rows[0].offered.value(), Some(&5.0));
        assert!(rows[0].started.value().is_some());
    }

    #[test]
    fn whose_organisation_it_is_is_told_by_a_row_of_a_bot() {
        let page = r#"{"numResults":2,"data":[{"conversationId":"c-1","metaInfo":{"orgId":"o-9"}},{"sessionId":"s","orgId":"o-1"}]}"#;
        let page = Page::parse(page.to_owned()).unwrap();
        let told: Vec<_> = page.rows().map(super::organisation).collect();
        assert_eq!(told, [None, Some("o-1".to_owned())]);
    }
}

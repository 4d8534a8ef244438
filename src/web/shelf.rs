//! What the exporter carries with it for people: its manual, and its boards to import into Grafana.

/// A file as it stands in the source.
pub(super) struct Leaf {
    /// Its path below `/`.
    pub path: &'static str,
    /// What the landing page calls it.
    pub title: &'static str,
    pub text: &'static str,
}

macro_rules! leaf {
    ($path:literal, $title:literal) => {
        Leaf {
            path: $path,
            title: $title,
            text: include_str!(concat!("../../", $path)),
        }
    };
}

pub(super) const MANUAL: [Leaf; 9] = [
    leaf!("docs/definitions.md", "Definitions"),
    leaf!("docs/metrics.md", "Metrics explained"),
    leaf!("docs/configuration.md", "Configuration"),
    leaf!("docs/alerts.md", "Alerts"),
    leaf!("docs/operations.md", "Operations"),
    leaf!("docs/troubleshooting.md", "Troubleshooting"),
    leaf!("docs/dashboards.md", "Boards explained"),
    leaf!("docs/wall.md", "The wall"),
    leaf!("docs/events.md", "Which calls"),
];

pub(super) const BOARDS: [Leaf; 5] = [
    leaf!("dashboards/operations.json", "Operations"),
    leaf!("dashboards/queue.json", "Queue"),
    leaf!("dashboards/customer-voice.json", "Customer voice"),
    leaf!("dashboards/bots-channels.json", "Bots and channels"),
    leaf!("dashboards/exporter.json", "Exporter"),
];

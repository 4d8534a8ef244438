//! Who is called: a webhook that keeps what Alertmanager tells it.

use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

pub type Labels = BTreeMap<String, String>;

/// One call of the webhook: the alerts of a group, all of them, as they stand.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    pub receiver: String,
    /// `firing` while any of its alerts is.
    pub status: String,
    pub group_labels: Labels,
    pub alerts: Vec<Alert>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    pub status: String,
    pub labels: Labels,
    pub annotations: Labels,
    pub starts_at: String,
}

/// Open until the test's runtime ends.
pub struct Inbox {
    pub address: SocketAddr,
    notifications: Arc<Mutex<Vec<Notification>>>,
}

impl Inbox {
    pub async fn open() -> Inbox {
        let notifications = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&notifications);
        let keep = async move |Json(notification)| kept.lock().unwrap().push(notification);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/{receiver}", post(keep));
        tokio::spawn(async { axum::serve(listener, router).await });
        Inbox {
            address,
            notifications,
        }
    }

    /// Everything so far, oldest first.
    pub fn all(&self) -> Vec<Notification> {
        self.notifications.lock().unwrap().clone()
    }

    /// What was told of an alert, oldest first.
    pub fn about(&self, name: &str) -> Vec<Notification> {
        let mut all = self.all();
        all.retain(|notification| notification.group_labels["alertname"] == name);
        all
    }
}

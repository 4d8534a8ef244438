//! One payload to the collector, by OTLP's rules of what is tried again.

use super::environment::{Settings, Unusable};
use super::trust;
use crate::chain::chain;
use crate::client::retry_after;
use crate::clock;
use crate::config::is_loopback;
use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Client, Response, StatusCode};
use std::io::Write;
use std::time::{Duration, Instant};
use url::Url;

/// As much of an answer as is looked at.
const LARGEST_ANSWER: usize = 64 * 1024;
const FIRST_PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Taken,
    /// Not taken, or not all of it, and asked again it would not be.
    Rejected(String),
    /// Nobody took it in time.
    Failed(String),
}

pub(super) struct Sender {
    client: Client,
    endpoint: Url,
    gzip: bool,
}

enum Attempt {
    Over(Outcome),
    Again(String, Option<Duration>),
}

impl Sender {
    pub(super) fn new(settings: &Settings) -> Result<Sender, Unusable> {
        let mut headers = settings.headers.clone();
        headers.insert(
            CONTENT_TYPE,
            "application/x-protobuf"
                .parse()
                .map_err(|_| Unusable::Address {
                    variable: "Content-Type",
                })?,
        );
        let mut builder = Client::builder()
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(settings.timeout);
        if is_loopback(&settings.endpoint) {
            builder = builder.no_proxy();
        }
        builder = trust::with(settings, builder)?;
        Ok(Sender {
            client: builder.build()?,
            endpoint: settings.endpoint.clone(),
            gzip: settings.gzip,
        })
    }

    /// Tries until it is taken, refused, or `deadline` has come.
    pub(super) async fn deliver(&self, body: Vec<u8>, deadline: Instant) -> Outcome {
        let body = if self.gzip { packed(&body) } else { body };
        let body = Bytes::from(body);
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(FIRST_PAUSE)
            .with_jitter()
            .without_max_times()
            .build();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(attempt) = tokio::time::timeout(left, self.attempt(body.clone())).await else {
                return Outcome::Failed("no answer in time".to_owned());
            };
            let (error, asked) = match attempt {
                Attempt::Over(outcome) => return outcome,
                Attempt::Again(error, asked) => (error, asked),
            };
            // It may ask for longer, but not for a flood.
            let least = pauses.next().unwrap_or(FIRST_PAUSE);
            let pause = asked.unwrap_or_default().max(least);
            if pause >= deadline.saturating_duration_since(Instant::now()) {
                return Outcome::Failed(error);
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(&self, body: Bytes) -> Attempt {
        let mut request = self.client.post(self.endpoint.clone()).body(body);
        if self.gzip {
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Attempt::Again(chain(&error.without_url()), None),
        };
        let status = answer.status();
        if status.is_success() {
            return Attempt::Over(taken(answer).await);
        }
        let error = format!("status `{}`", status.as_u16());
        match status {
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => {
                Attempt::Again(error, retry_after(answer.headers(), clock::now_ms()))
            }
            _ => Attempt::Over(Outcome::Rejected(error)),
        }
    }
}

/// A success may tell that some points were refused.
async fn taken(mut answer: Response) -> Outcome {
    let mut body = Vec::new();
    while let Ok(Some(part)) = answer.chunk().await {
        body.extend_from_slice(&part);
        if body.len() > LARGEST_ANSWER {
            return Outcome::Taken;
        }
    }
    let response = ExportMetricsServiceResponse::decode(&*body).ok();
    match response.and_then(|response| response.partial_success) {
        Some(partial) if partial.rejected_data_points > 0 => Outcome::Rejected(format!(
            "{} points are refused",
            partial.rejected_data_points
        )),
        _ => Outcome::Taken,
    }
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory cannot fail.
    encoder.write_all(body).ok();
    encoder.finish().unwrap_or_default()
}

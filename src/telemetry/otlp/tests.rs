use super::*;

const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");

fn asked(environment: &[(&str, &str)]) -> Result<bool, String> {
    let read = |name: &str| {
        environment
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    wanted(read).map_err(|error| error.to_string())
}

#[test]
fn traces_are_off_until_the_environment_asks_for_them() {
    assert_eq!(asked(&[]), Ok(false));
    assert_eq!(asked(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]), Ok(false));
    assert_eq!(asked(&[("OTEL_SERVICE_NAME", "x")]), Ok(false));
    assert_eq!(asked(&[ENDPOINT]), Ok(true));
    assert_eq!(
        asked(&[(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "http://127.0.0.1/v1/traces"
        )]),
        Ok(true)
    );
    assert_eq!(asked(&[("OTEL_TRACES_EXPORTER", "otlp")]), Ok(true));
}

#[test]
fn the_environment_can_forbid_them() {
    assert_eq!(asked(&[ENDPOINT, ("OTEL_SDK_DISABLED", "True")]), Ok(false));
    assert_eq!(asked(&[ENDPOINT, ("OTEL_SDK_DISABLED", "false")]), Ok(true));
    assert_eq!(
        asked(&[ENDPOINT, ("OTEL_TRACES_EXPORTER", "none")]),
        Ok(false)
    );
}

#[test]
fn what_cannot_be_served_is_named_with_what_can() {
    let error = asked(&[ENDPOINT, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]).unwrap_err();
    assert!(
        error.contains("`OTEL_EXPORTER_OTLP_PROTOCOL` is `grpc`")
            && error.contains("`http/protobuf`"),
        "{error}"
    );
    let error = asked(&[ENDPOINT, ("OTEL_TRACES_EXPORTER", "zipkin")]).unwrap_err();
    assert!(
        error.contains("`OTEL_TRACES_EXPORTER` is `zipkin`") && error.contains("`otlp`"),
        "{error}"
    );
}

#[test]
fn the_protocol_for_traces_beats_the_general_one() {
    let traces = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf");
    assert_eq!(
        asked(&[ENDPOINT, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), traces]),
        Ok(true)
    );
}

# Built by the Rust of `rust-version` in Cargo.toml, run on the same Debian's C library.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build
COPY . .
ARG REVISION=unknown
ENV SMARTASSIST_EXPORTER_REVISION=${REVISION}
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --locked --profile dist --bin smartassist-exporter \
    && install -D target/dist/smartassist-exporter /image/usr/local/bin/smartassist-exporter \
    && install -d -o 65532 -g 65532 /image/var/lib/smartassist-exporter

# No shell, no package manager; the C library, root certificates, and a user without rights.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="smartassist-exporter" \
      org.opencontainers.image.description="Prometheus exporter for Kore.ai SmartAssist contact centres" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
USER 65532:65532
# `storage.path` is `./data` unless configured.
WORKDIR /var/lib/smartassist-exporter
VOLUME /var/lib/smartassist-exporter
EXPOSE 10720
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=4 \
    CMD ["/usr/local/bin/smartassist-exporter", "health"]
ENTRYPOINT ["/usr/local/bin/smartassist-exporter"]
# Inside a container loopback would be reached by nobody; which interface shows it is the engine's to say.
CMD ["serve", "--web.listen-address=0.0.0.0:10720"]

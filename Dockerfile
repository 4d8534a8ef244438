# Built by the Rust of `rust-version` in Cargo.toml, with Debian's C library.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build
COPY . .
ARG REVISION=unknown
ENV SMARTASSIST_EXPORTER_REVISION=${REVISION}
# Static, with the C library inside: what it runs on may be empty.
ENV RUSTFLAGS="-C target-feature=+crt-static"
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    target="$(rustc -vV | sed -n 's/^host: //p')" \
    && cargo build --locked --profile dist --target "$target" --bin smartassist-exporter \
    && install -D "target/$target/dist/smartassist-exporter" /image/usr/local/bin/smartassist-exporter \
    && install -D -m 644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
    && install -d -o 65532 -g 65532 /image/var/lib/smartassist-exporter

# The program, authorities to trust, and a folder for the state: no shell, no library, no user that owns anything else.
FROM scratch
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

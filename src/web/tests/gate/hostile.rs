//! Strangers who mean no good, or are lost.

use super::*;

#[tokio::test]
async fn a_request_without_tls_is_told_so() {
    let house = House::new();
    let served = house.serve(TLS).await;
    let told = said(&mut served.plain().await, "/metrics", "").await;
    assert!(told.starts_with("HTTP/1.0 400 Bad Request\r\n"), "{told}");
}

#[tokio::test]
async fn a_handshake_that_takes_too_long_is_cut_and_holds_up_nobody() {
    let house = House::new();
    let limits = Limits {
        head: Duration::from_millis(100),
        ..LIMITS
    };
    let served = Served::start(limits, house.gate(TLS, false).unwrap()).await;
    let mut slow = Vec::new();
    // Nothing at all; the beginning of a handshake; garbage that looks like one.
    for words in [
        &b""[..],
        b"\x16\x03\x01\x02\x00\x01",
        b"\x16\x03\x01\x40\x00",
        b"\0\0\0\0",
    ] {
        let mut stream = served.plain().await;
        stream.write_all(words).await.unwrap();
        slow.push(stream);
    }
    assert_eq!(served.status(house.client(None), "/metrics", "").await, 200);
    for mut stream in slow {
        let ended = async { while matches!(stream.read_buf(&mut Vec::new()).await, Ok(1..)) {} };
        tokio::time::timeout(Duration::from_secs(20), ended)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn handshakes_that_stand_still_give_way_to_whoever_comes() {
    let house = House::new();
    let limits = Limits {
        connections: 8,
        ..LIMITS
    };
    let served = Served::start(limits, house.gate(TLS, false).unwrap()).await;
    let mut crowd = Vec::new();
    for _ in 0..20 {
        let mut stream = served.plain().await;
        stream.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
        crowd.push(stream);
    }
    for _ in 0..3 {
        assert_eq!(
            served.status(house.client(None), "/-/healthy", "").await,
            200
        );
    }
}

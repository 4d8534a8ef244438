use super::*;

#[tokio::test]
async fn the_wall_is_never_kept_and_takes_nothing_from_elsewhere() {
    for (path, content_type) in [
        ("/wall", "text/html; charset=utf-8"),
        ("/wall.css", "text/css; charset=utf-8"),
        ("/wall.js", "text/javascript; charset=utf-8"),
        ("/wall.json", "application/json"),
    ] {
        let answer = get(serving(&[]), path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header(CONTENT_TYPE), content_type, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!answer.body.contains("://"), "{path} names another place");
        assert!(!answer.body.contains("innerHTML"), "{path} makes markup");
    }
    let page = get(serving(&[]), "/wall").await.body;
    assert!(
        !page.contains("<style") && !page.contains("style="),
        "{page}"
    );
    let scripts: Vec<&str> = page.split("<script").skip(1).collect();
    assert_eq!(scripts.len(), 1);
    assert!(scripts[0].starts_with(" src=\"wall.js\" defer></script>"));
}

#[tokio::test]
async fn the_wall_tells_what_its_source_knows() {
    let wall = Wall {
        now_s: 1_795_737_600,
        accounts: vec![WallAccount {
            name: "acme".into(),
            status: published("acme").status,
            window: None,
            numbers: WallNumbers::default(),
            queues: Vec::new(),
        }],
    };
    let router = router(Arc::new(Fixed {
        text: PAGE,
        accounts: Vec::new(),
        wall,
        healthy: true,
    }));
    let told: serde_json::Value =
        serde_json::from_str(&get(router, "/wall.json").await.body).unwrap();
    assert_eq!(told["form"], 1);
    assert_eq!(told["now_s"], 1_795_737_600);
    assert_eq!(told["accounts"][0]["name"], "acme");
    assert_eq!(told["accounts"][0]["words"], "up to date");
}

use super::Page;
use crate::fakes::envoy::Envoy;

#[tokio::test]
async fn envoy_answers_as_its_page_says() {
    let page = Page {
        text: include_str!("envoy.http"),
        headers: &[
            ("authorization", "Bearer envoy-token"),
            ("content-type", "application/vnd.api+json"),
        ],
        prepare: |name, envoy: &mut Envoy| {
            if matches!(name, "lists" | "refusals") {
                envoy.put("Ann Lee", "ann@acme.example", &[11]);
                envoy.put("Bob Moe", "bob@acme.example", &[11, 12]);
                envoy.put("Cy Ash", "cy@acme.example", &[]);
            }
        },
    };
    page.hold(Envoy::start).await;
}

#[tokio::test]
async fn of_two_of_one_email_envoy_shows_the_living() {
    let envoy = Envoy::start().await;
    let gone = envoy.state().put("Ann Lee", "ann@acme.example", &[]);
    let request = format!("DELETE /api/v3/employees/{gone}");
    let token = [("authorization", "Bearer envoy-token")];
    assert_eq!(super::wire::send(envoy.url(), &request, &token, "").await.status, 204);
    let known = |known: &str| envoy.state().user(known).unwrap()["id"].clone();
    assert_eq!(known("ann@acme.example"), gone.to_string());
    let there = envoy.state().put("Ann Lee", "ann@acme.example", &[]);
    assert_eq!(known("ANN@acme.example"), there.to_string());
    assert_eq!(known(&gone.to_string()), gone.to_string());
}

use super::Page;
use crate::fakes::acall::{Acall, OTHER_TOKEN, TOKEN};

#[tokio::test]
async fn acall_answers_as_its_page_says() {
    let page = Page {
        text: include_str!("acall.http"),
        headers: &[
            ("authorization", "Bearer acall-token-of-one"),
            ("content-type", "application/json"),
        ],
        prepare: |name, acall: &mut Acall| match name {
            "the plan" => acall.tenants.get_mut(TOKEN).unwrap().basic = true,
            "services" => acall.tenants.get_mut(TOKEN).unwrap().connected.clear(),
            "tenants" => {
                acall.put(OTHER_TOKEN, "yoko@other.example", "Ono", "Yoko");
            }
            "pages" => {
                for (email, family, given) in [
                    ("a@acme.example", "A", "Ann"),
                    ("b@acme.example", "B", "Bob"),
                    ("c@acme.example", "C", "Cy"),
                ] {
                    acall.put(TOKEN, email, family, given);
                }
            }
            _ => {}
        },
    };
    page.hold(Acall::start).await;
}

#[tokio::test]
async fn a_user_of_acall_is_found_by_id_and_by_email() {
    let acall = Acall::start().await;
    let id = acall.state().put(TOKEN, "kei@acme.example", "Mori", "Kei");
    for known in ["KEI@acme.example", &id.to_string()] {
        assert_eq!(acall.state().user(known).unwrap()["family_name"], "Mori", "{known}");
    }
    assert_eq!(acall.state().user("nobody@acme.example"), None);
}

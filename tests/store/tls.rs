//! TLS to a PostgreSQL server: demanded of a host elsewhere, and who answers is looked at.

use crate::{
    port::free_port,
    postgres::open,
    server::{Server, somebody},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use scimshim::store::{Refusal, Store, postgres::Address};
use std::{
    env, fs,
    os::unix::fs::{PermissionsExt, chown},
    path::PathBuf,
};
use tokio_postgres::NoTls;

/// The one host for whom the certificate is.
const NAME: &str = "db.acme.example";

/// Certificate, key, and who vouches for it, as PEM.
fn certificate() -> [String; 3] {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new([NAME.to_owned()]).unwrap();
    let own = own.signed_by(&key, &authority).unwrap();
    [own.pem(), key.serialize_pem(), authority.pem()]
}

/// A file that whoever the server is run as reads, and nobody else.
fn file(name: &str, text: &str) -> PathBuf {
    let path = env::temp_dir().join(format!("scimshim-tls-{}-{name}", std::process::id()));
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    if let Some((uid, gid)) = somebody() {
        chown(&path, Some(uid), Some(gid)).unwrap();
    }
    path
}

#[tokio::test]
async fn a_host_elsewhere_is_spoken_to_by_tls_alone_and_must_be_who_it_says() {
    let [certificate, key, authority] = certificate();
    let files = [file("certificate", &certificate), file("key", &key)];
    let port = free_port();
    let options = [
        "listen_addresses = '127.0.0.1'".to_owned(),
        format!("port = {port}"),
        "ssl = on".to_owned(),
        format!("ssl_cert_file = '{}'", files[0].display()),
        format!("ssl_key_file = '{}'", files[1].display()),
    ];
    let Some(server) = Server::told("tls", &options) else { return };
    let socket = server.folder.to_str().unwrap().replace('/', "%2F");
    let operator = format!("postgres://scimshim@{socket}:{port}/postgres");
    let asks = async || {
        let (client, connection) = tokio_postgres::connect(&operator, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    };
    let client = asks().await;
    client.batch_execute("CREATE DATABASE people").await.unwrap();

    let address = |host: &str, ca: Option<&str>, more: &str| {
        let url = format!("postgres://scimshim@{host}:{port}/people?hostaddr=127.0.0.1{more}");
        Address::of(&url, ca.map(str::to_owned), None).unwrap()
    };
    let store = open(&address(NAME, Some(&authority), "")).await.unwrap();
    let ours = "SELECT count(*), count(*) FILTER (WHERE ssl) FROM pg_stat_ssl JOIN pg_stat_activity
         USING (pid) WHERE application_name = 'scimshim'";
    let row = client.query_one(ours, &[]).await.unwrap();
    let (all, encrypted): (i64, i64) = (row.get(0), row.get(1));
    assert!(all > 0 && all == encrypted, "{encrypted} of {all}");
    store.close().await.unwrap();

    let refused = async |address: Address| match open(&address).await {
        Ok(_) => panic!("it is taken"),
        Err(Refusal { message, .. }) => message,
    };
    let stranger = refused(address(NAME, None, "")).await;
    assert!(stranger.contains("invalid peer certificate: UnknownIssuer"), "{stranger}");
    let another = refused(address("other.acme.example", Some(&authority), "")).await;
    assert!(another.contains("certificate not valid for name"), "{another}");

    // Whoever stands between could say that there is no TLS.
    client.batch_execute("ALTER SYSTEM SET ssl = off").await.unwrap();
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    // The server says of nothing when it has read it: whoever connects is told what it knows by then.
    let knows = async || {
        let row = asks().await.query_one("SHOW ssl", &[]).await.unwrap();
        row.get::<_, String>(0) == "off"
    };
    while !knows().await {
        tokio::task::yield_now().await;
    }
    let bare = refused(address(NAME, Some(&authority), "")).await;
    assert!(bare.contains("does not support TLS"), "{bare}");
    let told = open(&address(NAME, None, "&sslmode=disable")).await.unwrap();
    told.close().await.unwrap();
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
}

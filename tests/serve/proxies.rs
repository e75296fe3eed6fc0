//! A proxy that the environment names would see every credential: it is not asked.

use crate::{
    harness::{Folder, Served, free_port, sample, serve},
    vendor,
};
use scimshim::server::settings::Digest;
use std::{io::ErrorKind, net::TcpListener};

#[test]
fn no_proxy_of_the_environment_sees_a_call() {
    let folder = Folder::new("proxies");
    folder.write("m.yaml", &sample());
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let (port, admin, vendor) = (free_port(), free_port(), vendor::sample());
    let config = format!(
        "server: {{ listen: \"127.0.0.1:{port}\" }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
         log: {{ format: json }}\ntenants:\n  acme:\n    mapping: m.yaml\n    \
         vars: {{ url: \"{vendor}\", key: {{ env: VENDOR_KEY }} }}\n    \
         clients: {{ okta: {{ bearer: [{{ sha256: \"{}\" }}] }} }}\n",
        Digest::of(b"token")
    );
    let mut command = serve(&folder.write("scimshim.yaml", &config));
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    {
        command.env(name, &address);
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    let served = Served::over(command, port, admin);
    assert_eq!(served.scim("token", "/Users?count=1").0, 200);
    proxy.set_nonblocking(true).unwrap();
    assert_eq!(proxy.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

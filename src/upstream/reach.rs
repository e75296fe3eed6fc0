//! Where no vendor is: link-local addresses and those at which clouds tell a machine its own credentials. Private
//! ones and loopback are where a sidecar's vendor often is.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};
use url::{Host, Url};

/// Metadata services outside 169.254.0.0/16: of Azure, Alibaba and Oracle.
const SERVICES: [Ipv4Addr; 3] = [
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
];
/// And outside fe80::/10: of AWS (its machines' and its pods') and Google.
const SERVICES_6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];
/// The names by which they are known.
const NAMES: [&str; 5] = [
    "metadata",
    "metadata.goog",
    "metadata.google.internal",
    "instance-data",
    "instance-data.ec2.internal",
];

/// Whether no vendor is at this address.
pub fn barred(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local() || SERVICES.contains(&address),
        IpAddr::V6(address) => {
            let service = SERVICES_6.contains(&address);
            address.is_unicast_link_local() || service || barred_within(address).is_some()
        }
    }
}

/// The barred IPv4 address that an IPv6 one leads to.
fn barred_within(address: Ipv6Addr) -> Option<Ipv4Addr> {
    within(address).into_iter().flatten().find(|address| barred(IpAddr::V4(*address)))
}

/// The IPv4 addresses that an IPv6 one may lead to: mapped or compatible (RFC 4291 §2.5.5), translated (RFC 7915),
/// by NAT64 (RFC 6052, RFC 8215) or by 6to4 (RFC 3056).
fn within(address: Ipv6Addr) -> [Option<Ipv4Addr>; 4] {
    let octets = address.octets();
    let at = |places: [usize; 4]| {
        let [a, b, c, d] = places.map(|place| octets.get(place).copied().unwrap_or_default());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    let last = at([12, 13, 14, 15]);
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => [last, None, None, None],
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => [last, None, None, None],
        [0x2002, ..] => [at([2, 3, 4, 5]), None, None, None],
        // How long the prefix is that a network takes of this one is its own choice, and the IPv4 address stands
        // behind it: every place that RFC 6052 §2.2 has for it is looked at. Octet 8 is never part of it.
        [0x64, 0xff9b, 1, ..] => [at([6, 7, 9, 10]), at([7, 9, 10, 11]), at([9, 10, 11, 12]), last],
        _ => [None; 4],
    }
}

/// What is wrong with the host of an operator's address, which was written as `text`: one of these is meant where
/// it is written as such, and not where another spelling or a name leads to it.
pub fn disguised(text: &str, url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            NAMES.contains(&name).then(|| {
                format!("`{name}` is a cloud's metadata service; if it is meant, write its address")
            })
        }
        Host::Ipv4(address) => {
            let plain = written(text) == address.to_string();
            (barred(address.into()) && !plain).then(|| spelling(written(text), address.into()))
        }
        Host::Ipv6(address) => {
            let inner = barred_within(address)?;
            Some(spelling(written(text), inner.into()))
        }
    }
}

fn spelling(written: &str, address: IpAddr) -> String {
    format!("`{written}` is {address}, where no vendor is; if it is meant, write it so")
}

/// Whether an operator's address holds a credential: it would stand wherever the address is told.
pub fn credential(text: &str) -> bool {
    let read = Url::parse(text.trim())
        .is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
    read || text.contains("://") && authority(text).contains('@')
}

/// The host of an address, as it was written.
fn written(text: &str) -> &str {
    let host = authority(text).rsplit('@').next().unwrap_or_default();
    match host.starts_with('[') {
        true => host.split_inclusive(']').next().unwrap_or_default(),
        false => host.split(':').next().unwrap_or_default(),
    }
}

/// What stands between the scheme and the path.
fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

/// Gives of what a name leads to no address at which no vendor is: that is not the operator's word, and may change
/// under it. Addresses that are written are never asked for.
#[derive(Debug, Default)]
pub struct Guarded<R>(pub R);

impl<R: Resolve> Resolve for Guarded<R> {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let asked = self.0.resolve(name);
        Box::pin(async move {
            let (barred, open): (Vec<SocketAddr>, Vec<SocketAddr>) =
                asked.await?.partition(|found| barred(found.ip()));
            match barred.first() {
                Some(found) if open.is_empty() => Err(Barred { host, address: found.ip() }.into()),
                _ => Ok(Box::new(open.into_iter()) as Addrs),
            }
        })
    }
}

/// A name leads only to where no vendor is.
#[derive(Debug)]
struct Barred {
    host: String,
    address: IpAddr,
}

impl fmt::Display for Barred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, address } = self;
        write!(f, "the name `{host}` leads to {address}, where no vendor is")
    }
}

impl std::error::Error for Barred {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_vendor_is_at_a_link_local_or_metadata_address() {
        let table = [
            ("169.254.169.254", true),
            ("169.254.0.1", true),
            ("169.253.255.255", false),
            ("168.63.129.16", true),
            ("100.100.100.200", true),
            ("192.0.0.192", true),
            ("fe80::1", true),
            ("febf::1", true),
            ("fec0::1", false),
            ("fd00:ec2::254", true),
            ("fd20:ce::254", true),
            ("::ffff:169.254.169.254", true),
            ("::169.254.169.254", true),
            ("64:ff9b::a9fe:a9fe", true),
            ("fd00:ec2::23", true),
            ("fd00:ec2::24", false),
            ("::ffff:0:169.254.169.254", true),
            ("2002:a9fe:a9fe::", true),
            ("2002:a9fe:a9fe::1", true),
            ("2002:6464:64c8:1::9", true),
            ("2002:cb00:7109::1", false),
            // Behind a prefix of 48, 56, 64 and 96 bits.
            ("64:ff9b:1:a9fe:a9:fe00::", true),
            ("64:ff9b:1:1a9:fe:a9fe::", true),
            ("64:ff9b:1:1:a9:fea9:fe00:0", true),
            ("64:ff9b:1::a9fe:a9fe", true),
            ("64:ff9b:1:1::a9fe:a9fe", true),
            ("64:ff9b:1::cb00:7109", false),
            ("64:ff9b:1:cb00:71:900::", false),
            ("64:ff9b:2::a9fe:a9fe", false),
            ("127.0.0.1", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("10.0.0.1", false),
            ("192.168.1.1", false),
            ("fd00::1", false),
        ];
        for (address, expected) in table {
            assert_eq!(barred(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn what_is_written_as_such_is_meant() {
        let hidden = [
            "https://2852039166/",
            "https://0xa9fea9fe/",
            "https://0xA9.0xfe.0xa9.0xfe",
            "https://0251.0376.0251.0376/v1",
            "https://169.254.43518/",
            "https://169.254.169.254./",
            "https://\u{ff11}69.254.169.254/",
            "https://user@0xa9fea9fe:8443/",
            "https://169.254.169.254@2852039166/",
            "https://[::ffff:169.254.169.254]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[64:ff9b::169.254.169.254]/",
            "https://[64:ff9b:1::169.254.169.254]/",
            "https://[2002:a9fe:a9fe::]/",
            "https://metadata.google.internal/computeMetadata",
            "https://METADATA.google.internal./",
            "https://metadata/",
            "https://instance-data.ec2.internal/",
        ];
        let meant = [
            "https://169.254.169.254/latest",
            "https://169.254.169.254:8443",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]:80/",
            "https://[fd00:ec2::23]/v1",
            "http://127.0.0.1:9/",
            "http://2130706433/",
            "https://10.0.0.7/",
            "https://api.acme.example/v1",
            "https://metadata.acme.example/",
        ];
        for (texts, expected) in [(&hidden[..], true), (&meant[..], false)] {
            for text in texts {
                let found = disguised(text, &Url::parse(text).unwrap());
                assert_eq!(found.is_some(), expected, "{text}: {found:?}");
            }
        }
    }

    #[test]
    fn an_address_is_no_place_for_a_credential() {
        let table = [
            ("https://u:p@api.acme.example", true),
            ("https://u@api.acme.example/v1", true),
            ("https://u:{tenant.password}@api.acme.example", true),
            ("https:\\\\u:p@api.acme.example", true),
            ("https:u:p@api.acme.example", true),
            ("https://u:p@", true),
            ("https://api.acme.example/@ann?to=a@b.example", false),
            ("{tenant.url}", false),
            ("a@b.example", false),
        ];
        for (text, expected) in table {
            assert_eq!(credential(text), expected, "{text}");
        }
    }

    /// Says that every name leads here.
    struct Leads(Vec<IpAddr>);

    impl Resolve for Leads {
        fn resolve(&self, _: Name) -> Resolving {
            let found: Vec<_> = self.0.iter().map(|ip| SocketAddr::new(*ip, 0)).collect();
            Box::pin(async { Ok(Box::new(found.into_iter()) as Addrs) })
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_elsewhere_overnight_is_not_followed() {
        type Given = Result<&'static [&'static str], &'static str>;
        let table: [(&[&str], Given); 4] = [
            (
                &["169.254.169.254"],
                Err("the name `v.example` leads to 169.254.169.254, where no vendor is"),
            ),
            (
                &["::ffff:169.254.169.254", "fe80::1"],
                Err("the name `v.example` leads to ::ffff:169.254.169.254, where no vendor is"),
            ),
            (&["fe80::1", "127.0.0.1"], Ok(&["127.0.0.1"])),
            (&["10.0.0.1", "203.0.113.9"], Ok(&["10.0.0.1", "203.0.113.9"])),
        ];
        for (found, expected) in table {
            let found = found.iter().map(|one| one.parse().unwrap()).collect();
            let given = Guarded(Leads(found)).resolve("v.example".parse().unwrap()).await;
            let given =
                given.map(|given| given.map(|one| one.ip().to_string()).collect::<Vec<_>>());
            let given = given.map_err(|error| error.to_string());
            let expected = expected.map(|all| all.iter().map(|one| (*one).to_owned()).collect());
            assert_eq!(given, expected.map_err(str::to_owned));
        }
    }
}

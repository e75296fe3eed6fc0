//! Which addresses a name has: as the machine's own files say, and by the DNS servers that it is configured with.
//! No other server is ever asked: whoever answers says where the credential goes.

use hickory_resolver::{
    TokioResolver,
    config::{LookupIpStrategy, ResolverConfig, ResolverOpts},
    net::{NetError, runtime::TokioRuntimeProvider},
    system_conf::read_system_conf,
};
use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

/// Finds the addresses of names: it needs no library of the system's, which an image of the binary alone has not.
#[derive(Debug, Default, Clone)]
pub struct Names {
    // Made at the first question, on the runtime that it is asked on.
    system: Arc<OnceLock<Result<System, NetError>>>,
}

impl Names {
    /// The addresses of a name, without a port.
    pub async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, Unknown> {
        let system = self.system.get_or_init(|| System::over(read_system_conf())).as_ref();
        system.map_err(|error| Unknown::Asked(error.clone()))?.addresses(name).await
    }
}

/// What the machine knows of names.
#[derive(Debug)]
struct System {
    resolver: TokioResolver,
    /// Why no DNS server is known: its hosts file is all that there is.
    unserved: Option<String>,
}

impl System {
    fn over(read: Read) -> Result<Self, NetError> {
        let (servers, options, unserved) = configured(read);
        let runtime = TokioRuntimeProvider::default();
        let mut builder = TokioResolver::builder_with_config(servers, runtime);
        *builder.options_mut() = options;
        builder.options_mut().ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
        Ok(Self { resolver: builder.build()?, unserved })
    }

    async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, Unknown> {
        match self.resolver.lookup_ip(name).await {
            Ok(found) => Ok(found.iter().map(|address| SocketAddr::new(address, 0)).collect()),
            Err(error) => match &self.unserved {
                None => Err(Unknown::Asked(error)),
                Some(why) => Err(Unknown::Unserved { name: name.to_owned(), why: why.clone() }),
            },
        }
    }
}

/// What is said in `/etc/resolv.conf`.
type Read = Result<(ResolverConfig, ResolverOpts), NetError>;

/// The servers that are asked, and why there is none. The library would have public ones in their place.
fn configured(read: Read) -> (ResolverConfig, ResolverOpts, Option<String>) {
    match read {
        Ok((servers, options)) => (servers, options, None),
        Err(error) => {
            let none = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
            (none, ResolverOpts::default(), Some(error.to_string()))
        }
    }
}

/// Why a name has no address.
#[derive(Debug)]
pub enum Unknown {
    /// The servers said so, or nothing.
    Asked(NetError),
    /// There is none to be asked.
    Unserved {
        /// Of whom.
        name: String,
        /// Why none is known.
        why: String,
    },
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked(error) => error.fmt(f),
            Self::Unserved { name, why } => write!(
                f,
                "the name `{name}` cannot be looked up: no DNS server is configured, because /etc/resolv.conf cannot \
                 be read ({why})"
            ),
        }
    }
}

impl std::error::Error for Unknown {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Asked(error) => error.source(),
            Self::Unserved { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_resolver::{config::NameServerConfig, system_conf::parse_resolv_conf};
    use std::net::{IpAddr, Ipv4Addr};
    use tokio::net::UdpSocket;

    /// Nobody is asked whom the operator has not written down, whatever is the matter with the file.
    #[tokio::test]
    async fn without_a_configured_server_nobody_is_asked() {
        let unreadable = || Err(std::io::Error::from(std::io::ErrorKind::NotFound).into());
        for read in [unreadable(), parse_resolv_conf("search acme.example\n")] {
            assert!(read.is_err());
            assert!(configured(read.clone()).0.name_servers().is_empty());
            let system = System::over(read).unwrap();
            let told = system.addresses("api.acme.example").await.unwrap_err().to_string();
            let expected =
                "the name `api.acme.example` cannot be looked up: no DNS server is configured";
            assert!(told.starts_with(expected), "{told}");
            let here = system.addresses("localhost").await.unwrap();
            assert!(here.iter().all(|address| address.ip().is_loopback()) && !here.is_empty());
        }
    }

    #[tokio::test]
    async fn the_configured_server_is_the_one_that_is_asked() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut configured = NameServerConfig::udp(IpAddr::V4(Ipv4Addr::LOCALHOST));
        for connection in &mut configured.connections {
            connection.port = server.local_addr().unwrap().port();
        }
        let servers = ResolverConfig::from_parts(None, Vec::new(), vec![configured]);
        let system = System::over(Ok((servers, ResolverOpts::default()))).unwrap();
        let asked = async {
            let mut packet = [0; 512];
            let (length, _) = server.recv_from(&mut packet).await.unwrap();
            packet.get(..length).unwrap().to_vec()
        };
        let packet = tokio::select! {
            packet = asked => packet,
            told = system.addresses("api.acme.example") => panic!("nobody answered: {told:?}"),
        };
        let name = b"\x03api\x04acme\x07example";
        assert!(packet.windows(name.len()).any(|bytes| bytes == name), "{packet:?}");
    }
}

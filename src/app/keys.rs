//! The table of the configuration's keys. serde reads them by its own types; a test holds the two against
//! each other.

use crate::yaml::shape::{Known, Shape, Takes, may, must};

const LISTEN: Takes = Takes::Like("ADDRESS:PORT", "^.+:[0-9]+$");
/// What jiff reads, of which people write the first form.
const TIME: Takes = Takes::Like("a time such as `10s`, `500ms` or `2m`", "^[0-9P]");
const SECRET_FILE: &str = "{ env: TOKEN }";

/// The key at a path, the names that its author chose on the way.
pub fn at(path: &[&str]) -> Option<&'static Known> {
    let (mut takes, mut known) = (&Takes::Of(&CONFIG), None);
    for step in path {
        if let Takes::Either(kinds) = takes {
            // Of them a map has keys.
            takes = kinds.iter().find(|kind| matches!(kind, Takes::Of(_)))?;
        }
        takes = match takes {
            Takes::Of(shape) | Takes::Tagged(shape) => {
                known = Some(shape.find(step)?);
                &known?.takes
            }
            Takes::Map(_, each) | Takes::List(each) => each,
            _ => return known,
        };
    }
    known
}

/// `scimshim.yaml`
pub static CONFIG: Shape = Shape::new(
    "configuration",
    "a configuration",
    "what one process serves, and to whom",
    &[
        may(
            "public_url",
            Takes::Text,
            "what `Location` and `meta.location` begin with",
            "https://gw.acme.example",
        )
        .or("the listener's own address"),
        may(
            "threads",
            Takes::Whole(1),
            "that work on requests; one serves thousands a second",
            "2",
        )
        .or("`1`"),
        may(
            "server",
            Takes::Of(&SERVER),
            "where SCIM clients reach us",
            "{ listen: \"127.0.0.1:8443\" }",
        ),
        may(
            "admin",
            Takes::Of(&ADMIN),
            "where operators reach us",
            "{ listen: \"127.0.0.1:9091\" }",
        ),
        may("log", Takes::Of(&LOG), "what is logged, and how", "{ format: json }"),
        may(
            "store",
            Takes::Tagged(&STORE),
            "where is kept what a vendor cannot hold",
            "{ sqlite: { path: scimshim.db } }",
        )
        .or("nowhere"),
        may(
            "audit",
            Takes::Of(&AUDIT),
            "where each write leaves a line",
            "{ path: audit.log, key: { env: AUDIT_KEY } }",
        )
        .or("nowhere"),
        may("reload", Takes::Of(&RELOAD), "how changed files are noticed", "{ every: 1m }"),
        must(
            "tenants",
            Takes::Map("name", &Takes::Of(&TENANT)),
            "who is served, by the name in metrics and logs",
            "{ acme: { mapping: acme.yaml, clients: { okta: { bearer: [{ sha256: \
            ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad }] } } } }",
        ),
    ],
);

/// `server:`
pub static SERVER: Shape = Shape::new(
    "server",
    "server",
    "where SCIM clients reach us",
    &[
        may("listen", LISTEN, "address and port; port 0 takes a free one", "\"127.0.0.1:8443\"")
            .or("`127.0.0.1:8080`"),
        may(
            "tls",
            Takes::Of(&TLS),
            "with it HTTPS, HTTP/1.1 and HTTP/2",
            "{ cert: tls.crt, key: tls.key }",
        )
        .or("plain HTTP/1.1"),
        may(
            "plain_off_loopback",
            Takes::Flag,
            "plain HTTP where others can reach it: behind a proxy that has TLS",
            "true",
        )
        .or("`false`"),
        may("limits", Takes::Of(&SERVER_LIMITS), "how much of everything", "{ body: 2097152 }"),
    ],
);

/// `server.tls:`
pub static TLS: Shape = Shape::new(
    "tls",
    "tls",
    "a certificate chain and its key, PEM",
    &[
        must(
            "cert",
            Takes::Text,
            "the server's certificate first, then those that sign it",
            "tls.crt",
        ),
        must("key", Takes::Text, "PKCS#8, PKCS#1 or SEC1, not encrypted", "tls.key"),
    ],
);

/// `server.limits:`
pub static SERVER_LIMITS: Shape = Shape::new(
    "server limits",
    "server.limits",
    "how much of everything",
    &[
        may("connections", Takes::Whole(1), "open at once; more wait", "512").or("`1024`"),
        may("handshake", TIME, "TLS", "5s").or("`10s`"),
        may("first_request", TIME, "from accept to the end of the first request's headers", "5s")
            .or("`10s`"),
        may("idle", TIME, "between requests of one connection", "2m").or("`75s`"),
        may("headers", Takes::Whole(8192), "bytes of a request's headers; more is 431", "16384")
            .or("`32768`"),
        may("body", Takes::Whole(1), "bytes of a request's body; more is 413", "2097152")
            .or("`1048576`"),
        may("bulk_operations", Takes::Whole(1), "in one Bulk; more is 413", "50").or("`100`"),
        may("list_results", Takes::Whole(1), "resources in one answer at most", "1000")
            .or("`100000`"),
        may("body_time", TIME, "for the whole body; slower is 408", "10s").or("`20s`"),
        may("refusal", TIME, "before a wrong credential is answered with 401", "1s").or("`500ms`"),
        may("streams", Takes::Whole(1), "HTTP/2 requests at once on one connection", "50")
            .or("`100`"),
        may("request", TIME, "from headers to answer; below Okta's 60 s", "40s").or("`50s`"),
        may("drain", TIME, "for what is under way after SIGTERM; below Kubernetes' 30 s", "20s")
            .or("`25s`"),
    ],
);

/// `admin:`
pub static ADMIN: Shape = Shape::new(
    "admin",
    "admin",
    "where operators and their tools reach us",
    &[
        may(
            "listen",
            LISTEN,
            "address and port; off loopback only with a token",
            "\"127.0.0.1:9091\"",
        )
        .or("`127.0.0.1:9090`"),
        may(
            "token",
            Takes::Of(&SECRET),
            "what `/metrics`, `/guard` and `/journal` ask for",
            SECRET_FILE,
        ),
    ],
);

/// A secret's place.
pub static SECRET: Shape = Shape::new(
    "secret",
    "a secret",
    "where a secret stands: never in this file",
    &[
        may("env", Takes::Text, "an environment variable", "TOKEN"),
        may("file", Takes::Text, "a file; one newline at its end is not part of it", "token"),
    ],
)
.choosing(&["env", "file"]);

/// `log:`
pub static LOG: Shape = Shape::new(
    "log",
    "log",
    "what is logged, to stderr",
    &[
        may(
            "format",
            Takes::Words(&["text", "json"]),
            "for people, or for what collects logs",
            "json",
        )
        .or("`text`"),
        may(
            "level",
            Takes::Text,
            "`error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,scimshim=debug`",
            "debug",
        )
        .or("`info`"),
    ],
);

/// `store:`
pub static STORE: Shape = Shape::new(
    "engine",
    "store",
    "one engine",
    &[
        may("sqlite", Takes::Of(&SQLITE), "a file of our own", "{ path: scimshim.db }"),
        may(
            "postgres",
            Takes::Of(&POSTGRES),
            "a server, which replicas share",
            "{ url: { env: DATABASE_URL } }",
        ),
    ],
)
.choosing(&["sqlite", "postgres"]);

/// `store.sqlite:`
pub static SQLITE: Shape = Shape::new(
    "sqlite",
    "sqlite",
    "a file of our own",
    &[must("path", Takes::Text, "the database; its folder must be there", "scimshim.db")],
);

/// `store.postgres:`
pub static POSTGRES: Shape = Shape::new(
    "postgres",
    "postgres",
    "a PostgreSQL server",
    &[
        must(
            "url",
            Takes::Of(&SECRET),
            "`postgres://user:password@host/database`; TLS is demanded of hosts elsewhere, unless `?sslmode=` says otherwise",
            "{ env: DATABASE_URL }",
        ),
        may(
            "ca",
            Takes::Text,
            "PEM file of who vouches for the server, beside the system's authorities",
            "postgres-ca.pem",
        ),
        may("connections", Takes::Whole(1), "connections of this replica at most", "4").or("`8`"),
    ],
);

/// `audit:`
pub static AUDIT: Shape = Shape::new(
    "audit",
    "audit",
    "the audit log: a file whose lines are a chain under a key",
    &[
        must("path", Takes::Text, "the file; its folder must be there", "audit.log"),
        must(
            "key",
            Takes::Of(&SECRET),
            "text of at least 32 bytes, which nobody knows who can write the file",
            "{ env: AUDIT_KEY }",
        ),
    ],
);

/// `reload:`
pub static RELOAD: Shape = Shape::new(
    "reload",
    "reload",
    "how changed files are noticed",
    &[may("every", TIME, "how often files are looked at; SIGHUP: at once", "1m").or("`5s`")],
);

/// One entry of `tenants`.
pub static TENANT: Shape = Shape::new(
    "tenant",
    "a tenant",
    "one mapping with its own variables and clients",
    &[
        must(
            "mapping",
            Takes::Text,
            "the mapping file, from the configuration's folder",
            "acme.yaml",
        ),
        may(
            "profile",
            Takes::Words(&["okta", "okta-opp-1.1", "entra", "strict"]),
            "the habits of its clients",
            "entra",
        )
        .or("`okta`"),
        may("path", Takes::Text, "its own base path", "/scim/v2")
            .or("`/scim/v2`, `/scim`, and `/scim/v1` for SCIM 1.1"),
        may(
            "host",
            Takes::Text,
            "the host at which alone it is served, as clients write it in their URL; it stands in `Location` too",
            "gw1.acme.example",
        )
        .or("every host"),
        may(
            "vars",
            Takes::Map(
                "variable",
                &Takes::Either(&[Takes::Text, Takes::List(&Takes::Anything), Takes::Of(&SECRET)]),
            ),
            "what the mapping's `tenant` declares",
            "{ site: north, token: { env: TOKEN } }",
        ),
        may(
            "guard",
            Takes::Either(&[Takes::Words(&["off"]), Takes::Of(&GUARD)]),
            "how many may be deactivated or deleted before the others are held back",
            "{ most: 20, within: 1h }",
        )
        .or("`{ most: 100, within: 1h }`"),
        may(
            "clients",
            Takes::Map("name", &Takes::Of(&CREDENTIALS)),
            "who may call, by the name that logs call them; none where the mapping passes the client's own credential on",
            "{ okta: { bearer: [{ sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad }] } }",
        ),
    ],
);

/// `guard:`
pub static GUARD: Shape = Shape::new(
    "guard",
    "a guard",
    "more deactivations and deletions than this are held back until the time has passed, or an operator says \
     `scimshim guard release`",
    &[
        may("most", Takes::Whole(1), "distinct resources, at most 100,000", "20").or("`100`"),
        may("within", TIME, "for so long each of them counts, at most `24h`", "30m").or("`1h`"),
    ],
);

/// One entry of `clients`.
pub static CREDENTIALS: Shape = Shape::new(
    "credentials",
    "a client",
    "how one client proves who it is; several hashes at once, so that one is changed without a gap",
    &[
        may(
            "bearer",
            Takes::List(&Takes::Of(&TOKEN)),
            "tokens, made by `scimshim token new`",
            "[{ sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad }]",
        ),
        may(
            "basic",
            Takes::List(&Takes::Of(&PASSWORD)),
            "users with their password",
            "[{ user: okta, sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad }]",
        ),
    ],
);

const SHA256: Known = must(
    "sha256",
    Takes::Like("64 hexadecimal digits", "^[0-9a-fA-F]{64}$"),
    "the hash of it, made by `scimshim token hash`",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
);
const UNTIL: Known = may(
    "until",
    Takes::Like("a day such as `2027-01-31`", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    "the last day, in UTC, on which it is taken",
    "2099-01-31",
);

/// One entry of `bearer`.
pub static TOKEN: Shape = Shape::new("token", "a token", "one token", &[SHA256, UNTIL]);

/// One entry of `basic`.
pub static PASSWORD: Shape = Shape::new(
    "password",
    "a password",
    "one user's password",
    &[must("user", Takes::Text, "without a colon", "okta"), SHA256, UNTIL],
);

//! A PostgreSQL server of the tests' own, in a temporary folder and on a socket there. It runs as somebody who is not
//! root, is started again when it ends, and ends for good with this process, however that ends.

use scimshim::store::postgres::Address;
use std::{
    env,
    fs::{self, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// Where a test's parent has its server.
pub const SOCKET: &str = "POSTGRES_SOCKET";
/// Set where the tests may not be skipped.
const REQUIRED: &str = "POSTGRES_REQUIRED";

/// A server that runs.
pub struct Server {
    /// The folder of its socket.
    pub folder: PathBuf,
    // It ends when its input does. None: it is the parent's.
    _guard: Option<Child>,
}

/// The one of this process; nothing where PostgreSQL is not installed, which is said once.
pub fn running() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let started = SERVER.get_or_init(|| {
        if let Some(folder) = env::var_os(SOCKET) {
            return Some(Server { folder: folder.into(), _guard: None });
        }
        Server::start("postgres")
    });
    started.as_ref()
}

/// Where `initdb` and `postgres` are: on the path, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|version| version.path().join("bin"));
    let complete =
        |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).exists());
    env::split_paths(&path).chain(debian).find(complete)
}

impl Server {
    /// One beside all others; nothing where PostgreSQL is not installed, which is said.
    pub fn start(name: &str) -> Option<Self> {
        Self::told(name, &[])
    }

    /// The same that is told more, as in its file: `ssl = on`.
    pub fn told(name: &str, options: &[String]) -> Option<Self> {
        let programs = programs();
        if programs.is_none() {
            assert!(env::var_os(REQUIRED).is_none(), "PostgreSQL is not installed");
            // Past what holds back the output of a test that passes.
            let told = "PostgreSQL is not installed: its part of these tests is not run";
            let _ = writeln!(io::stderr(), "{told}");
        }
        Some(Self::of(&programs?, name, options))
    }

    fn of(programs: &Path, name: &str, options: &[String]) -> Self {
        let folder = env::temp_dir().join(format!("scimshim-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let user = somebody();
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).unwrap();
        }
        let as_user = |command: &mut Command| {
            if let Some((uid, gid)) = user {
                command.uid(uid).gid(gid);
            }
        };
        let data = folder.join("data");
        let mut initdb = Command::new(programs.join("initdb"));
        initdb.args(["--auth=trust", "--username=scimshim", "--encoding=UTF8", "--locale=C"]);
        initdb.args(["--no-sync", "--pgdata"]).arg(&data).current_dir(&folder);
        as_user(&mut initdb);
        let made = initdb.output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        // Where ALTER SYSTEM writes as well: what a command line says could not be changed while it runs.
        let usual = ["listen_addresses = ''", "max_connections = 400", "shared_buffers = 16MB"];
        // Of two that say the same the last counts.
        let all = usual.into_iter().chain(options.iter().map(String::as_str));
        let told: String = all.map(|option| format!("{option}\n")).collect();
        let mut file =
            OpenOptions::new().append(true).open(data.join("postgresql.auto.conf")).unwrap();
        file.write_all(told.as_bytes()).unwrap();
        // The shell outlives this process for as long as it takes to stop the server and to tidy up.
        let mut server = Command::new("sh");
        server.args(["-c", SERVE, "sh"]).arg(programs.join("postgres")).args([&data, &folder]);
        server.current_dir(&folder).stdin(Stdio::piped()).stderr(Stdio::piped());
        as_user(&mut server);
        let mut child = server.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = |line: Result<String, _>| {
            line.is_ok_and(|line| line.contains("ready to accept connections"))
        };
        assert!(lines.by_ref().any(ready), "the server does not start");
        // Its log is read to the end, or it would wait for us.
        std::thread::spawn(move || lines.for_each(drop));
        Self { folder, _guard: Some(child) }
    }

    /// The address of a database, which is made when it is not there.
    pub async fn database(&self, name: &str) -> Address {
        let admin = self.url("postgres").parse::<tokio_postgres::Config>().unwrap();
        let (client, connection) = admin.connect(tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let there = "SELECT 1 FROM pg_database WHERE datname = $1";
        if client.query(there, &[&name]).await.unwrap().is_empty() {
            client.batch_execute(&format!("CREATE DATABASE \"{name}\"")).await.unwrap();
        }
        Address::of(&self.url(name), None, None).unwrap()
    }

    /// As an operator writes it.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgres://scimshim@{folder}/{database}")
    }
}

/// Serves until its input ends, and leaves nothing behind. A server that was made to end is started again.
const SERVE: &str = r#"
    server=$1 data=$2 socket=$3
    {
        while [ ! -e "$socket/ends" ]; do
            "$server" -D "$data" -k "$socket" <&-
        done
        touch "$socket/ended"
    } &
    cat >/dev/null
    touch "$socket/ends"
    while [ ! -e "$socket/ended" ]; do
        kill -INT "$(head -n 1 "$data/postmaster.pid")"
        sleep 0.1
    done 2>/dev/null
    rm -rf "$socket"
"#;

/// Whoever the server is run as, where we are root: it refuses to be.
pub fn somebody() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(|id| id.parse().unwrap());
        Some((fields.next()?, fields.next()?))
    };
    Some(ids("postgres").or_else(|| ids("nobody")).unwrap_or((65_534, 65_534)))
}

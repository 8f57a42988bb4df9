//! A port, served until told to stop, then drained: no new connections, and those that have a call under way get their
//! answer. What a stranger can keep open is bounded: how long the head of a request takes, how large it is, and how many
//! connections there are. Those who say nothing make room for those who come.

use std::convert::Infallible;
use std::fs;
use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum_server::{Handle, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::service_fn;

use crate::connections::{Acceptor, Connections, Served};

/// Largest head of an HTTP/1 request, and most that an HTTP/2 connection sends ahead of being read.
const WINDOW: u16 = u16::MAX;
/// Most requests at once on one HTTP/2 connection.
const STREAMS: u32 = 64;
/// How often a silent HTTP/2 connection is asked whether its client is still there.
const ALIVE: Duration = Duration::from_secs(20);

/// What a port bears.
#[derive(Clone, Copy)]
struct Bounds {
    /// Longest time for the head of a connection's first request: whoever connects has something to say.
    first_head: Duration,
    /// The same for each further one, the wait for it included: an idle connection ends with it. Longer than the minute for
    /// which proxies keep theirs, or they would send a call into a connection that just ends.
    next_head: Duration,
    /// Most connections. For a further one the longest idle one is closed; where there is none it waits in the system's
    /// backlog.
    connections: usize,
}

/// Where the process may have enough files open.
const BOUNDS: Bounds = Bounds {
    first_head: Duration::from_secs(10),
    next_head: Duration::from_secs(75),
    connections: 1024,
};

impl Bounds {
    /// With no more connections than leave files for the other port, and for all else that the process opens.
    fn within(self, limits: &str) -> Self {
        let files = limits.lines().find_map(|line| {
            let most = line.strip_prefix("Max open files")?;
            most.split_whitespace().next()?.parse::<usize>().ok()
        });
        let connections = files.map_or(self.connections, |files| self.connections.min(files / 3));
        Self {
            connections,
            ..self
        }
    }
}

/// An address that could not be taken.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

/// How a port's service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every answer was given.
    Whole,
    /// Time was up with calls still under way.
    Cut,
}

/// Takes an address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ListenError { address, source })
}

/// The address that was taken, with the port that the system chose where none was asked for.
pub fn address(listener: &TcpListener) -> Option<String> {
    listener
        .local_addr()
        .ok()
        .map(|address| address.to_string())
}

/// Once `stop` has come, each answer is the last on its connection and says so. A connection that is closed without a word
/// takes the call with it that its client is just sending.
pub fn saying_farewell(router: Router, stop: CancellationToken) -> Router {
    router.layer(map_response(move |mut response: Response| {
        if stop.is_cancelled() {
            let headers = response.headers_mut();
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        ready(response)
    }))
}

/// Serves `router` until `stop`, then for at most `drain` what is under way.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    drain: Duration,
) -> Drained {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    serve_within(BOUNDS.within(&limits), listener, router, stop, drain).await
}

async fn serve_within(
    bounds: Bounds,
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    drain: Duration,
) -> Drained {
    let handle = Handle::new();
    let mut server = Server::<SocketAddr>::from_listener(listener)
        .acceptor(Acceptor)
        .first_request_timeout(bounds.first_head)
        .handle(handle.clone());
    let builder = server.http_builder();
    builder
        .http1()
        .header_read_timeout(bounds.next_head)
        .max_buf_size(WINDOW.into());
    builder
        .http2()
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(u32::from(WINDOW))
        .initial_connection_window_size(u32::from(WINDOW))
        .keep_alive_interval(ALIVE);

    let connections = Arc::new(Connections::new(bounds.connections));
    // No connection is accepted while the one before it waits for a place.
    let connection = service_fn(move |peer| {
        let (connections, router) = (Arc::clone(&connections), router.clone());
        async move {
            let connection = connections.enter().await;
            Ok::<_, Infallible>(Served::new(router, peer, connection))
        }
    });
    let time_is_up = async {
        stop.cancelled().await;
        handle.graceful_shutdown(None);
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        _ = server.serve(connection) => Drained::Whole,
        () = time_is_up => {
            handle.shutdown();
            Drained::Cut
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    const HANGS: Duration = Duration::from_secs(20);

    struct Port {
        address: SocketAddr,
        stop: CancellationToken,
        serving: JoinHandle<Drained>,
    }

    impl Port {
        async fn open(bounds: Bounds, router: Router) -> Self {
            Self::drained(HANGS, bounds, router).await
        }

        async fn drained(drain: Duration, bounds: Bounds, router: Router) -> Self {
            let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
            let address = listener.local_addr().unwrap();
            let stop = CancellationToken::new();
            let serving = serve_within(bounds, listener, router, stop.clone(), drain);
            Self {
                address,
                stop,
                serving: tokio::spawn(serving),
            }
        }

        async fn send(&self, bytes: &[u8]) -> TcpStream {
            let mut connection = TcpStream::connect(self.address).await.unwrap();
            connection.write_all(bytes).await.unwrap();
            connection
        }
    }

    fn hello() -> Router {
        Router::new().route("/", get(async || "hello"))
    }

    /// What comes until the other side closes.
    async fn all(mut connection: TcpStream) -> String {
        let mut bytes = Vec::new();
        // An error is an end too: what we sent was not read.
        let _ = timeout(HANGS, connection.read_to_end(&mut bytes))
            .await
            .unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    async fn answered(connection: &mut TcpStream) {
        let mut bytes = [0; 12];
        let read = timeout(HANGS, connection.read_exact(&mut bytes)).await;
        read.unwrap().unwrap();
        assert_eq!(&bytes, b"HTTP/1.1 200");
    }

    #[test]
    fn connections_do_not_take_all_the_files_that_a_process_may_open() {
        let limits = |files: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units     \n\
                 Max processes             7                    7                    processes \n\
                 Max open files            {files}              524288               files     \n"
            )
        };
        for (files, connections) in [("1024", 341), ("1048576", 1024), ("unlimited", 1024)] {
            let bounds = BOUNDS.within(&limits(files));
            assert_eq!(bounds.connections, connections, "{files}");
        }
        assert_eq!(BOUNDS.within("").connections, 1024);
    }

    #[tokio::test]
    async fn a_connection_that_does_not_say_all_of_its_head_is_closed() {
        let head = Duration::from_millis(100);
        let bounds = Bounds {
            first_head: head,
            next_head: head,
            ..BOUNDS
        };
        let port = Port::open(bounds, hello()).await;
        for half in [
            "",
            "P",
            "POST / HTTP/1.1\r\nhost: x",
            "PRI * HTTP/2.0\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ] {
            let answer = all(port.send(half.as_bytes()).await).await;
            assert!(!answer.starts_with("HTTP/1.1 2"), "{half}: {answer}");
        }
        // The same for a head that would follow an answer.
        let half = [REQUEST, b"GET / HT"].concat();
        assert!(all(port.send(&half).await).await.ends_with("hello"));
    }

    #[tokio::test]
    async fn an_answer_may_take_longer_than_a_head() {
        let bounds = Bounds {
            first_head: Duration::from_millis(50),
            next_head: Duration::from_millis(50),
            ..BOUNDS
        };
        let slow = get(async || tokio::time::sleep(Duration::from_millis(200)).await);
        let port = Port::open(bounds, Router::new().route("/", slow)).await;
        answered(&mut port.send(REQUEST).await).await;
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_is_refused() {
        let port = Port::open(BOUNDS, hello()).await;
        let head = format!("GET / HTTP/1.1\r\nx: {}", "x".repeat(WINDOW.into()));
        let answer = all(port.send(head.as_bytes()).await).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }

    #[tokio::test]
    async fn a_connection_may_be_silent_for_longer_once_it_has_had_an_answer() {
        let bounds = Bounds {
            first_head: Duration::from_millis(100),
            ..BOUNDS
        };
        let port = Port::open(bounds, hello()).await;
        let silent = port.send(b"").await;
        let mut kept = port.send(REQUEST).await;
        answered(&mut kept).await;
        assert_eq!(all(silent).await, "");
        let again = [REQUEST, b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n"].concat();
        kept.write_all(&again).await.unwrap();
        assert_eq!(all(kept).await.matches("hello").count(), 3);
    }

    #[tokio::test]
    async fn the_longest_idle_connection_makes_room_for_a_newcomer() {
        let bounds = Bounds {
            connections: 3,
            ..BOUNDS
        };
        let port = Port::open(bounds, hello()).await;
        let mut kept = port.send(REQUEST).await;
        answered(&mut kept).await;
        let (first, mut second) = (port.send(b"").await, port.send(b"").await);
        tokio::time::sleep(Duration::from_millis(50)).await;
        // The oldest of them, but not the one that has been silent for longest.
        kept.write_all(REQUEST).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        answered(&mut port.send(REQUEST).await).await;
        assert_eq!(all(first).await, "");
        second.write_all(REQUEST).await.unwrap();
        answered(&mut second).await;
        kept.write_all(REQUEST).await.unwrap();
        let mut rest = [0; 512];
        assert!(kept.read(&mut rest).await.unwrap() > 0);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_makes_room_too() {
        let bounds = Bounds {
            connections: 1,
            ..BOUNDS
        };
        let large = get(async || vec![b'x'; 64 * 1024 * 1024]);
        let port = Port::open(bounds, hello().route("/large", large)).await;
        let _unread = port.send(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        answered(&mut port.send(REQUEST).await).await;
    }

    #[tokio::test]
    async fn a_newcomer_waits_where_all_connections_have_a_call() {
        let bounds = Bounds {
            connections: 1,
            ..BOUNDS
        };
        let (called, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (call, wait) = (Arc::clone(&called), Arc::clone(&go_on));
        let held = get(async move || {
            call.notify_one();
            wait.notified().await;
        });
        let port = Port::open(bounds, hello().route("/held", held)).await;
        let mut first = port.send(b"GET /held HTTP/1.1\r\nhost: x\r\n\r\n").await;
        called.notified().await;
        let mut second = port.send(REQUEST).await;
        let early = timeout(Duration::from_millis(100), second.readable()).await;
        assert!(early.is_err());
        go_on.notify_one();
        answered(&mut first).await;
        // It is idle now, and makes room.
        answered(&mut second).await;
    }

    #[tokio::test]
    async fn connections_without_a_call_do_not_hold_up_the_end() {
        let port = Port::open(BOUNDS, hello()).await;
        let mut kept = port.send(REQUEST).await;
        answered(&mut kept).await;
        let _idle = port.send(b"").await;
        port.stop.cancel();
        assert_eq!(port.serving.await.unwrap(), Drained::Whole);
    }

    #[tokio::test]
    async fn a_call_that_does_not_end_is_cut_when_time_is_up() {
        let called = Arc::new(Notify::new());
        let call = Arc::clone(&called);
        let never = get(async move || {
            call.notify_one();
            pending::<()>().await;
        });
        let drain = Duration::from_millis(50);
        let port = Port::drained(drain, BOUNDS, Router::new().route("/", never)).await;
        let connection = port.send(REQUEST).await;
        called.notified().await;
        port.stop.cancel();
        assert_eq!(port.serving.await.unwrap(), Drained::Cut);
        assert_eq!(all(connection).await, "");
    }
}

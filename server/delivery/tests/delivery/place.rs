//! A destination of the tests: real HTTP over loopback, and told how to behave.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How a request is met.
#[derive(Clone)]
pub enum Manner {
    /// With this status and these header lines.
    Answer(u16, &'static str),
    /// Never.
    Silence,
    /// By breaking the connection.
    Reset,
    /// With 200 and a body without end.
    Endless,
}

pub const OK: Manner = Manner::Answer(202, "");

/// What came.
#[derive(Clone)]
pub struct Came {
    /// Request line and headers.
    pub head: String,
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Seen {
    came: Mutex<Vec<Came>>,
    next: Mutex<VecDeque<Manner>>,
    always: Mutex<Option<Manner>>,
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Listens until it is dropped.
pub struct Place {
    pub address: SocketAddr,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

impl Place {
    pub async fn open() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    pub async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Seen>::default();
        let here = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&here)));
            }
        });
        Self {
            address,
            seen,
            task,
        }
    }

    /// An address at which nobody listens.
    pub async fn nowhere() -> SocketAddr {
        Self::open().await.address
    }

    /// How the next requests are met; those after them with 202.
    pub fn next(&self, manners: impl IntoIterator<Item = Manner>) {
        self.seen.next.lock().unwrap().extend(manners);
    }

    /// How all further requests are met.
    pub fn always(&self, manner: Manner) {
        *self.seen.always.lock().unwrap() = Some(manner);
    }

    pub fn came(&self) -> Vec<Came> {
        self.seen.came.lock().unwrap().clone()
    }

    /// The lines of all bodies.
    pub fn lines(&self) -> Vec<String> {
        let text = |came: Came| String::from_utf8(came.body).unwrap();
        let bodies: Vec<String> = self.came().into_iter().map(text).collect();
        bodies
            .iter()
            .flat_map(|body| body.lines())
            .map(str::to_owned)
            .collect()
    }

    /// Most requests that were here at the same time; begins anew.
    pub fn most_at_once(&self) -> usize {
        self.seen.most.swap(0, Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Seen>) {
    while let Some(came) = read(&mut stream).await {
        seen.came.lock().unwrap().push(came);
        let now = seen.now.fetch_add(1, Ordering::Relaxed) + 1;
        seen.most.fetch_max(now, Ordering::Relaxed);
        // All that were sent at the same time are here before any is answered.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        let next = seen.next.lock().unwrap().pop_front();
        let always = seen.always.lock().unwrap().clone();
        let goes_on = answer(&mut stream, next.or(always).unwrap_or(OK)).await;
        seen.now.fetch_sub(1, Ordering::Relaxed);
        if !goes_on {
            return;
        }
    }
}

async fn answer(stream: &mut TcpStream, manner: Manner) -> bool {
    match manner {
        Manner::Answer(status, headers) => {
            let text = format!("HTTP/1.1 {status} Said\r\ncontent-length: 2\r\n{headers}\r\n{{}}");
            stream.write_all(text.as_bytes()).await.is_ok()
        }
        Manner::Silence => {
            // Until the other side goes away.
            let _ = stream.read(&mut [0]).await;
            false
        }
        Manner::Reset => {
            stream.set_zero_linger().unwrap();
            false
        }
        Manner::Endless => {
            let head = b"HTTP/1.1 200 Said\r\ntransfer-encoding: chunked\r\n\r\n";
            let mut going = stream.write_all(head).await.is_ok();
            while going {
                let chunk = [b"1000\r\n", [b'x'; 0x1000].as_slice(), b"\r\n"].concat();
                going = stream.write_all(&chunk).await.is_ok();
            }
            false
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Came> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.ok()?;
    Some(Came { head, body })
}

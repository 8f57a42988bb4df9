//! The connections of a port. There is an end to their number, but a newcomer is not kept waiting by those who say
//! nothing: at the bound the connection that has been without a call for longest is closed in their favour.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::io::{self, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use axum_server::accept::Accept;
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tower::Service;

/// Who is connected to a port.
pub struct Connections {
    most: usize,
    open: Mutex<Open>,
    /// One has ended, or has no call any more.
    changed: Notify,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, State>,
}

struct State {
    calls: usize,
    idle_since: Instant,
    close: CancellationToken,
}

impl Connections {
    /// With room for `most`.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            open: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Waits for room, which is made where a connection is idle. One waits at a time.
    pub async fn enter(self: &Arc<Self>) -> Connection {
        loop {
            if let Some(connection) = self.try_enter() {
                return connection;
            }
            self.changed.notified().await;
        }
    }

    fn try_enter(self: &Arc<Self>) -> Option<Connection> {
        let mut open = self.open();
        if open.connections.len() >= self.most {
            open.close_longest_idle();
            return None;
        }
        let number = open.next;
        open.next += 1;
        let close = CancellationToken::new();
        let state = State {
            calls: 0,
            idle_since: Instant::now(),
            close: close.clone(),
        };
        open.connections.insert(number, state);
        Some(Connection {
            connections: Arc::clone(self),
            number,
            close,
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn close_longest_idle(&mut self) {
        let states = || self.connections.values();
        // Whoever is on the way out makes room in a moment.
        if states().any(|state| state.close.is_cancelled()) {
            return;
        }
        let idle = states().filter(|state| state.calls == 0);
        if let Some(longest) = idle.min_by_key(|state| state.idle_since) {
            longest.close.cancel();
        }
    }
}

/// A connection's place, until this is dropped.
pub struct Connection {
    connections: Arc<Connections>,
    number: u64,
    close: CancellationToken,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.connections.open().connections.remove(&self.number);
        self.connections.changed.notify_one();
    }
}

/// A call on a connection, from its head to the last byte of its answer.
struct UnderWay(Arc<Connection>);

impl UnderWay {
    fn new(connection: &Arc<Connection>) -> Self {
        let mut open = connection.connections.open();
        if let Some(state) = open.connections.get_mut(&connection.number) {
            state.calls += 1;
        }
        Self(Arc::clone(connection))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let connections = &self.0.connections;
        if let Some(state) = connections.open().connections.get_mut(&self.0.number) {
            state.calls -= 1;
            state.idle_since = Instant::now();
        }
        connections.changed.notify_one();
    }
}

/// What answers on one connection.
#[derive(Clone)]
pub struct Served {
    router: Router,
    peer: SocketAddr,
    connection: Arc<Connection>,
}

impl Served {
    /// `router`, which is told who is at the other end.
    pub fn new(router: Router, peer: SocketAddr, connection: Connection) -> Self {
        Self {
            router,
            peer,
            connection: Arc::new(connection),
        }
    }
}

impl<B> Service<Request<B>> for Served
where
    B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<B>>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let under_way = UnderWay::new(&self.connection);
        let answering = self.router.call(request);
        Box::pin(async move {
            let response = answering.await?;
            Ok(response.map(|body| {
                Body::new(Answer {
                    body,
                    _under_way: under_way,
                })
            }))
        })
    }
}

/// The body of an answer: with it the call ends.
struct Answer {
    body: Body,
    _under_way: UnderWay,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Gives each connection a stream that can be closed from our side.
#[derive(Clone, Copy)]
pub struct Acceptor;

impl Accept<TcpStream, Served> for Acceptor {
    type Stream = Closable;
    type Service = Served;
    type Future = Ready<io::Result<(Closable, Served)>>;

    fn accept(&self, stream: TcpStream, served: Served) -> Self::Future {
        // Answers are one small write: they must not wait for more.
        let no_delay = stream.set_nodelay(true);
        let closed = served.connection.close.clone().cancelled_owned();
        let closed = Box::pin(closed);
        ready(no_delay.map(|()| (Closable { stream, closed }, served)))
    }
}

/// A stream that fails once it is to be closed, also for whom it lets wait.
pub struct Closable {
    stream: TcpStream,
    closed: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Closable {
    fn open(&mut self, context: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        match self.closed.as_mut().poll(context) {
            Poll::Ready(()) => Err(ErrorKind::ConnectionAborted.into()),
            Poll::Pending => Ok(Pin::new(&mut self.stream)),
        }
    }
}

impl AsyncRead for Closable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.open(context)?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Closable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.open(context)?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.open(context)?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open(context)?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

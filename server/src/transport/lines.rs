//! Messages on standard input, a line each. The protocol's library passes over a line that is not JSON without a word, and
//! whoever sent it waits for an answer: here it gets one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rmcp::model::ErrorData;
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::transport::async_rw::AsyncRwTransport;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Longest line. A report of many earlier answers is long, and none is as long as this.
const LONGEST: usize = 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The library's own transport, which also answers what is no message.
pub struct Lines<R: AsyncRead + Unpin, W: AsyncWrite> {
    messages: AsyncRwTransport<RoleServer, Watched<R>, W>,
    spoilt: UnboundedReceiver<()>,
    /// Whether a line waits for its answer: what waits for lines may be told to stop at any time.
    owing: bool,
}

impl<R, W> Lines<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    /// Lines in and out.
    pub fn new((read, write): (R, W)) -> Self {
        let (tell, spoilt) = unbounded_channel();
        let read = Watched {
            inner: read,
            line: Vec::new(),
            too_long: false,
            tell,
        };
        let messages = AsyncRwTransport::new_server(read, write).with_max_line_length(LONGEST);
        Self {
            messages,
            spoilt,
            owing: false,
        }
    }

    /// Answers the line that waits, if one does.
    async fn answer(&mut self) -> io::Result<()> {
        if self.owing {
            let error = ErrorData::parse_error("this line is not JSON, or longer than 1 MiB", None);
            self.messages
                .send(TxJsonRpcMessage::<RoleServer>::error(error, None))
                .await?;
            self.owing = false;
        }
        Ok(())
    }
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        self.messages.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            self.answer().await.ok()?;
            let message = tokio::select! {
                biased;
                Some(()) = self.spoilt.recv() => {
                    self.owing = true;
                    continue;
                }
                message = self.messages.receive() => message,
            };
            if message.is_some() {
                return message;
            }
            // The last line of a client that has left: what reads its answer may still be there.
            while self.spoilt.try_recv().is_ok() {
                self.owing = true;
                self.answer().await.ok()?;
            }
            return None;
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.messages.close().await
    }
}

/// What is read, looked at line by line on its way.
struct Watched<R> {
    inner: R,
    line: Vec<u8>,
    too_long: bool,
    tell: UnboundedSender<()>,
}

impl<R> Watched<R> {
    fn look_at(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.keep(&bytes[..end]);
            if self.too_long || !is_json_or_nothing(&self.line) {
                // Where nobody listens any more the conversation is over.
                let _ = self.tell.send(());
            }
            self.line.clear();
            self.too_long = false;
            bytes = &bytes[end + 1..];
        }
        self.keep(bytes);
    }

    fn keep(&mut self, bytes: &[u8]) {
        // With the line's end, which counts for the library.
        self.too_long |= self.line.len() + bytes.len() >= LONGEST;
        if self.too_long {
            self.line = Vec::new();
        } else {
            self.line.extend_from_slice(bytes);
        }
    }
}

/// As the library reads a line.
fn is_json_or_nothing(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    line.is_empty() || serde_json::from_slice::<Value>(text).is_ok()
}

impl<R: AsyncRead + Unpin> AsyncRead for Watched<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        self.look_at(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

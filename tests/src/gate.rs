//! A way to a destination that can be spoilt: what is sent through it is kept, and whoever sends meets a destination that
//! is slow, gone, broken or failing for as long as the tests want.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// Most bytes of what was sent that are kept.
const KEPT: usize = 256 << 20;

/// What a sender meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The destination itself.
    Open,
    /// Connections that are taken and never answered.
    Silent,
    /// Nobody listens.
    Refused,
    /// Connections that are reset.
    Reset,
    /// A server that answers 500 to everything.
    Failing,
}

impl Mode {
    /// All that are no way through.
    pub const SPOILT: [Self; 4] = [Self::Silent, Self::Refused, Self::Reset, Self::Failing];
}

/// The way; it ends with the value.
pub struct Gate {
    /// Where senders are to send.
    pub address: SocketAddr,
    mode: watch::Sender<Mode>,
    sent: Arc<Mutex<Vec<u8>>>,
    keeper: JoinHandle<()>,
}

impl Gate {
    /// Listens on a free port of `ip` and leads to `target`.
    pub async fn to(target: SocketAddr, ip: IpAddr) -> Result<Self> {
        let listener = TcpListener::bind((ip, 0)).await.context("no free port")?;
        let address = listener.local_addr()?;
        let (mode, watched) = watch::channel(Mode::Open);
        let sent = Arc::<Mutex<Vec<u8>>>::default();
        let keeper = tokio::spawn(keep(listener, target, watched, Arc::clone(&sent)));
        Ok(Self {
            address,
            mode,
            sent,
            keeper,
        })
    }

    /// From now on senders meet this; connections that are open end.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Everything that was sent through so far, as it went over the wire.
    pub fn sent(&self) -> Vec<u8> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.clone()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

async fn keep(
    listener: TcpListener,
    target: SocketAddr,
    mut mode: watch::Receiver<Mode>,
    sent: Arc<Mutex<Vec<u8>>>,
) {
    let Ok(address) = listener.local_addr() else {
        return;
    };
    let mut listener = Some(listener);
    loop {
        let now = *mode.borrow_and_update();
        // Dropped when the mode changes: their connections end.
        let mut connections = JoinSet::new();
        if now == Mode::Refused {
            listener = None;
            if mode.changed().await.is_err() {
                return;
            }
            continue;
        }
        let listening = if let Some(listening) = listener.take() {
            listening
        } else if let Ok(listening) = TcpListener::bind(address).await {
            listening
        } else {
            // Another one has the port for a moment.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        loop {
            tokio::select! {
                changed = mode.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    break;
                }
                Ok((stream, _)) = listening.accept() => {
                    connections.spawn(meet(stream, target, now, Arc::clone(&sent)));
                }
            }
        }
        listener = Some(listening);
    }
}

async fn meet(mut stream: TcpStream, target: SocketAddr, mode: Mode, sent: Arc<Mutex<Vec<u8>>>) {
    match mode {
        Mode::Open => {
            let _ = pass(stream, target, &sent).await;
        }
        Mode::Silent => {
            let mut ignored = vec![0; 64 * 1024];
            while stream.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
        }
        Mode::Reset | Mode::Refused => {
            let _ = stream.set_zero_linger();
        }
        Mode::Failing => {
            let mut head = vec![0; 64 * 1024];
            let _ = stream.read(&mut head).await;
            let answer = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes()).await;
            // Until the sender is done: a close before that would be a reset.
            while stream.read(&mut head).await.is_ok_and(|read| read > 0) {}
        }
    }
}

async fn pass(stream: TcpStream, target: SocketAddr, sent: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let destination = TcpStream::connect(target).await?;
    let (mut from, mut back) = stream.into_split();
    let (mut answers, mut to) = destination.into_split();
    let there = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = from.read(&mut buffer).await?;
            if read == 0 {
                return to.shutdown().await;
            }
            {
                let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
                if sent.len() + read <= KEPT {
                    sent.extend(&buffer[..read]);
                }
            }
            to.write_all(&buffer[..read]).await?;
        }
    };
    let answered = tokio::io::copy(&mut answers, &mut back);
    let (there, answered) = tokio::join!(there, answered);
    there.and(answered.map(drop))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    async fn answer(address: SocketAddr) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await?;
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    #[tokio::test]
    async fn a_gate_opens_again_after_everything_that_it_can_be() {
        let target = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = target.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = target.accept().await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
            }
        });
        let gate = Gate::to(address, Ipv4Addr::LOCALHOST.into()).await.unwrap();
        for mode in Mode::SPOILT {
            gate.set(mode);
            let spoilt = crate::eventually(crate::SOON, "it is spoilt", async || {
                let met = tokio::time::timeout(Duration::from_millis(300), answer(gate.address));
                if let Ok(Ok(answer)) = met.await {
                    anyhow::ensure!(!answer.ends_with("200"), "still open");
                }
                Ok(())
            });
            spoilt.await.unwrap();
            gate.set(Mode::Open);
            let open = crate::eventually(crate::SOON, "it is open", async || {
                let answer = answer(gate.address).await?;
                anyhow::ensure!(answer.ends_with("200"), "{answer}");
                Ok(())
            });
            open.await.unwrap();
        }
        assert!(gate.sent().starts_with(b"GET / HTTP/1.1"));
    }
}

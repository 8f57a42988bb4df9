//! Proxies of a few lines, on loopback, that want a password: HTTP (forwarding and CONNECT) and SOCKS5.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// `ana:p@ss`, as HTTP sends it.
const BASIC: &str = "Basic YW5hOnBAc3M=";

/// A proxy.
pub struct Proxy {
    address: String,
    scheme: &'static str,
    /// Connections whose password was right.
    served: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    connects: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
}

impl Proxy {
    pub async fn http() -> Self {
        Self::start("http", Duration::ZERO).await
    }

    pub async fn socks() -> Self {
        Self::start("socks5h", Duration::ZERO).await
    }

    /// One that takes so long before it does anything.
    pub async fn slow(delay: Duration) -> Self {
        Self::start("http", delay).await
    }

    async fn start(scheme: &'static str, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap().to_string(),
            scheme,
            served: Arc::default(),
            refused: Arc::default(),
            connects: Arc::default(),
            broken: Arc::default(),
        };
        let counts = (
            Arc::clone(&proxy.served),
            Arc::clone(&proxy.refused),
            Arc::clone(&proxy.connects),
        );
        let broken = Arc::clone(&proxy.broken);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if broken.load(Ordering::SeqCst) {
                    continue;
                }
                let (served, refused, connects) = counts.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    let target = match scheme {
                        "http" => forward(client, &connects).await,
                        _ => socks(client).await,
                    };
                    let Some((mut client, mut target)) = target else {
                        refused.fetch_add(1, Ordering::SeqCst);
                        return;
                    };
                    served.fetch_add(1, Ordering::SeqCst);
                    let _ = copy_bidirectional(&mut client, &mut target).await;
                });
            }
        });
        proxy
    }

    /// Its line, with the right password.
    pub fn line(&self) -> String {
        format!("{}://ana:p%40ss@{}", self.scheme, self.address)
    }

    /// Its line, with a wrong one.
    pub fn wrong_line(&self) -> String {
        format!("{}://ana:other@{}", self.scheme, self.address)
    }

    /// Its name in metrics.
    pub fn name(&self) -> &str {
        &self.address
    }

    /// From now on it drops every new connection, or no longer does.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    pub fn served(&self) -> usize {
        self.served.load(Ordering::SeqCst)
    }

    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    pub fn connects(&self) -> usize {
        self.connects.load(Ordering::SeqCst)
    }
}

/// Reads the first head, checks the password, and connects to where it leads.
async fn forward(mut client: TcpStream, connects: &AtomicUsize) -> Option<(TcpStream, TcpStream)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    let text = String::from_utf8(head.clone()).ok()?;
    let said = text.lines().any(|line| {
        line.to_ascii_lowercase()
            .starts_with("proxy-authorization:")
            && line.ends_with(BASIC)
    });
    if !said {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
        let _ = client.write_all(refusal).await;
        return None;
    }
    let mut words = text.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    if method == "CONNECT" {
        connects.fetch_add(1, Ordering::SeqCst);
        let site = TcpStream::connect(target).await.ok()?;
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
        return Some((client, site));
    }
    let host = target.strip_prefix("http://")?.split('/').next()?;
    let mut site = TcpStream::connect(host).await.ok()?;
    site.write_all(&head).await.ok()?;
    Some((client, site))
}

/// RFC 1928 and 1929, as far as a name or an IPv4 address and a password go.
async fn socks(mut client: TcpStream) -> Option<(TcpStream, TcpStream)> {
    let mut start = [0; 2];
    client.read_exact(&mut start).await.ok()?;
    let mut methods = vec![0; start[1].into()];
    client.read_exact(&mut methods).await.ok()?;
    if !methods.contains(&2) {
        client.write_all(&[5, 0xff]).await.ok()?;
        return None;
    }
    client.write_all(&[5, 2]).await.ok()?;
    client.read_u8().await.ok()?;
    let mut said = Vec::new();
    for _ in 0..2 {
        let mut text = vec![0; client.read_u8().await.ok()?.into()];
        client.read_exact(&mut text).await.ok()?;
        said.push(text);
    }
    let right = said == [b"ana".to_vec(), b"p@ss".to_vec()];
    client.write_all(&[1, u8::from(!right)]).await.ok()?;
    if !right {
        return None;
    }
    let mut request = [0; 4];
    client.read_exact(&mut request).await.ok()?;
    let host = if request[3] == 1 {
        let mut octets = [0; 4];
        client.read_exact(&mut octets).await.ok()?;
        std::net::Ipv4Addr::from(octets).to_string()
    } else {
        let mut name = vec![0; client.read_u8().await.ok()?.into()];
        client.read_exact(&mut name).await.ok()?;
        String::from_utf8(name).ok()?
    };
    let port = client.read_u16().await.ok()?;
    let site = TcpStream::connect((host.as_str(), port)).await.ok()?;
    client
        .write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .await
        .ok()?;
    Some((client, site))
}

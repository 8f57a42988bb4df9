//! An SMTP server that takes mail for anybody from whoever knows the password, as a company's relay does.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use mailin::{Action, AuthMechanism, Handler, Response, SessionBuilder, response};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A mail that was accepted.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    /// Who logged in to send it.
    pub user: String,
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body with the transfer encoding undone, so that a test can look for plain text.
    pub text: String,
}

type Kept = Arc<Mutex<Vec<Mail>>>;

/// The server; it ends with the value.
pub struct SmtpReceiver {
    address: SocketAddr,
    kept: Kept,
    server: JoinHandle<()>,
}

impl SmtpReceiver {
    /// Listens on a free port of `ip`; only `user` with `password` may send.
    pub async fn start(ip: IpAddr, user: &str, password: &str) -> Result<Self> {
        let listener = TcpListener::bind((ip, 0))
            .await
            .context("no port for the SMTP server")?;
        let address = listener.local_addr()?;
        let kept = Kept::default();
        let relay = Relay {
            user: user.to_owned(),
            password: password.to_owned(),
            kept: kept.clone(),
            mail: Mail::default(),
            data: Vec::new(),
        };
        let server = tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let relay = relay.clone();
                tokio::spawn(async move { converse(stream, peer.ip(), relay).await });
            }
        });
        Ok(Self {
            address,
            kept,
            server,
        })
    }

    /// `host:port`, as a channel's `smarthost`.
    pub fn smarthost(&self) -> String {
        self.address.to_string()
    }

    /// The mails accepted so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for SmtpReceiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn converse(stream: TcpStream, peer: IpAddr, relay: Relay) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut builder = SessionBuilder::new("mail.icelocator.test");
    // LOGIN, since Go's PLAIN refuses to work without TLS.
    builder
        .enable_auth(AuthMechanism::Login)
        .insecure_enable_plaintext_auth();
    let mut session = builder.build(peer, relay);
    stream
        .get_mut()
        .write_all(&session.greeting().buffer()?)
        .await?;
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let reply = session.process(&line);
        match reply.action {
            Action::NoReply => continue,
            Action::UpgradeTls => return Err(io::Error::other("TLS was not offered")),
            Action::Reply | Action::Close => {
                stream.get_mut().write_all(&reply.buffer()?).await?;
            }
        }
        if reply.action == Action::Close {
            return Ok(());
        }
    }
}

#[derive(Clone)]
struct Relay {
    user: String,
    password: String,
    kept: Kept,
    mail: Mail,
    data: Vec<u8>,
}

impl Handler for Relay {
    fn auth_login(&mut self, username: &str, password: &str) -> Response {
        if username == self.user && password == self.password {
            response::AUTH_OK
        } else {
            response::INVALID_CREDENTIALS
        }
    }

    fn data_start(&mut self, _domain: &str, from: &str, _is8bit: bool, to: &[String]) -> Response {
        self.mail = Mail {
            user: self.user.clone(),
            from: from.to_owned(),
            to: to.to_vec(),
            text: String::new(),
        };
        self.data.clear();
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.mail.text = unquoted(&self.data);
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.mail.clone());
        response::OK
    }
}

/// Undoes the quoted-printable encoding (RFC 2045, 6.7); what is not encoded stays as it is.
fn unquoted(data: &[u8]) -> String {
    let mut plain = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let decoded = after
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, decoded) {
            (b'=', _) if after.starts_with(b"\r\n") => rest = &after[2..],
            (b'=', Some(decoded)) => {
                plain.push(decoded);
                rest = &after[2..];
            }
            _ => plain.push(byte),
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    async fn say(stream: &mut BufReader<TcpStream>, line: &str, code: &str) {
        stream
            .get_mut()
            .write_all(format!("{line}\r\n").as_bytes())
            .await
            .unwrap();
        loop {
            let mut reply = String::new();
            stream.read_line(&mut reply).await.unwrap();
            assert!(reply.starts_with(code), "{line}: {reply}");
            if reply.as_bytes()[3] == b' ' {
                return;
            }
        }
    }

    #[tokio::test]
    async fn mail_is_taken_from_who_logged_in_and_from_nobody_else() {
        let server = SmtpReceiver::start(Ipv4Addr::LOCALHOST.into(), "me", "pw")
            .await
            .unwrap();
        let stream = TcpStream::connect(server.smarthost()).await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut greeting = String::new();
        stream.read_line(&mut greeting).await.unwrap();
        say(&mut stream, "EHLO a.test", "250").await;
        say(&mut stream, "MAIL FROM:<a@a.test>", "503").await;
        say(&mut stream, "AUTH LOGIN", "334").await;
        say(&mut stream, "bWU=", "334").await;
        say(&mut stream, "cHc=", "235").await;
        say(&mut stream, "MAIL FROM:<a@a.test>", "250").await;
        say(&mut stream, "RCPT TO:<b@b.test>", "250").await;
        say(&mut stream, "DATA", "354").await;
        say(
            &mut stream,
            "Subject: x\r\n\r\na=3Db =\r\nand on\r\n.",
            "250",
        )
        .await;
        let mails = server.mails();
        assert_eq!(mails.len(), 1);
        assert!(mails[0].text.contains("a=b and on"), "{:?}", mails[0]);
        assert_eq!(mails[0].to, ["b@b.test"]);
    }
}

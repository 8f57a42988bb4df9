//! The server as its clients, its collector and its kubelet meet it: the real binary against the real simulator.

mod http;
mod life;
mod limits;
mod privacy;
mod source;
mod stdio;
mod support;
mod traces;
mod unprintable;

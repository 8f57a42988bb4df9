//! Panics, told without what they say: a panic's text may quote the data that it stumbled over.

use std::panic;
use std::sync::OnceLock;

/// Told of a panic: the source file and the line.
type Listener = dyn Fn(&str, u32) + Send + Sync;

static LISTENER: OnceLock<Box<Listener>> = OnceLock::new();

/// Replaces the panic hook by one that tells where, never what: the log, and who listens. At the end it calls `before_end`,
/// as the process may end with the panic.
pub fn install(before_end: impl Fn() + Send + Sync + 'static) {
    panic::set_hook(Box::new(move |info| {
        let (file, line) = info
            .location()
            .map_or(("unknown", 0), |at| (at.file(), at.line()));
        tracing::error!(
            code.file.path = file,
            code.line.number = line,
            "panicked: this is a bug"
        );
        if let Some(listener) = LISTENER.get() {
            listener(file, line);
        }
        before_end();
    }));
}

/// Tells `listener` of every panic from now on. It is called by the thread that panics, and must not do so itself. The
/// first listener of a process stays.
pub fn listen(listener: impl Fn(&str, u32) + Send + Sync + 'static) {
    let _ = LISTENER.set(Box::new(listener));
}

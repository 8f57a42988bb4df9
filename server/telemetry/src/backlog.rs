//! Log lines on their way to the error stream. Whoever logs does not wait for whoever reads it: what is too much is left
//! out.

use std::io::Write;
use std::mem::take;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Most bytes that wait, beside as many that are being written.
pub const LARGEST: usize = 1024 * 1024;

/// For how long lines are gathered before they are written together: a thread that wakes for each line costs more than the
/// line does.
const GATHER: Duration = Duration::from_millis(5);

/// Lines that wait for the one thread that writes them.
#[derive(Clone, Debug, Default)]
pub struct Backlog(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whole lines, one after the other.
    waiting: Vec<u8>,
    is_writing: bool,
}

impl State {
    const fn is_written(&self) -> bool {
        self.waiting.is_empty() && !self.is_writing
    }
}

impl Backlog {
    /// Writes what comes to `stream`, for as long as the process lives.
    pub fn to(stream: impl Write + Send + 'static) -> Self {
        let backlog = Self::default();
        let shared = Arc::clone(&backlog.0);
        thread::spawn(move || shared.write(stream));
        backlog
    }

    /// Takes a line, if there is room for it.
    pub fn put(&self, line: &str) -> bool {
        let mut state = self.0.state();
        let has_room = state.waiting.len() + line.len() <= LARGEST;
        if has_room {
            let is_first = state.waiting.is_empty();
            state.waiting.extend_from_slice(line.as_bytes());
            drop(state);
            if is_first {
                self.0.changed.notify_all();
            }
        }
        has_room
    }

    /// Waits until everything is written, but not longer than this.
    pub fn wait(&self, longest: Duration) {
        let waits = |state: &mut State| !state.is_written();
        let state = self.0.state();
        drop(self.0.changed.wait_timeout_while(state, longest, waits));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, mut stream: impl Write) {
        loop {
            let is_empty = |state: &mut State| state.waiting.is_empty();
            drop(self.changed.wait_while(self.state(), is_empty));
            thread::sleep(GATHER);
            let mut state = self.state();
            let lines = take(&mut state.waiting);
            state.is_writing = true;
            drop(state);
            // There is nobody left to tell.
            let _ = stream.write_all(&lines);
            self.state().is_writing = false;
            self.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _, pipe};
    use std::sync::mpsc::channel;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn what_was_put_is_written_in_order_when_the_wait_is_over() {
        let (mut reader, writer) = pipe().unwrap();
        let backlog = Backlog::to(writer);
        let lines: Vec<_> = (0..100).map(|number| format!("{number}\n")).collect();
        for line in &lines {
            assert!(backlog.put(line));
        }
        backlog.wait(LONG);
        let expected = lines.concat();
        let mut written = vec![0; expected.len()];
        reader.read_exact(&mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    #[test]
    fn whoever_logs_waits_for_no_reader_and_so_much_is_kept() {
        let (mut reader, writer) = pipe().unwrap();
        let backlog = Backlog::to(writer);
        let line = format!("{}\n", "x".repeat(1023));
        let most = LARGEST / line.len();
        let kept = (0..4 * most).filter(|_| backlog.put(&line)).count();
        // What waits, and what the thread took before it had to wait.
        assert!((most..=2 * most).contains(&kept), "{kept}");
        backlog.wait(Duration::from_millis(10));
        // It goes on where it stopped.
        let mut written = vec![0; kept * line.len()];
        reader.read_exact(&mut written).unwrap();
        assert!(written == line.repeat(kept).as_bytes());
        assert!(backlog.put(&line));
    }

    #[test]
    fn a_stream_that_takes_nothing_is_tried_again() {
        struct Closed(std::sync::mpsc::Sender<()>);
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                let _ = self.0.send(());
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (sender, tries) = channel();
        let backlog = Backlog::to(Closed(sender));
        for _ in 0..2 {
            assert!(backlog.put("line\n"));
            tries.recv_timeout(LONG).unwrap();
        }
    }
}

//! The real binary, started and stopped as a person or a kubelet would.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

use serde_json::Value;

use super::wait::{PATIENCE, PAUSE};

/// A running process; killed when dropped.
pub struct Process {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reading: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts the binary with these arguments.
    pub fn start(arguments: &[&str]) -> Self {
        Self::spawn(Command::new(env!("CARGO_BIN_EXE_icelocator-server")).args(arguments))
    }

    /// Starts a command and reads what it logs.
    pub fn spawn(command: &mut Command) -> Self {
        let mut process = Self::unread(command);
        let sink = Arc::clone(&process.lines);
        let stderr = BufReader::new(process.child.stderr.take().unwrap());
        process.reading = Some(std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                sink.lock().unwrap().push(line);
            }
        }));
        process
    }

    /// Starts a command and reads nothing of what it logs.
    pub fn unread(command: &mut Command) -> Self {
        Self {
            child: command.stderr(Stdio::piped()).spawn().unwrap(),
            lines: Arc::default(),
            reading: None,
        }
    }

    /// All that was logged so far.
    pub fn log(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    /// The address that a log line with this message names.
    pub fn address(&self, message: &str) -> String {
        self.wait_for(|lines| {
            lines.iter().find_map(|line| {
                let line: Value = serde_json::from_str(line).ok()?;
                (line["message"] == message)
                    .then(|| line["icelocator.listen"].as_str().map(str::to_owned))?
            })
        })
    }

    /// Waits for a line that has all of these parts.
    pub fn says(&self, parts: &[&str]) -> String {
        let is_it = |line: &&String| parts.iter().all(|part| line.contains(part));
        self.wait_for(|lines| lines.iter().find(is_it).cloned())
    }

    /// Waits for something to be logged.
    pub fn wait_for<T>(&self, find: impl Fn(&[String]) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = find(&self.lines.lock().unwrap()) {
                return found;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "not logged in time:\n{}",
                self.log()
            );
            std::thread::sleep(PAUSE);
        }
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Waits for the end.
    pub fn end(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                if let Some(reading) = self.reading.take() {
                    reading.join().unwrap();
                }
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "does not end:\n{}", self.log());
            std::thread::sleep(PAUSE);
        }
    }

    /// The child itself.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

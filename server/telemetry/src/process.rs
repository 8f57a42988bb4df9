//! What the process takes from its machine, read when metrics are collected.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry::metrics::Meter;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::metric::{Kind, Metric};

/// When the process started.
const START_TIME: Metric = gauge(
    "process.start_time",
    "s",
    "When the process started, in seconds since 1970",
);
/// Resident memory.
const RESIDENT: Metric = gauge(
    "process.resident_memory",
    "By",
    "Memory of the process that is resident",
);
/// Memory limit.
const LIMIT: Metric = gauge(
    "process.memory_limit",
    "By",
    "Memory that the container may use; 0 when there is no limit",
);
/// Open descriptors.
const DESCRIPTORS: Metric = gauge(
    "process.open_fds",
    "{file}",
    "File descriptors that are open",
);
/// CPU time.
const CPU: Metric = Metric {
    name: "process.cpu",
    kind: Kind::Counter,
    unit: "s",
    labels: &[],
    help: "CPU time used, user and system",
};

/// The metrics of every process.
pub const METRICS: &[Metric] = &[START_TIME, RESIDENT, LIMIT, DESCRIPTORS, CPU];

const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Metric {
    Metric {
        name,
        kind: Kind::Gauge,
        unit,
        labels: &[],
        help,
    }
}

/// One collection reads the system once, not once a metric.
const FRESH_FOR: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Default)]
struct Reading {
    start_time: u64,
    resident: u64,
    limit: u64,
    descriptors: u64,
    cpu_milliseconds: u64,
}

struct Reader {
    pid: Pid,
    system: System,
    last: Option<(Instant, Reading)>,
}

impl Reader {
    fn read(&mut self) -> Reading {
        if let Some((at, reading)) = self.last
            && at.elapsed() < FRESH_FOR
        {
            return reading;
        }
        self.system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[self.pid]),
            false,
            ProcessRefreshKind::nothing()
                .with_memory()
                .with_cpu()
                .without_tasks(),
        );
        let reading = self
            .system
            .process(self.pid)
            .map_or_else(Reading::default, |process| {
                Reading {
                    start_time: process.start_time(),
                    resident: process.memory(),
                    limit: process
                        .cgroup_limits()
                        .map(|limits| limits.total_memory)
                        // Without a limit the system's own memory is reported.
                        .filter(|&limit| limit < self.system.total_memory())
                        .unwrap_or(0),
                    descriptors: process.open_files().unwrap_or(0) as u64,
                    cpu_milliseconds: process.accumulated_cpu_time(),
                }
            });
        self.last = Some((Instant::now(), reading));
        reading
    }
}

/// Makes the instruments of [`METRICS`].
pub fn observe(meter: &Meter) {
    let (Ok(pid), Ok(mut system)) = (sysinfo::get_current_pid(), System::new()) else {
        tracing::warn!("this system tells nothing about its processes: no process metrics");
        return;
    };
    system.refresh_memory();
    let reader = Arc::new(Mutex::new(Reader {
        pid,
        system,
        last: None,
    }));
    let read = move || reader.lock().unwrap_or_else(PoisonError::into_inner).read();
    let gauge = |metric: &Metric, value: fn(Reading) -> u64| {
        let read = read.clone();
        metric.observable_gauge(meter, move |observer| observer.observe(value(read()), &[]));
    };
    gauge(&START_TIME, |reading| reading.start_time);
    gauge(&RESIDENT, |reading| reading.resident);
    gauge(&LIMIT, |reading| reading.limit);
    gauge(&DESCRIPTORS, |reading| reading.descriptors);
    CPU.observable_counter_f64(meter, move |observer| {
        observer.observe(
            Duration::from_millis(read().cpu_milliseconds).as_secs_f64(),
            &[],
        );
    });
}

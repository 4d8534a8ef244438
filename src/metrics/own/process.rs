//! What the operating system knows of this process, from `/proc`.
//!
//! Total: what cannot be read is not shown, as on systems without `/proc`. See `man 5 proc` for the fields.

use crate::ledger::{Metric, MetricKind, Scope};
use std::fs;

macro_rules! process_metrics {
    ($(
        #[doc = $help:literal]
        $field:ident: $kind:ident $metric:literal $unit:literal,
    )*) => {
        #[derive(Debug, Default, PartialEq)]
        pub(super) struct Process {
            $(#[doc = $help] $field: Option<f64>,)*
        }

        /// In the order of the page.
        pub(in crate::metrics) const PROCESS: &[Metric] = &[$(
            Metric {
                name: $metric,
                kind: MetricKind::$kind,
                scope: Scope::Process,
                labels: &[],
                unit: $unit,
                help: $help.trim_ascii_start(),
            },
        )*];

        impl Process {
            /// What could be read.
            pub(super) fn values(&self) -> impl Iterator<Item = (&'static Metric, f64)> {
                let values = [$(self.$field),*];
                PROCESS.iter().zip(values).filter_map(|(metric, value)| Some((metric, value?)))
            }
        }
    };
}

process_metrics! {
    /// CPU time spent, user and system.
    cpu_seconds: Counter "process_cpu_seconds_total" "seconds",
    /// Open file descriptors.
    open_fds: Gauge "process_open_fds" "file descriptors",
    /// File descriptors that may be open at most.
    max_fds: Gauge "process_max_fds" "file descriptors",
    /// Size of the virtual memory.
    virtual_bytes: Gauge "process_virtual_memory_bytes" "bytes",
    /// Size of the memory that is resident.
    resident_bytes: Gauge "process_resident_memory_bytes" "bytes",
    /// When the process started, in Unix time.
    start_time_s: Gauge "process_start_time_seconds" "seconds",
    /// Threads of the operating system.
    threads: Gauge "process_threads" "threads",
}

/// Ticks a second in `/proc/[pid]/stat`. Linux shows user space 100 on every architecture it runs on today,
/// whatever the kernel's own tick; asking for it (`sysconf`) would need unsafe code.
const USER_HZ: f64 = 100.0;

impl Process {
    pub(super) fn read() -> Process {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let open_fds = fs::read_dir("/proc/self/fd")
            .ok()
            .map(|fds| fds.count() as f64);
        Process {
            open_fds,
            ..Process::parse(
                &text("/proc/self/stat"),
                &text("/proc/stat"),
                &text("/proc/self/status"),
                &text("/proc/self/limits"),
            )
        }
    }

    fn parse(stat: &str, system: &str, status: &str, limits: &str) -> Process {
        // The second field is the program's name, which may hold anything; it ends at the last parenthesis.
        let fields: Vec<&str> = stat
            .rsplit_once(')')
            .map_or("", |(_, rest)| rest)
            .split_ascii_whitespace()
            .collect();
        let ticks = |field: usize| Some(fields.get(field - 3)?.parse::<f64>().ok()? / USER_HZ);
        let boot_s = value(system, "btime");
        Process {
            cpu_seconds: ticks(14).zip(ticks(15)).map(|(user, system)| user + system),
            open_fds: None,
            max_fds: value(limits, "Max open files"),
            virtual_bytes: value(status, "VmSize:").map(|kib| kib * 1024.0),
            resident_bytes: value(status, "VmRSS:").map(|kib| kib * 1024.0),
            start_time_s: boot_s.zip(ticks(22)).map(|(boot, after)| boot + after),
            threads: value(status, "Threads:"),
        }
    }
}

/// The number after a line's name; `unlimited` is infinite.
fn value(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    match line.split_ascii_whitespace().next()? {
        "unlimited" => Some(f64::INFINITY),
        number => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str =
        "42 (a (b) c) S 1 42 42 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 9 0 123450 1 2 3";

    #[test]
    fn the_fields_are_those_of_the_manual() {
        let read = Process::parse(
            STAT,
            "cpu 1 2\nbtime 1700000000\n",
            "VmSize:\t  2048 kB\nVmRSS:\t   1024 kB\nThreads:\t9\n",
            "Max open files            1024                 524288               files\n",
        );
        let expected = Process {
            cpu_seconds: Some(2.0),
            open_fds: None,
            max_fds: Some(1024.0),
            virtual_bytes: Some(2_097_152.0),
            resident_bytes: Some(1_048_576.0),
            start_time_s: Some(1_700_001_234.5),
            threads: Some(9.0),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn what_cannot_be_read_is_not_shown() {
        assert_eq!(
            Process::parse("", "btime x", "", "Max open files"),
            Process::default()
        );
        assert_eq!(Process::default().values().count(), 0);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn everything_can_be_read_of_this_process() {
        assert_eq!(Process::read().values().count(), 7);
    }
}

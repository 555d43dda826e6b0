//! What a process has used, as the kernel tells it.

use std::time::Duration;

/// CPU and memory of a process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Time on a core, its own and the kernel's for it.
    pub cpu: Duration,
    /// The most memory that it had, in octets.
    pub peak: u64,
}

/// Looks at a process that still runs.
pub fn used(process: u32) -> Used {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{process}/{name}")).unwrap_or_default();
    let (stat, status) = (read("stat"), read("status"));
    // Behind the name, which may hold anything: state is the first field, utime and stime the 12th and 13th.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    // USER_HZ is 100 on every Linux.
    Used { cpu: Duration::from_millis(ticks * 10), peak: peak.unwrap_or(0) * 1024 }
}

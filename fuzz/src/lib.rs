//! Every decoder and reader as a function of bytes. One table for both who call them: the fuzzing engine, and the test that
//! replays the corpus on an ordinary build.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use peak_alloc::PeakAlloc;

mod packets;
mod texts;

/// Counts the memory of whoever links this crate, so that a reader's share of it can be bounded.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A decoder or reader under test.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which is that of its folder in the corpus.
    pub name: &'static str,
    /// A folder of the project with further seeds.
    pub seeds: Option<&'static str>,
    /// Reads the bytes; a panic is a bug.
    pub read: fn(&[u8]),
    /// What it may cost.
    pub cost: Cost,
}

/// What reading may cost: so much for any input, and so much for each of its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Bytes of memory for any input.
    pub memory: usize,
    /// Bytes of memory for each byte of input.
    pub memory_a_byte: usize,
    /// Time of the processor for any input. Generous: a bound for what grows faster than its input, not a benchmark.
    pub time: Duration,
    /// Time of the processor for each byte of input.
    pub time_a_byte: Duration,
}

/// Replies of a few packets, decoded where they lie.
const PACKET: Cost = Cost {
    memory: 256 * 1024,
    memory_a_byte: 64,
    time: Duration::from_millis(50),
    time_a_byte: Duration::from_micros(2),
};

/// A chain, which this machine's own roots are read for once.
const CHAIN: Cost = Cost { memory: 2 * 1024 * 1024, time: Duration::from_millis(500), ..PACKET };

/// Documents, which are kept whole: a key and a value of two bytes may cost a node of a tree.
const DOCUMENT: Cost = Cost {
    memory: 4 * 1024 * 1024,
    memory_a_byte: 512,
    time: Duration::from_millis(200),
    time_a_byte: Duration::from_micros(20),
};

/// Every target, in the order of the probing: what a peer sends, then what a user gives.
const TARGETS: [Target; 22] = [
    Target { name: "dns", seeds: None, read: packets::dns, cost: PACKET },
    Target { name: "icmp", seeds: None, read: packets::icmp, cost: PACKET },
    Target { name: "certificate", seeds: None, read: packets::certificate, cost: CHAIN },
    Target { name: "http", seeds: None, read: packets::http, cost: PACKET },
    Target { name: "ocsp", seeds: None, read: packets::ocsp, cost: PACKET },
    Target { name: "tds", seeds: None, read: packets::tds, cost: PACKET },
    Target { name: "amqp", seeds: None, read: packets::amqp, cost: PACKET },
    Target { name: "smb", seeds: None, read: packets::smb, cost: PACKET },
    Target { name: "redis", seeds: None, read: packets::redis, cost: PACKET },
    Target { name: "smtp", seeds: None, read: packets::smtp, cost: PACKET },
    Target { name: "ntp", seeds: None, read: packets::ntp, cost: PACKET },
    Target { name: "kms", seeds: None, read: packets::kms, cost: PACKET },
    Target { name: "metadata", seeds: None, read: texts::metadata, cost: DOCUMENT },
    Target { name: "token", seeds: None, read: texts::token, cost: DOCUMENT },
    Target { name: "machine", seeds: None, read: texts::machine, cost: DOCUMENT },
    Target { name: "report", seeds: Some("tests/formats/expected"), read: texts::report, cost: DOCUMENT },
    Target { name: "lines", seeds: Some("tests/formats/expected"), read: texts::report, cost: DOCUMENT },
    Target { name: "console", seeds: None, read: texts::console, cost: DOCUMENT },
    Target {
        name: "network-status",
        seeds: Some("tests/cli/network-status"),
        read: texts::network_status,
        cost: DOCUMENT,
    },
    Target {
        name: "configuration",
        seeds: Some("tests/network/documents"),
        read: texts::configuration,
        cost: DOCUMENT,
    },
    Target { name: "template", seeds: None, read: texts::configuration, cost: DOCUMENT },
    Target { name: "parameters", seeds: None, read: texts::parameters, cost: DOCUMENT },
];

impl Target {
    /// Every target, ready to be held.
    pub fn all() -> impl Iterator<Item = Self> {
        TARGETS.into_iter().inspect(|target| {
            // What is built once for all inputs, such as a runtime, does not count.
            (target.read)(&[]);
        })
    }

    /// The target of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|target| target.name == name)
    }

    /// Reads the bytes and holds memory and time to what the target may cost.
    ///
    /// # Panics
    /// The reader panics, or takes more than it may.
    pub fn hold(self, bytes: &[u8]) {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let begun = processor_time();
        (self.read)(bytes);
        let took = processor_time().saturating_sub(begun);
        let grown = MEMORY.peak_usage().saturating_sub(before);
        let Cost { memory, memory_a_byte, time, time_a_byte } = self.cost;
        let (name, length) = (self.name, bytes.len());
        let most = memory + memory_a_byte * length;
        assert!(grown <= most, "{name}: {grown} bytes of memory for {length} of input, {most} are allowed");
        let longest = time + time_a_byte * u32::try_from(length).unwrap_or(u32::MAX);
        assert!(took <= longest, "{name}: {took:?} for {length} bytes, {longest:?} are allowed");
    }
}

/// The time that this thread has had of a processor: what else the machine does is not in it.
fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

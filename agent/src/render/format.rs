//! The formats of a report: their words, and the file endings that mean them.

use apim_probe_checks::catalogue::words;

words! {
    /// The formats of the contract.
    Format {
        /// For people.
        Human = "human",
        /// The whole report.
        Json = "json",
        /// The same, one check a line.
        Jsonl = "jsonl",
        /// As the portal's NetworkStatus.
        NetworkStatus = "network-status",
        /// For a ticket or a comment.
        Markdown = "markdown",
        /// For a browser.
        Html = "html",
        /// For a pipeline.
        Junit = "junit",
        /// For a test harness.
        Tap = "tap",
        /// For a monitoring system.
        Nagios = "nagios",
        /// For Prometheus.
        OpenMetrics = "openmetrics",
        /// For code scanning: of `review` only.
        Sarif = "sarif",
    }
}

impl Format {
    /// The format that a file's ending names.
    #[must_use]
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "txt" | "log" => Some(Self::Human),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "md" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "xml" => Some(Self::Junit),
            "tap" => Some(Self::Tap),
            "prom" | "om" => Some(Self::OpenMetrics),
            "sarif" => Some(Self::Sarif),
            _ => None,
        }
    }

    /// Every word, for a hint.
    #[must_use]
    pub fn words() -> String {
        Self::ALL.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ")
    }
}

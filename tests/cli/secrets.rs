//! What the environment and the command line hold of secrets and names is in no report.

use std::process::Command;

use apim_probe::render::Format;

use crate::{BINARY, stderr, stdout};

#[test]
fn credentials_of_a_proxy_and_names_of_users_are_in_no_format() {
    let folder =
        std::env::temp_dir().join(format!("apim-probe-secrets-{}/home/name-canary", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    // `review` alone writes SARIF.
    for format in Format::ALL.iter().filter(|format| **format != Format::Sarif).map(|format| format.as_str())
    {
        let file = folder.join(format);
        let output = Command::new(BINARY)
            .args([
                "--only",
                "custom",
                "--no-imds",
                "--no-azure-dns",
                "--endpoint",
                "127.0.0.1:9/tls,required",
            ])
            .args(["--verbose", "--format", format, "--output", &format!("{format}={}", file.display())])
            .env("https_proxy", "http://proxy-canary:p%40ss-canary@127.0.0.1:3128/?key=query-canary")
            .env("HTTP_PROXY", "proxy-canary:p@ss-canary@127.0.0.1:3128")
            .output()
            .expect("the binary runs");
        assert!(matches!(output.status.code(), Some(1 | 2)), "{}", stderr(&output));
        for text in [stdout(&output), std::fs::read_to_string(&file).expect("the report")] {
            assert!(!text.contains("canary"), "{format}: {text}");
        }
    }
    let root = folder.parent().and_then(std::path::Path::parent).expect("a folder");
    std::fs::remove_dir_all(root).expect("the folder goes");
}

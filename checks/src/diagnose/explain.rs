//! The texts behind the codes: the very pages of `docs/`, so that the program and the documentation say the same.

use crate::outcome::Cause;

use super::Code;

macro_rules! page {
    ($name:literal) => {
        include_str!(concat!("../../../docs/findings/", $name, ".md"))
    };
}

/// The page of a finding.
#[must_use]
pub const fn explain(code: Code) -> &'static str {
    match code {
        Code::DnsServerSilent => page!("dns-server-silent"),
        Code::DnsNotForwarding => page!("dns-not-forwarding"),
        Code::DnsServersDisagree => page!("dns-servers-disagree"),
        Code::PrivateLinkNoRecord => page!("private-link-no-record"),
        Code::PrivateEndpointUnreachable => page!("private-endpoint-unreachable"),
        Code::OutboundAllBlocked => page!("outbound-all-blocked"),
        Code::ServiceTagBlocked => page!("service-tag-blocked"),
        Code::PortBlocked => page!("port-blocked"),
        Code::FirewallRejects => page!("firewall-rejects"),
        Code::FirewallAnswersForTarget => page!("firewall-answers-for-target"),
        Code::TlsInterception => page!("tls-interception"),
        Code::ClockSkew => page!("clock-skew"),
        Code::CaptiveProxy => page!("captive-proxy"),
        Code::AddressPartial => page!("address-partial"),
        Code::Flaky => page!("flaky"),
        Code::FirewallListOutdated => page!("firewall-list-outdated"),
        Code::OwnEndpointPublicAnswer => page!("own-endpoint-public-answer"),
        Code::OwnEndpointWrongAddress => page!("own-endpoint-wrong-address"),
        Code::PortalDisagrees => page!("portal-disagrees"),
        Code::OutsideAzure => page!("outside-azure"),
        Code::NamesMissing => page!("names-missing"),
        Code::LocalLimit => page!("local-limit"),
    }
}

/// The table of causes.
const CAUSES: &str = include_str!("../../../docs/causes.md");

/// What a cause means, from its row of the table.
#[must_use]
pub fn explain_cause(cause: Cause) -> String {
    let lead = format!("| `{cause}` |");
    let row = CAUSES.lines().find(|line| line.starts_with(&lead)).unwrap_or_default();
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    match cells[..] {
        [_, stage, looks, means, _tests] => {
            format!("{cause} (stage: {stage})\n\n{looks}\nUsually: {means}\n")
        }
        _ => format!("{cause}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sections of a page: name and text.
    fn sections(page: &str) -> Vec<(&str, &str)> {
        page.split("\n## ").skip(1).map(|part| part.split_once("\n\n").unwrap_or((part, ""))).collect()
    }

    #[test]
    fn every_page_says_on_what_it_stands_and_what_would_disprove_it() {
        for code in Code::ALL {
            let sections = sections(explain(*code));
            let names: Vec<&str> = sections.iter().map(|(name, _)| *name).collect();
            assert_eq!(
                names,
                ["What it means", "Evidence", "What would disprove it", "What to do"],
                "{code}"
            );
            for (name, text) in &sections {
                assert!(text.trim().ends_with('.'), "{code}: {name}");
            }
            assert!(sections[1].1.contains("onfidence"), "{code}: how sure it is");
        }
    }

    #[test]
    fn the_index_has_every_page_and_its_first_sentence() {
        let index = include_str!("../../../docs/findings/README.md");
        for code in Code::ALL {
            let page = explain(*code);
            let lead = page.lines().nth(2).unwrap_or_default().trim_end_matches('.');
            assert!(index.contains(&format!("| [{code}]({code}.md) | {lead} |")), "{code}: {lead}");
        }
    }

    #[test]
    fn every_code_and_every_cause_has_its_text() {
        for code in Code::ALL {
            assert!(explain(*code).starts_with(&format!("# {code}\n")), "{code}");
        }
        for cause in Cause::ALL {
            assert!(explain_cause(*cause).contains("Usually: "), "{cause}");
        }
    }
}

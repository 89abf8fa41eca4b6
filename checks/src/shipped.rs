//! The catalogue that this build carries, and the search for what somebody may have meant.

use miniz_oxide::inflate::decompress_to_vec;

use crate::catalogue::{Catalogue, Cloud, Endpoint, Region};
use crate::diagnose::Code;
use crate::outcome::Cause;

/// The rows as `build.rs` checked and embedded them: JSON, deflated from 100 kB to 15.
const EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.json.deflate"));

/// How alike two words must be to be taken for one another (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.75;

impl Catalogue {
    /// The catalogue of this build.
    ///
    /// # Panics
    /// Never: the build has read the same bytes.
    #[must_use]
    pub fn embedded() -> Self {
        let json = decompress_to_vec(EMBEDDED).expect("the build has deflated the catalogue");
        serde_json::from_slice(&json).expect("the build has checked the catalogue")
    }

    /// The endpoint id or group nearest to `word`.
    #[must_use]
    pub fn nearest_word(&self, word: &str) -> Option<&str> {
        let words = self.endpoints.iter().flat_map(|row| [row.id.as_str(), row.group.as_str()]);
        nearest(word, words.map(|known| (known, known)))
    }

    /// The code, id, group, service tag or host name nearest to `word`.
    #[must_use]
    pub fn nearest_topic(&self, word: &str) -> Option<String> {
        let codes = Code::ALL.iter().map(|code| code.as_str());
        let mut known: Vec<String> =
            codes.chain(Cause::ALL.iter().map(|cause| cause.as_str())).map(str::to_owned).collect();
        for row in &self.endpoints {
            known.extend([row.id.clone(), row.group.clone()]);
            known.extend(row.tags().map(str::to_owned));
            known.extend(self.hosts_of(row));
        }
        let lower: Vec<String> = known.iter().map(|topic| topic.to_ascii_lowercase()).collect();
        nearest(word, lower.iter().map(String::as_str).zip(known))
    }

    /// The host templates of a row in every cloud, suffixes filled in, each once.
    #[must_use]
    pub fn hosts_of(&self, row: &Endpoint) -> Vec<String> {
        let mut hosts: Vec<String> = Vec::new();
        let mut clouds: Vec<&Cloud> = self.clouds.values().collect();
        clouds.sort_by_key(|cloud| cloud.id != "public");
        for cloud in clouds {
            let own = cloud.hosts.get(&row.id);
            let templates = own.unwrap_or(&row.hosts).iter();
            for template in templates.chain(row.probe_hosts.iter().filter(|_| own.is_none())) {
                let fill = |host: String, (key, suffix): (&String, &String)| {
                    host.replace(&format!("{{suffix.{key}}}"), suffix)
                };
                let host = cloud.suffixes.iter().fold(template.clone(), fill).to_ascii_lowercase();
                if !hosts.contains(&host) {
                    hosts.push(host);
                }
            }
        }
        hosts
    }

    /// The region nearest to `word`, by id or display name.
    #[must_use]
    pub fn nearest_region(&self, word: &str) -> Option<&Region> {
        let squeezed: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        nearest(
            &squeezed.to_ascii_lowercase(),
            self.regions.iter().map(|region| (region.id.as_str(), region)),
        )
    }
}

fn nearest<'a, T: 'a>(word: &str, known: impl Iterator<Item = (&'a str, T)>) -> Option<T> {
    let word = word.to_ascii_lowercase();
    known
        .map(|(name, value)| (likeness(&word, name), value))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, value)| value)
}

/// Between 0 and 1; what has all the words of the other is nearer than what only begins like it.
fn likeness(word: &str, name: &str) -> f64 {
    let mut words = word.split('-').peekable();
    let by_letters = strsim::jaro_winkler(word, name);
    let all = word.contains('-') && words.all(|word| name.split('-').any(|other| other == word));
    if all { by_letters.max(0.95) } else { by_letters }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_catalogue_can_be_read() {
        let catalogue = Catalogue::embedded();
        assert_eq!((catalogue.endpoints.len(), catalogue.regions.len(), catalogue.clouds.len()), (93, 79, 3));
    }

    #[test]
    fn a_misspelt_region_or_row_finds_its_neighbour() {
        let catalogue = Catalogue::embedded();
        assert_eq!(catalogue.nearest_region("eastus22").map(|region| region.id.as_str()), Some("eastus2"));
        assert_eq!(
            catalogue.nearest_region("West Europe").map(|region| region.id.as_str()),
            Some("westeurope")
        );
        assert_eq!(catalogue.nearest_word("storage-blobs"), Some("storage-blob"));
        assert_eq!(catalogue.nearest_word("zzzzzz"), None);
        let topic = |word| catalogue.nearest_topic(word);
        for (typed, meant) in [
            ("dns-silent", "dns-server-silent"),
            ("conect-timeout", "connect-timeout"),
            ("cert-expird", "cert-expired"),
            ("tls-inspection", "tls-interception"),
            ("flakey", "flaky"),
            ("AzureMonitr", "AzureMonitor"),
            ("storage-blb", "storage-blob"),
        ] {
            assert_eq!(topic(typed).as_deref(), Some(meant), "{typed}");
        }
        assert_eq!(topic("zzzzzz"), None);
    }

    #[test]
    fn sql_control_names_follow_the_sources_and_their_rule() {
        let catalogue = Catalogue::embedded();
        let name = |id| catalogue.region(id).map(Region::sql_control);
        assert_eq!(name("eastus").as_deref(), Some("eastus1"));
        assert_eq!(name("eastus2").as_deref(), Some("eastus2"));
        assert_eq!(name("centralindia").as_deref(), Some("indiacentral1"));
        assert_eq!(name("westus3").as_deref(), Some("westus3"));
        assert_eq!(name("swedencentral").as_deref(), Some("swedencentral1"));
    }
}

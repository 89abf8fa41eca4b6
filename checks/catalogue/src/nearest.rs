//! The search for what somebody may have meant, and the hosts of a row in every cloud.

use crate::{Catalogue, Cloud, Endpoint, Region};

/// How alike two words must be to be taken for one another (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.75;

impl Catalogue {
    /// The endpoint id or group nearest to `word`.
    #[must_use]
    pub fn nearest_word(&self, word: &str) -> Option<&str> {
        let words = self.endpoints.iter().flat_map(|row| [row.id.as_str(), row.group.as_str()]);
        nearest(word, words.map(|known| (known, known)))
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

/// The value whose name is nearest to `word`, whatever its case; `None` where none is alike enough. Names are lower case.
pub fn nearest<'a, T: 'a>(word: &str, known: impl Iterator<Item = (&'a str, T)>) -> Option<T> {
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
    use crate::read::shipped;

    #[test]
    fn a_misspelt_region_or_row_finds_its_neighbour() {
        let catalogue = shipped();
        let region = |word| catalogue.nearest_region(word).map(|region| region.id.as_str());
        assert_eq!(region("eastus22"), Some("eastus2"));
        assert_eq!(region("West Europe"), Some("westeurope"));
        assert_eq!(catalogue.nearest_word("storage-blobs"), Some("storage-blob"));
        assert_eq!(catalogue.nearest_word("zzzzzz"), None);
    }
}

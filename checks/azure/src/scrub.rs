//! What may be secret is dropped before a document is kept.

use serde_json::Value;

/// Ends of keys whose values are dropped, lower case.
const KEYS: [&str; 18] = [
    "key",
    "keys",
    "secret",
    "password",
    "token",
    "connectionstring",
    "sas",
    "data",
    "customdata",
    "userdata",
    "encodedcertificate",
    "protectedsettings",
    "additionalproperties",
    "tags",
    "publisheremail",
    "notificationsenderemail",
    "secrets",
    "passwords",
];

/// Parts of values that are dropped.
const VALUES: [&str; 5] = ["sig=", "AccountKey=", "SharedAccess", "-----BEGIN", "Bearer "];

/// Drops keys and values that may be secret.
pub(crate) fn scrub(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, value| !(is_secret_key(key) || value.as_str().is_some_and(is_secret)));
            map.values_mut().for_each(scrub);
        }
        Value::Array(items) => {
            items.retain(|item| !item.as_str().is_some_and(is_secret));
            items.iter_mut().for_each(scrub);
        }
        _ => {}
    }
}

fn is_secret_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    KEYS.iter().any(|end| key.ends_with(end))
}

fn is_secret(text: &str) -> bool {
    VALUES.iter().any(|part| text.contains(part)) || holds_token(text)
}

/// True where it holds a JSON Web Token: three parts of base64url, of which the first is an object and so begins `eyJ`.
/// Host names have three such parts too, and do not.
fn holds_token(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.match_indices("eyJ").any(|(at, _)| {
        let word: &str = text[at..].split(|c: char| !is_part(c) && c != '.').next().unwrap_or_default();
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() >= 3 && parts[..3].iter().all(|part| !part.is_empty()) && parts[0].len() >= 8
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_go_with_their_keys_and_the_rest_stays() {
        let mut value = json!({
            "name": "contoso", "primaryKey": "x", "tags": {"owner": "a@b.c"}, "publisherEmail": "a@b.c",
            "gatewayUrl": "https://contoso.azure-api.net", "sku": {"name": "Premium", "capacity": 2},
            "hostnameConfigurations": [{"hostName": "api.contoso.com", "encodedCertificate": "MII", "certificatePassword": "x",
                "certificate": {"thumbprint": "AB", "subject": "CN=api"}}],
            "url": "https://x.blob.core.windows.net/a?sv=1&sig=abc", "list": ["a", "Bearer x", "eyJhbGciOi.eyJzdWIi.c2ln"],
            "trustedRootCertificates": [{"name": "root", "properties": {"data": "MIIC"}}],
            "osProfile": {"customData": "x", "computerName": "vm"}, "settings": {"metadata": 1},
        });
        scrub(&mut value);
        assert_eq!(
            value,
            json!({
                "name": "contoso", "gatewayUrl": "https://contoso.azure-api.net", "sku": {"name": "Premium", "capacity": 2},
                "hostnameConfigurations": [{"hostName": "api.contoso.com", "certificate": {"thumbprint": "AB", "subject": "CN=api"}}],
                "list": ["a"], "trustedRootCertificates": [{"name": "root", "properties": {}}],
                "osProfile": {"computerName": "vm"}, "settings": {},
            })
        );
    }
}

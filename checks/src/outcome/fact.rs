//! Keys of the facts of an exchange that rules and other code read; every key is listed in `docs/formats.md`.

/// The server's clock less this machine's, in milliseconds (NTP).
pub const OFFSET_MS: &str = "offsetMs";

/// The same from an HTTP `Date` field, good to a second.
pub const DATE_OFFSET_MS: &str = "dateOffsetMs";

/// The status code of an HTTP answer.
pub const HTTP_STATUS: &str = "httpStatus";

/// What a vault says of its caller: `conn_type=Ipv4;addr=…`.
pub const KEY_VAULT_NETWORK_INFO: &str = "keyVaultNetworkInfo";

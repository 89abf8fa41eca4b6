//! Keys of the facts of an exchange that rules and other code read; every key is listed in `docs/formats.md`.

/// The server's clock less this machine's, in milliseconds (NTP).
pub const OFFSET_MS: &str = "offsetMs";

/// The same from an HTTP `Date` field, good to a second.
pub const DATE_OFFSET_MS: &str = "dateOffsetMs";

/// The status code of an HTTP answer.
pub const HTTP_STATUS: &str = "httpStatus";

/// What a vault says of its caller: `conn_type=Ipv4;addr=…`.
pub const KEY_VAULT_NETWORK_INFO: &str = "keyVaultNetworkInfo";

/// `true` where a DNS server truncated its answer over UDP (TC bit); kept where its check failed.
pub const TRUNCATED: &str = "truncated";

/// Who answered, where a gateway is in the way: [`APPLICATION_GATEWAY`], absent where it was somebody else.
pub const ANSWERED_BY: &str = "answeredBy";

/// The Application Gateway itself answered, with a page of its own.
pub const APPLICATION_GATEWAY: &str = "application-gateway";

/// The path that was asked for, where a health probe's answer depends on it.
pub const PATH: &str = "path";

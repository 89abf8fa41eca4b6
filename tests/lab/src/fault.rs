//! How a server misbehaves: words that scenarios and tests use.

use serde::Deserialize;

/// How a TCP or UDP service misbehaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Not at all.
    #[default]
    None,
    /// Accepts and says nothing.
    Silent,
    /// Accepts, reads the first bytes, and resets.
    Reset,
    /// Accepts, reads the first bytes, and closes.
    Close,
    /// Answers the ClientHello with an alert.
    Alert,
    /// Answers the ClientHello in plain text.
    Plain,
    /// Answers the ClientHello with the alert of a server that speaks other versions of TLS.
    OldTls,
    /// Shows an expired certificate.
    Expired,
    /// Shows a certificate that is not valid yet.
    NotYetValid,
    /// Shows a certificate for another name.
    WrongName,
    /// Shows a certificate that is for clients and not for servers.
    WrongUse,
    /// Shows a certificate that signs itself.
    SelfSigned,
    /// Shows a certificate of the inspecting company's own authority.
    Inspected,
    /// The same, expired.
    InspectedExpired,
    /// Shows a good certificate behind an intermediate that has expired.
    IssuerExpired,
    /// Shows a certificate of the inspecting company's own authority for a box of its own.
    ForeignBox,
    /// Speaks TLS well, and then other bytes than the protocol's.
    Garbage,
    /// Speaks TLS well, and then nothing.
    SilentAfterTls,
    /// Speaks TLS well, and then resets.
    ResetAfterTls,
    /// Holds the first connection and says nothing; the next are served.
    SilentAtFirst,
    /// Resets the first connection; the next are served.
    ResetAtFirst,
    /// Closes the first connection; the next are served.
    CloseAtFirst,
    /// Wants a certificate of the client.
    WantsCertificate,
    /// HTTP 403 in plain text, as a gateway writes it.
    Http403,
    /// HTTP 404 in plain text.
    Http404,
    /// HTTP 200 with nothing in it.
    Empty200,
    /// SQL: nothing after the PRELOGIN answer.
    SilentAfterPrelogin,
    /// SQL: offers no encryption.
    NoEncryption,
    /// Shows its own certificate and leaves out the one that signed it.
    LeafOnly,
    /// HTTP 503.
    Http503,
    /// A proxy that asks for authentication.
    Http407,
    /// A network that asks for a login.
    Http511,
    /// A text that nobody asked for.
    OtherBody,
    /// Azure Firewall's own status.
    Http470,
    /// A web page with status 403.
    BlockPage,
    /// A redirect to a login page on another host.
    LoginPage,
    /// Closes in the middle of the HTTP answer.
    CutShort,
    /// NTP: a kiss-of-death.
    Kiss,
    /// NTP: answers to another question.
    WrongOrigin,
    /// NTP: the time is an hour ahead.
    HourAhead,
    /// NTP: the time is thirty days ahead.
    MonthAhead,
}

/// How a name server misbehaves, for one name or for all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsFault {
    /// Not at all.
    #[default]
    None,
    /// Never answers.
    Silent,
    /// NXDOMAIN.
    Nxdomain,
    /// NOERROR without records.
    NoRecords,
    /// SERVFAIL.
    Servfail,
    /// REFUSED.
    Refused,
    /// A cut answer over UDP; the whole one over TCP.
    Truncated,
    /// A cut answer over UDP, and nothing listens on TCP.
    TruncatedNoTcp,
    /// Answers with another id.
    WrongId,
    /// Answers with bytes that are no message.
    Malformed,
    /// 0.0.0.0.
    Sinkhole,
    /// An alias into a `privatelink` zone that ends in NXDOMAIN.
    PrivateLinkGone,
    /// An alias into a `privatelink` zone that has the addresses.
    PrivateLink,
    /// Silence to AAAA only.
    SilentAaaa,
    /// Silence to A only.
    SilentA,
    /// The right answer, 400 ms late.
    Slow,
    /// Silence for the server's first two seconds, as if every packet were lost.
    SilentAtFirst,
    /// SERVFAIL to the first question about a name and type, answers after it.
    ServfailAtFirst,
    /// Silence to questions with EDNS.
    DropsEdns,
    /// Answers over UDP with more than 512 bytes are lost; every answer is long for who can take it.
    LosesLong,
    /// Silence over UDP; TCP is answered.
    TcpOnly,
    /// At most 20 answers a second, silence to all else.
    Limited,
    /// The right answer, 1.2 s late.
    VerySlow,
    /// NXDOMAIN, 1.2 s late.
    LateNxdomain,
}

//! OCSP: one real question by GET (RFC 6960, appendix A.1), and what the responder says to it.

/// Asks for certificate 258 of DigiCert Global Root G2, a number that was never issued: any responder has an answer,
/// and none has to look it up. DER, base64, and percent-encoded as a path wants it.
const QUESTION: &str =
    "MEMwQTA%2FMD0wOzAJBgUrDgMCGgUABBQ50otx%2Fh0Ztl%2Bz8SiPI7wEWVxDlQQUTiJUIBiV5uNu5g%2F6%2BrkS7QYXjzkCAgEC";

/// The path of the question for a responder that is served at `base`.
#[must_use]
pub fn path(base: &str) -> String {
    format!("{}/{QUESTION}", base.trim_end_matches('/'))
}

/// The status of an answer (RFC 6960, section 4.2.1); `None` where `body` is none.
#[must_use]
pub fn status(body: &[u8]) -> Option<&'static str> {
    let [0x30, length, rest @ ..] = body else { return None };
    // Long lengths say in their first byte how many bytes follow.
    let skipped = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
    let [0x0a, 1, status, ..] = rest.get(skipped..)? else { return None };
    match status {
        0 => Some("successful"),
        1 => Some("malformed request"),
        2 => Some("internal error"),
        3 => Some("try later"),
        5 => Some("signature required"),
        6 => Some("unauthorized"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of the 624 bytes that the responder of OpenSSL 3.0 answers to the question.
    const UNKNOWN: [u8; 16] =
        [0x30, 0x82, 0x02, 0x6c, 0x0a, 0x01, 0x00, 0xa0, 0x82, 0x02, 0x65, 0x30, 0x82, 0x02, 0x61, 0x06];

    #[test]
    fn the_question_goes_behind_the_responders_own_path() {
        assert!(path("/ocsp").starts_with("/ocsp/MEMw"));
        assert!(path("/").starts_with("/MEMw"));
        assert!(path("/ocsp").bytes().all(|byte| byte.is_ascii_graphic()));
    }

    #[test]
    fn answers_of_a_real_responder_are_read_and_their_truncations_are_not() {
        assert_eq!(status(&UNKNOWN), Some("successful"));
        assert_eq!(status(&[0x30, 3, 0x0a, 1, 1]), Some("malformed request"));
        assert_eq!(status(&[0x30, 3, 0x0a, 1, 6]), Some("unauthorized"));
        for length in 0..7 {
            assert_eq!(status(&UNKNOWN[..length]), None);
        }
    }

    #[test]
    fn a_certificate_a_list_and_a_text_are_no_answers() {
        for body in [
            &b"\x30\x82\x01\x57\x30\x81\xfe\x02\x01\x01"[..],
            b"not an answer",
            b"<html>",
            &[0x30, 0xff, 0x0a],
        ] {
            assert_eq!(status(body), None);
        }
    }
}

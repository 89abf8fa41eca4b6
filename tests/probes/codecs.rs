//! What a peer sends may be anything: no decoder panics on it, and none takes noise for its protocol.

use std::time::SystemTime;

use apim_probe_checks::probe::{amqp, kms, ntp, ocsp, redis, smb, smtp, tds};
use proptest::prelude::*;

/// Bytes that begin as the protocols' answers do, and go on as they like.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let beginnings: Vec<&[u8]> = vec![
        b"",
        b"AMQP",
        b"\xfeSMB\x40\0",
        b"\x05\0\x0c\x03",
        b"\x24\x05",
        b"\x30\x82",
        b"-",
        b"220",
        b"\0\0\x0b\0\x06\x01\0\x11\0\x01\xff",
        b"\0\x53\x40",
    ];
    (prop::sample::select(beginnings), prop::collection::vec(any::<u8>(), 0..160))
        .prop_map(|(beginning, rest)| [beginning, &rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_decoder_panics(bytes in bytes(), stamp in any::<u64>()) {
        let now = SystemTime::now();
        let _ = (amqp::body_length(&bytes), amqp::names(&bytes), amqp::read(&bytes, amqp::Variant::Sasl));
        let _ = (kms::read(&bytes), kms::interface(&bytes), ocsp::status(&bytes));
        let _ = (ntp::read(&bytes, stamp, now, now), smb::read(&bytes), tds::read(&bytes));
        let text = String::from_utf8_lossy(&bytes);
        let _ = (redis::read(&text), smtp::read(&text));
    }

    #[test]
    fn noise_is_no_answer(bytes in prop::collection::vec(any::<u8>(), 0..160), stamp in any::<u64>()) {
        let now = SystemTime::now();
        prop_assert_eq!(ntp::read(&bytes, stamp, now, now), ntp::Reading::Ignored);
        prop_assert!(amqp::read(&bytes, amqp::Variant::Sasl).is_none() && smb::read(&bytes).is_none());
        prop_assert!(smtp::read(&String::from_utf8_lossy(&bytes)) == smtp::Line::Other);
    }

    #[test]
    fn a_frame_of_mechanisms_is_bounded(length in any::<u32>()) {
        let head = [&length.to_be_bytes()[..], &[2, 1, 0, 0]].concat();
        prop_assert_eq!(amqp::body_length(&head).is_some(), (8..=4096).contains(&length));
    }
}

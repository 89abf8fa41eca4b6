//! What a certificate says of itself: only what a report shows of it is decoded.

use std::sync::LazyLock;

use x509_parser::certificate::X509CertificateParser;
use x509_parser::extensions::{GeneralName, SubjectAlternativeName};
use x509_parser::nom::Parser;
use x509_parser::oid_registry::{
    MS_JURISDICTION_COUNTRY, MS_JURISDICTION_LOCALITY, MS_JURISDICTION_STATE_OR_PROVINCE,
    OID_PKCS9_UNSTRUCTURED_NAME, OID_USERID, OID_X509_BUSINESS_CATEGORY, OID_X509_DESCRIPTION,
    OID_X509_DN_QUALIFIER, OID_X509_EXT_SUBJECT_ALT_NAME, OID_X509_GENERATION_QUALIFIER, OID_X509_GIVEN_NAME,
    OID_X509_INITIALS, OID_X509_NAME, OID_X509_POSTAL_ADDRESS, OID_X509_POSTAL_CODE, OID_X509_SERIALNUMBER,
    OID_X509_STREET_ADDRESS, OID_X509_SURNAME, OID_X509_TITLE, OID_X509_UNIQUE_IDENTIFIER, Oid, OidEntry,
    OidRegistry,
};
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

/// Names of other kinds that a certificate may have are left out; of host names, this many are kept.
const MOST_NAMES: usize = 100;

/// What the parts of a name are called, beside those with a letter or two (`CN`, `OU`). The library's own list also has
/// every algorithm and extension that there is, and weighs as much as its reader.
const PARTS: [(Oid<'static>, &str); 19] = [
    (OID_USERID, "uid"),
    (OID_X509_SURNAME, "surname"),
    (OID_X509_SERIALNUMBER, "serialNumber"),
    (OID_X509_STREET_ADDRESS, "streetAddress"),
    (OID_X509_TITLE, "title"),
    (OID_X509_DESCRIPTION, "description"),
    (OID_X509_BUSINESS_CATEGORY, "businessCategory"),
    (OID_X509_POSTAL_ADDRESS, "postalAddress"),
    (OID_X509_POSTAL_CODE, "postalCode"),
    (OID_X509_NAME, "name"),
    (OID_X509_GIVEN_NAME, "givenName"),
    (OID_X509_INITIALS, "initials"),
    (OID_X509_GENERATION_QUALIFIER, "generationQualifier"),
    (OID_X509_UNIQUE_IDENTIFIER, "uniqueIdentifier"),
    (OID_X509_DN_QUALIFIER, "dnQualifier"),
    (OID_PKCS9_UNSTRUCTURED_NAME, "unstructuredName"),
    (MS_JURISDICTION_LOCALITY, "msJurisdictionLocality"),
    (MS_JURISDICTION_STATE_OR_PROVINCE, "msJurisdictionStateOrProvince"),
    (MS_JURISDICTION_COUNTRY, "msJurisdictionCountry"),
];

static KNOWN_PARTS: LazyLock<OidRegistry<'static>> = LazyLock::new(|| {
    let mut known = OidRegistry::default();
    for (oid, word) in PARTS {
        known.insert(oid, OidEntry::new(word, word));
    }
    known
});

/// Its parts; extensions are left as bytes. `None` where it cannot be read.
pub(super) fn read(der: &[u8]) -> Option<X509Certificate<'_>> {
    let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
    parser.parse(der).ok().map(|(_, certificate)| certificate)
}

/// A subject or issuer: `C=US, O=Contoso, CN=api.contoso.example`.
pub(super) fn name(name: &X509Name<'_>) -> String {
    name.to_string_with_registry(&KNOWN_PARTS).unwrap_or_else(|_| "unreadable name".to_owned())
}

/// The host names that it is for.
pub(super) fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.get_extension_unique(&OID_X509_EXT_SUBJECT_ALT_NAME) else {
        return Vec::new();
    };
    let Ok((_, names)) = SubjectAlternativeName::from_der(extension.value) else { return Vec::new() };
    let hosts = names.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    });
    hosts.take(MOST_NAMES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    use x509_parser::objects::{oid_registry, oid2sn};

    #[test]
    fn the_parts_of_a_name_are_called_as_the_librarys_whole_list_calls_them() {
        for (oid, word) in PARTS {
            assert_eq!(oid2sn(&oid, oid_registry()), Ok(word));
        }
    }

    #[test]
    fn what_is_no_certificate_is_not_read() {
        assert!(read(b"").is_none());
        assert!(read(&[0x30, 0x03, 0x02, 0x01, 0x01]).is_none());
    }
}

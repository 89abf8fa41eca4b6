//! An authority made by OpenSSL: a root, an intermediate that issues, and leaves with and without faults.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::world::feed;

/// Where the certificates are.
pub(crate) struct Pki {
    dir: PathBuf,
    /// OpenSSL's own database takes one writer at a time.
    issuing: Mutex<()>,
}

/// A certificate with its chain, and its key.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    /// The leaf and the intermediate, in PEM form.
    pub chain: PathBuf,
    /// The key, in PEM form.
    pub key: PathBuf,
}

/// How a leaf is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form<'a> {
    /// Names that it is for.
    pub names: &'a [&'a str],
    /// Organisation that it names.
    pub organization: &'a str,
    /// Words of `openssl req` that make the key.
    pub key: &'a [&'a str],
    /// From when and until when it is valid, as `openssl ca` takes them.
    pub dates: (&'a str, &'a str),
}

const EC: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/// A key as Azure's own certificates have it.
pub(crate) const RSA: &[&str] = &["-newkey", "rsa:2048"];

impl Default for Form<'_> {
    fn default() -> Self {
        Self {
            names: &["*.real.example"],
            organization: "Real Example",
            key: EC,
            dates: ("20250101000000Z", "20491231235959Z"),
        }
    }
}

const CONFIG: &str = "
[ca]
default_ca = issuing
[issuing]
dir = {dir}
database = $dir/index.txt
rand_serial = yes
new_certs_dir = $dir
certificate = $dir/issuing.pem
private_key = $dir/issuing.key
default_md = sha256
default_crl_days = 7
crlnumber = $dir/crlnumber
policy = any
preserve = yes
unique_subject = no
[any]
commonName = supplied
organizationName = optional
countryName = optional
[req]
distinguished_name = none
[none]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuer]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

impl Pki {
    /// Makes the root and the issuing authority.
    pub(crate) fn new(dir: &Path) -> Self {
        std::fs::create_dir(dir).expect("a folder for the authority");
        let pki = Self { dir: dir.to_owned(), issuing: Mutex::new(()) };
        pki.write("openssl.cnf", &CONFIG.replace("{dir}", &dir.to_string_lossy()));
        pki.write("index.txt", "");
        pki.write("crlnumber", "01\n");
        let config = pki.path("openssl.cnf");
        let file = |name: &str| pki.path(name);
        let request = |subject: &str, extensions: &str, stem: &str, signer: &[&str]| {
            let (key, cert) = (file(&format!("{stem}.key")), file(&format!("{stem}.pem")));
            let made = ["req", "-x509", "-nodes", "-days", "3650", "-config", &config, "-subj", subject];
            let out = ["-extensions", extensions, "-keyout", &key, "-out", &cert];
            feed("openssl", &[&made[..], EC, &out, signer].concat(), "");
        };
        request("/C=US/O=Real Example/CN=Real Test Root", "root", "root", &[]);
        let signer = ["-CA", &file("root.pem"), "-CAkey", &file("root.key")];
        request("/C=US/O=Real Example/CN=Real Test Issuing CA 01", "issuer", "issuing", &signer);
        pki
    }

    /// The path of a file of the authority.
    pub(crate) fn path(&self, name: &str) -> String {
        self.dir.join(name).to_string_lossy().into_owned()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.join(name), text).expect("a file of the authority");
    }

    /// The root, as `--public-roots` takes it.
    pub(crate) fn root(&self) -> String {
        self.path("root.pem")
    }

    /// Issues a leaf; `stem` names its files.
    pub(crate) fn issue(&self, stem: &str, form: Form<'_>) -> Leaf {
        let _one_at_a_time = self.issuing.lock().expect("no test failed while issuing");
        let config = self.path("openssl.cnf");
        let [request, key, cert, extra] =
            ["csr", "key", "crt", "ext"].map(|end| self.path(&format!("{stem}.{end}")));
        let subject = format!("/C=US/O={}/CN={}", form.organization, form.names[0]);
        let asked = [
            "req", "-utf8", "-nodes", "-config", &config, "-subj", &subject, "-keyout", &key, "-out",
            &request,
        ];
        feed("openssl", &[&asked[..], form.key].concat(), "");
        let names: Vec<String> = form.names.iter().map(|name| format!("DNS:{name}")).collect();
        let usage = "basicConstraints = CA:FALSE\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = serverAuth\n";
        std::fs::write(&extra, format!("{usage}subjectAltName = {}\n", names.join(","))).expect("a file");
        let (from, until) = form.dates;
        let issued = ["ca", "-batch", "-notext", "-config", &config, "-in", &request, "-out", &cert];
        let dates = ["-extfile", &extra, "-startdate", from, "-enddate", until];
        feed("openssl", &[&issued[..], &dates].concat(), "");
        let read = |path: &str| std::fs::read_to_string(path).expect("a certificate");
        let chain = self.dir.join(format!("{stem}.pem"));
        std::fs::write(&chain, read(&cert) + &read(&self.path("issuing.pem"))).expect("a chain");
        Leaf { chain, key: key.into() }
    }

    /// A leaf that signs itself.
    pub(crate) fn self_signed(&self, stem: &str) -> Leaf {
        let (key, cert) = (self.path(&format!("{stem}.key")), self.path(&format!("{stem}.pem")));
        let config = self.path("openssl.cnf");
        let made =
            ["req", "-x509", "-nodes", "-days", "90", "-config", &config, "-keyout", &key, "-out", &cert];
        let about = ["-subj", "/CN=*.real.example", "-addext", "subjectAltName=DNS:*.real.example"];
        feed("openssl", &[&made[..], EC, &about].concat(), "");
        Leaf { chain: cert.into(), key: key.into() }
    }

    /// The revocation list of the issuing authority in DER form, as authorities publish it.
    pub(crate) fn revocation_list(&self) -> Vec<u8> {
        let _one_at_a_time = self.issuing.lock().expect("no test failed while issuing");
        let pem = feed("openssl", &["ca", "-gencrl", "-config", &self.path("openssl.cnf")], "");
        feed("openssl", &["crl", "-outform", "DER"], &String::from_utf8_lossy(&pem))
    }

    /// The issuing authority's certificate in DER form, as the AIA extension points to it.
    pub(crate) fn issuing_der(&self) -> Vec<u8> {
        feed("openssl", &["x509", "-outform", "DER", "-in", &self.path("issuing.pem")], "")
    }
}

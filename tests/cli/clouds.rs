//! Names of another cloud than the chosen one are refused, with the cloud that they belong to.

use crate::{probe, refused, stderr, stdout};

#[test]
fn a_name_of_another_cloud_is_a_usage_error_that_names_it() {
    let names = [
        (["--service", "contoso.azure-api.cn"], "china"),
        (["--service", "contoso.management.azure-api.us"], "usgov"),
        (["--key-vault", "kv.vault.azure.cn"], "china"),
        (["--key-vault", "https://kv.vault.usgovcloudapi.net/"], "usgov"),
        (["--storage-account", "acct.blob.core.chinacloudapi.cn"], "china"),
        (["--sql-server", "sql.database.usgovcloudapi.net"], "usgov"),
        (["--event-hub", "hub.servicebus.chinacloudapi.cn"], "china"),
        (["--redis", "cache.redis.cache.usgovcloudapi.net"], "usgov"),
        (["--hostname", "gateway=contoso.azure-api.cn"], "china"),
    ];
    for (option, cloud) in names {
        for command in ["plan", "check", "wait"] {
            let words = [&[command, "--region", "eastus2"], &option[..]].concat();
            refused(&words, "expected a name of the cloud `public`, got `");
            refused(&words, &format!("of the cloud `{cloud}` ({})", option[0]));
            refused(&words, &format!("`--cloud {cloud}`"));
        }
    }
    refused(
        &["plan", "--cloud", "usgov", "--sql-server", "sql.database.windows.net"],
        "of the cloud `public`",
    );
    refused(&["plan", "--service", "contoso.azure-api.cn"], "`--cloud china`");
}

#[test]
fn names_of_the_chosen_cloud_and_of_nobodys_are_taken() {
    let fine: [&[&str]; 4] = [
        &["--cloud", "china", "--service", "contoso.azure-api.cn", "--key-vault", "kv.vault.azure.cn"],
        &["--region", "usgovvirginia", "--sql-server", "sql.database.usgovcloudapi.net"],
        &[
            "--region",
            "eastus2",
            "--hostname",
            "gateway=api.contoso.com",
            "--storage-account",
            "acct.blob.core.windows.net",
        ],
        &["--region", "eastus2", "--endpoint", "contoso.azure-api.cn:443"],
    ];
    for words in fine {
        let output = probe(&[&["plan"], words].concat());
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", stderr(&output));
    }
    let output = probe(&["plan", "--region", "eastus2", "--service", "contoso.developer.azure-api.net"]);
    assert!(stdout(&output).contains("contoso.azure-api.net:443"), "{}", stdout(&output));
}

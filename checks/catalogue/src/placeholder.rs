//! The placeholders of host templates: `{storage}.blob.{suffix.storage}`.

use crate::words;

words! {
    /// What a host template may leave open, beside `{suffix.…}`, which the cloud fills in.
    Placeholder {
        /// A storage account of the instance.
        Storage = "storage",
        /// The storage account of the mail queue; nothing outside the platform knows its name.
        SmtpStorage = "smtp_storage",
        /// The instance's SQL server.
        SqlServer = "sqlserver",
        /// The vault that API Management keeps for the instance.
        ApimKeyVault = "apim_keyvault",
        /// A vault of the customer.
        KeyVault = "keyvault",
        /// An Event Hubs namespace.
        EventHub = "eventhub_ns",
        /// A cache of Azure Cache for Redis.
        Redis = "redis",
        /// A cache of Azure Managed Redis, by its full name.
        ManagedRedis = "managed_redis",
        /// The instance.
        Service = "service",
        /// The region's ARM id.
        Region = "region",
        /// The region's name in Azure SQL's control ring.
        SqlRegion = "sql_region",
        /// The cluster of the region's package storage account.
        Cluster = "cluster",
        /// A DNS server that this machine is configured to ask.
        DnsServer = "dns_server",
        /// A node of the instance.
        NodeIp = "node_ip",
        /// Another node of the instance.
        PeerNodeIp = "peer_node_ip",
        /// A workspace gateway.
        Gateway = "gateway",
        /// The hash in a workspace gateway's name.
        Hash = "hash",
        /// The number in a workspace gateway's name.
        Number = "nn",
    }
}

impl Placeholder {
    /// The first placeholder of a template whose suffixes are filled in; `None` where there is none.
    #[must_use]
    pub fn first_in(template: &str) -> Option<Self> {
        let (_, rest) = template.split_once('{')?;
        Self::parse(rest.split_once('}')?.0)
    }

    /// The template with `name` for every place of this placeholder.
    #[must_use]
    pub fn fill(self, template: &str, name: &str) -> String {
        template.replace(&format!("{{{}}}", self.as_str()), name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_from_the_left() {
        let template = "{gateway}-{hash}.example";
        assert_eq!(Placeholder::first_in(template), Some(Placeholder::Gateway));
        let filled = Placeholder::Gateway.fill(template, "team");
        assert_eq!(Placeholder::first_in(&filled), Some(Placeholder::Hash));
        assert_eq!(Placeholder::first_in("team.example"), None);
    }
}

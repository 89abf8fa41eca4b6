"""What `rules` writes, read by parsers of the languages from PyPI (neither the Bicep compiler nor Terraform is asked): every file
parses, every name is defined, required arguments are there, one tag stands on a side, and a second run writes the same."""

import csv
import io
import itertools
import json
import re
import subprocess
import unittest

import hcl2
import pycep

from lab import PROBE

CLOUDS = ["public", "usgov", "china"]
MODES = ["internal", "external"]
PROFILES = ["classic", "premium-v2", "workspace"]
COLUMNS = ["kind", "name", "direction", "priority", "access", "protocol", "source", "destination", "ports", "description"]
# Arguments that the provider's documentation calls required.
REQUIRED = {
    "azurerm_network_security_group": {"name", "location", "resource_group_name"},
    "azurerm_network_security_rule": {"name", "resource_group_name", "network_security_group_name", "protocol", "access",
                                      "priority", "direction"},
    "azurerm_subnet_network_security_group_association": {"subnet_id", "network_security_group_id"},
    "azurerm_route_table": {"name", "location", "resource_group_name"},
    "azurerm_route": {"name", "resource_group_name", "route_table_name", "address_prefix", "next_hop_type"},
    "azurerm_subnet_route_table_association": {"subnet_id", "route_table_id"},
    "azurerm_subnet": {"name", "resource_group_name", "virtual_network_name", "address_prefixes"},
    "azurerm_private_dns_zone": {"name", "resource_group_name"},
    "azurerm_private_dns_zone_virtual_network_link": {"name", "resource_group_name", "private_dns_zone_name",
                                                      "virtual_network_id"},
    "azurerm_private_dns_a_record": {"name", "resource_group_name", "zone_name", "ttl", "records"},
}


def rules(form, *options):
    command = [PROBE, "rules", "--as", form, *options]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout


def variants():
    """Every cloud, mode and profile, with and without forced tunneling, strict and not."""
    for cloud, mode, profile in itertools.product(CLOUDS, MODES, PROFILES):
        for more in [[], ["--strict-deny"], ["--forced-tunnel", "10.0.0.4"], ["--required-only", "--strict-deny"]]:
            yield ["--cloud", cloud, "--vnet-mode", mode, "--profile", profile, "--service", "contoso", *more]


class Rules(unittest.TestCase):
    def test_a_second_run_writes_the_same(self):
        for form in ["az", "bicep", "terraform", "arm", "azure-firewall", "csv", "markdown"]:
            self.assertEqual(rules(form), rules(form), form)

    def test_bicep_parses_and_every_name_is_defined(self):
        for options in variants():
            text = rules("bicep", *options)
            parsed = pycep.BicepParser().parse(text=text)
            declared = set(parsed.get("parameters", {}))
            used = {word for word in re.findall(r"\b([a-z][A-Za-z]+)\b", text) if word in declared}
            self.assertEqual(declared - used, set(), options)
            symbols = re.findall(r"(?m)^resource (\w+) ", text)
            self.assertEqual(len(symbols), len(set(symbols)), options)
            for parent in re.findall(r"parent: (\w+)", text):
                self.assertIn(parent, symbols)

    def test_terraform_parses_and_has_its_required_arguments(self):
        for options in variants():
            text = rules("terraform", *options)
            parsed = hcl2.loads(text)
            variables = {name.strip('"') for one in parsed.get("variable", []) for name in one}
            self.assertEqual(set(re.findall(r"var\.(\w+)", text)), variables, options)
            for one in parsed.get("resource", []):
                for kind, blocks in one.items():
                    for block in blocks.values():
                        missing = REQUIRED[kind.strip('"')] - set(block)
                        self.assertEqual(missing, set(), (options, kind))
                        for key in ["source_address_prefixes", "destination_address_prefixes"]:
                            for value in block.get(key, []):
                                self.assertRegex(str(value).strip('"'), r"^[0-9a-f.:]+(/\d+)?$", "a tag in a plural key")

    def test_arm_is_a_complete_template_without_a_loop(self):
        for options in variants():
            for form in ["arm", "azure-firewall"]:
                text = rules(form, *options)
                if not text:
                    self.assertEqual(form, "azure-firewall", options)
                    continue
                template = json.loads(text)
                self.assertEqual({"$schema", "contentVersion", "resources"} - set(template), set())
                text = json.dumps(template)
                self.assertNotIn('"copy"', text)
                self.assertNotIn("<", text)
                for resource in template["resources"]:
                    self.assertEqual({"type", "apiVersion", "name", "properties"} - set(resource), set())
                used = set(re.findall(r"parameters\('(\w+)'\)", text))
                self.assertEqual(used, set(template["parameters"]), (form, options))

    def test_names_and_priorities_are_unique(self):
        for options in variants():
            rows = list(csv.DictReader(io.StringIO(rules("csv", *options))))
            self.assertEqual(list(rows[0]), COLUMNS)
            security = [row for row in rows if row["kind"] == "security-rule"]
            names = [row["name"].lower() for row in security]
            self.assertEqual(len(names), len(set(names)), options)
            places = [(row["direction"], row["priority"]) for row in security]
            self.assertEqual(len(places), len(set(places)), options)
            for row in rows:
                self.assertLessEqual(len(row["description"]), 140)
            self.assertFalse([row for row in rows if row["kind"].startswith("firewall") and row["source"] != "subnet"])


if __name__ == "__main__":
    unittest.main()

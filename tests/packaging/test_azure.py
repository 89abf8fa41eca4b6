"""The files for Azure, as far as they can be judged without Azure: parsed by parsers of Bicep and HCL from PyPI (neither the
Bicep compiler nor Terraform is asked), their references followed, and the user data that they make run through cloud-init's schema.
"""

import json
import pathlib
import re
import tempfile
import unittest

import hcl2
import pycep
import yaml

from lab import PROBE, PROJECT, in_lab, needs_namespaces, run

AZURE = PROJECT / "packaging/azure"
USER_DATA = PROJECT / "packaging/cloud-init/throw-away.yaml"
EDITS = ['APIM_PROBE_OPTIONS="--azure"', 'APIM_PROBE_URL=""', 'APIM_PROBE_SHA256=""']


def walk(value):
    """Every dictionary in a parsed file."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from walk(one)


def edited(text, replacements):
    """The user data after the edits of a file: what is looked for must be there once, on a line of its own."""
    for before, after in replacements:
        assert text.count(f"{before}\n") == 1, before
        text = text.replace(before, after)
    return text


class Common:
    def test_it_parses_and_every_name_is_defined(self):
        self.assertEqual(self.used() - self.defined(), set())
        self.assertEqual(self.declared() - self.used(), set(), "declared and not used")

    def test_it_makes_no_public_address_and_keeps_the_boot_log(self):
        text = self.path.read_text()
        self.assertNotRegex(text.lower().replace("no public ip", ""), "public_?ip")
        self.assertRegex(text.lower(), "boot_?diagnostics")

    def test_the_user_data_that_it_makes_is_valid(self):
        pairs = self.replacements()
        self.assertEqual([before for before, _ in pairs], EDITS)
        given = [("${options}", "--storage-account x"), ("${var.options}", "--storage-account x"),
                 ("${binaryUrl}", "https://a.example/apim-probe?sp=r&sig=x"), ("${var.binary_url}", "https://a.example/b?sp=r&sig=x"),
                 ("${binarySha256}", "00ff"), ("${var.binary_sha256}", "00ff")]
        filled = []
        for before, after in pairs:
            for name, value in given:
                after = after.replace(name, value)
            filled.append((before, after))
        text = edited(USER_DATA.read_text(), filled)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "user-data"
            path.write_text(text)
            self.assertEqual(run("cloud-init", "schema", "--config-file", path).returncode, 0)
            settings = yaml.safe_load(text)["write_files"][0]["content"]
            shown = run("sh", "-uc", f'{settings}\necho "$APIM_PROBE_OPTIONS|$APIM_PROBE_URL|$APIM_PROBE_SHA256"').stdout
        self.assertRegex(shown, r"^--storage-account x\|https://a.example/\S+&sig=x\|00ff$")


    def test_its_role_is_what_the_program_asks_for(self):
        printed = json.loads(run(PROBE, "fetch", "--print-role").stdout)
        self.assertEqual(json.loads((AZURE / "role.json").read_text()), printed)
        self.assertIn("role.json", self.text)
        self.assertNotIn("*", "".join(printed["Actions"]))


class Bicep(Common, unittest.TestCase):
    path = AZURE / "probe-vm.bicep"

    def setUp(self):
        self.text = self.path.read_text()
        self.parsed = pycep.BicepParser().parse(text=self.text)

    def defined(self):
        return {name for kind in ["parameters", "variables", "resources"] for name in self.parsed[kind]}

    def declared(self):
        return set(self.parsed["parameters"]) | set(self.parsed["variables"])

    def used(self):
        code = "\n".join(line for line in self.text.splitlines() if not line.strip().startswith(("//", "@", "param ")))
        code = re.sub(r"^(var|resource|output) \w+", "", code, flags=re.M)
        in_strings = set(re.findall(r"\$\{(\w+)", code))
        bare = re.sub(r"'(?:\\.|[^'\\])*'", "", code)
        keys = re.sub(r"^\s*\w+:", "", bare, flags=re.M)
        known = {"resourceGroup", "replace", "loadTextContent", "loadJsonContent", "base64", "empty", "guid", "uniqueString", "if",
                 "true", "false", "null", "string", "name", "id", "location"}
        words = {word for word in re.findall(r"(?<![.\w])([a-zA-Z]\w*)", keys)} | in_strings
        return (words - known) | {word for word in ["name", "location"] if re.search(rf":\s*{word}$", bare, re.M)}

    def replacements(self):
        found = re.findall(r"replace\([^']*(?:loadTextContent\('[^']*'\))?[^']*'((?:\\.|[^'\\])*)', '((?:\\.|[^'\\])*)'\)", self.text)
        return [(before.replace("\\'", "'"), after.replace("\\'", "'")) for before, after in found]

    def test_what_it_loads_is_there(self):
        loaded = re.findall(r"loadTextContent\('([^']*)'\)", self.text)
        self.assertEqual([(AZURE / path).resolve() for path in loaded], [USER_DATA])

    def test_what_it_loads_as_json_is_there(self):
        self.assertEqual(re.findall(r"loadJsonContent\('([^']*)'\)", self.text), ["role.json"])

    def test_the_machine_may_ask_azure_once_its_role_is_there(self):
        resources = self.parsed["resources"]
        part = {name: resources[name]["config"]["config"]["properties"] for name in ["role", "assignment"]}
        permission = str(part["role"]["permissions"])
        self.assertIn("'reader'", permission)
        self.assertIn("'Actions'", permission)
        self.assertIn("'resource_group'", str(part["role"]["assignableScopes"]))
        self.assertIn("'role'", str(part["assignment"]["roleDefinitionId"]))
        self.assertIn("'probeIdentity'", str(part["assignment"]["principalId"]))
        vm = resources["vm"]["config"]
        self.assertEqual(vm["dependsOn"], ["assignment"])
        self.assertIn("UserAssigned", str(vm["identity"]))
        self.assertIn("probeIdentity", str(vm["identity"]))
        self.assertEqual(self.parsed["parameters"]["options"]["default"], "--azure")

    def test_the_machine_takes_its_parts_along(self):
        self.assertEqual(self.text.count("deleteOption: 'Delete'"), 2)

    def test_the_url_is_kept_out_of_the_deployments_history(self):
        self.assertIn({"type": "secure"}, self.parsed["parameters"]["binaryUrl"]["decorators"])


class Terraform(Common, unittest.TestCase):
    path = AZURE / "probe-vm.tf"

    def setUp(self):
        self.text = self.path.read_text()
        self.parsed = hcl2.loads(self.text)

    def names(self, kind):
        return {name.strip('"') for block in self.parsed[kind] for name in block if not name.startswith("__")}

    def resource(self, kind):
        [found] = [inner for block in self.parsed["resource"] for name, inner in block.items() if name.strip('"') == kind]
        return next(inner for name, inner in found.items() if not name.startswith("__"))

    def test_the_machine_may_ask_azure_once_its_role_is_there(self):
        permissions = str(self.resource("azurerm_role_definition")["permissions"])
        self.assertIn("local.reader.Actions", permissions)
        assignment = self.resource("azurerm_role_assignment")
        self.assertIn("data.azurerm_resource_group.here.id", str(assignment["scope"]))
        self.assertIn("azurerm_role_definition.reader[0]", str(assignment["role_definition_id"]))
        self.assertIn("azurerm_user_assigned_identity.probe[0]", str(assignment["principal_id"]))
        machine = self.resource("azurerm_linux_virtual_machine")
        self.assertIn("azurerm_role_assignment.probe", str(machine["depends_on"]))
        self.assertIn("UserAssigned", str(machine["dynamic"]))
        options = next(block for block in self.parsed["variable"] if '"options"' in block)
        self.assertEqual(options['"options"']["default"].strip('"'), "--azure")

    def defined(self):
        resources = {f"{kind}.{name}".replace('"', "") for block in self.parsed["resource"] + self.parsed["data"] for kind, inner in block.items()
                     if isinstance(inner, dict) for name in inner if not name.startswith("__")}
        return {f"var.{name}" for name in self.names("variable")} | {f"local.{name}" for name in self.names("locals")} | resources

    def declared(self):
        return {name for name in self.defined() if name.startswith(("var.", "local."))}

    def used(self):
        return set(re.findall(r"\b(?:var|local|azurerm_[a-z_]+)\.[a-z_0-9]+", self.text))

    def replacements(self):
        found = re.findall(r'replace\(.*?, "((?:\\.|[^"\\])*)", "((?:\\.|[^"\\])*)"\)', self.text)
        return [(before.replace('\\"', '"'), after.replace('\\"', '"')) for before, after in found]

    def test_the_url_is_kept_out_of_the_output(self):
        url = next(block for block in self.parsed["variable"] if '"binary_url"' in block)
        self.assertTrue(url['"binary_url"']["sensitive"])


class VmApplication(unittest.TestCase):
    """Azure runs the commands in the folder of the package, which has the name of the application."""

    def test_it_installs_and_removes_the_program(self):
        script = (f'set -e; mount -t tmpfs tmpfs /usr/local; mkdir /usr/local/bin; cd "$(mktemp -d)"; cp "{PROBE}" apim-probe; '
                  f'sh "{AZURE}/vm-application/install"; /usr/local/bin/apim-probe --version; '
                  f'sh "{AZURE}/vm-application/remove"; ls /usr/local/bin')
        ended = run("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script)
        self.assertEqual((ended.returncode, ended.stdout), (0, ended.stdout.splitlines()[0] + "\n"))
        self.assertTrue(ended.stdout.startswith("apim-probe "), ended.stdout)


if __name__ == "__main__":
    unittest.main()

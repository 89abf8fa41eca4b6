# A throw-away VM in a given subnet: no public IP, no inbound rule, nobody logs in. Cloud-init runs apim-probe once,
# frames the report on the serial console, and powers the machine off (../cloud-init/throw-away.yaml).
#
#   terraform apply -var resource_group_name=RG -var location=eastus2 -var subnet_id=/subscriptions/... \
#     -var ssh_public_key="$(cat ~/.ssh/id_rsa.pub)" -var application_version_id=... -var options='--storage-account ...'
#   az vm boot-diagnostics get-boot-log --resource-group RG --name apim-probe >console.log && apim-probe explain console.log
#   terraform destroy
#
# Classic tiers allow other resources in the subnet of API Management. Premium v2 does not: use a twin subnet.

terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
  }
}

provider "azurerm" {
  features {}
}

variable "resource_group_name" {
  type = string
}

variable "location" {
  type = string
}

variable "subnet_id" {
  type        = string
  description = "Resource id of the subnet that API Management is, or is to be, deployed into"
}

variable "ssh_public_key" {
  type        = string
  description = "Public half of an SSH key: Azure asks for one, nobody needs to use it"
}

variable "options" {
  type        = string
  default     = "--azure"
  description = "Options of apim-probe check; with --azure the names come from Azure"
}

variable "assign_role" {
  type        = bool
  default     = true
  description = "Make an identity for the VM that may read what --azure asks for, and nothing else: needs the right to assign roles in this resource group. Without it apim-probe says so in one line and checks all the same"
}

variable "application_version_id" {
  type        = string
  default     = ""
  description = "Resource id of a VM Application version that installs /usr/local/bin/apim-probe; empty when binary_url is given"
}

variable "binary_url" {
  type        = string
  default     = ""
  sensitive   = true
  description = "URL of the binary, such as a blob with a shared access signature; empty when it comes as a VM Application"
}

variable "binary_sha256" {
  type        = string
  default     = ""
  description = "SHA-256 of the binary at binary_url, from SHA256SUMS"
}

variable "name" {
  type    = string
  default = "apim-probe"
}

variable "vm_size" {
  type    = string
  default = "Standard_B1s"
}

locals {
  reader = jsondecode(file("${path.module}/role.json"))

  # The lines that the user data wants edited.
  with_options = replace(file("${path.module}/../cloud-init/throw-away.yaml"), "APIM_PROBE_OPTIONS=\"--azure\"", "APIM_PROBE_OPTIONS=\"${var.options}\"")
  with_url     = replace(local.with_options, "APIM_PROBE_URL=\"\"", "APIM_PROBE_URL='${var.binary_url}'")
  user_data    = replace(local.with_url, "APIM_PROBE_SHA256=\"\"", "APIM_PROBE_SHA256=\"${var.binary_sha256}\"")
}

resource "azurerm_network_interface" "card" {
  name                = "${var.name}-nic"
  location            = var.location
  resource_group_name = var.resource_group_name

  ip_configuration {
    name                          = "private"
    subnet_id                     = var.subnet_id
    private_ip_address_allocation = "Dynamic"
  }
}

# What `apim-probe fetch --print-role` prints. The group of the network or of API Management may be another one: assign the
# role to the identity there too.
data "azurerm_resource_group" "here" {
  name = var.resource_group_name
}

resource "azurerm_user_assigned_identity" "probe" {
  count               = var.assign_role ? 1 : 0
  name                = "${var.name}-identity"
  location            = var.location
  resource_group_name = var.resource_group_name
}

resource "azurerm_role_definition" "reader" {
  count             = var.assign_role ? 1 : 0
  name              = "${local.reader.Name} ${var.name} ${var.resource_group_name}"
  scope             = data.azurerm_resource_group.here.id
  description       = local.reader.Description
  assignable_scopes = [data.azurerm_resource_group.here.id]

  permissions {
    actions     = local.reader.Actions
    not_actions = local.reader.NotActions
  }
}

resource "azurerm_role_assignment" "probe" {
  count              = var.assign_role ? 1 : 0
  scope              = data.azurerm_resource_group.here.id
  role_definition_id = azurerm_role_definition.reader[0].role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.probe[0].principal_id
  principal_type     = "ServicePrincipal"
}

resource "azurerm_linux_virtual_machine" "probe" {
  name                  = var.name
  location              = var.location
  resource_group_name   = var.resource_group_name
  size                  = var.vm_size
  network_interface_ids = [azurerm_network_interface.card.id]
  admin_username        = "probe"
  custom_data           = base64encode(local.user_data)
  # The machine asks once, at boot: its role must be there.
  depends_on = [azurerm_role_assignment.probe]

  dynamic "identity" {
    for_each = azurerm_user_assigned_identity.probe[*].id
    content {
      type         = "UserAssigned"
      identity_ids = [identity.value]
    }
  }

  admin_ssh_key {
    username   = "probe"
    public_key = var.ssh_public_key
  }

  source_image_reference {
    publisher = "Canonical"
    offer     = "0001-com-ubuntu-server-jammy"
    sku       = "22_04-lts-gen2"
    version   = "latest"
  }

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Standard_LRS"
  }

  # Without a storage account of its own: Azure keeps the log.
  boot_diagnostics {}

  dynamic "gallery_application" {
    for_each = var.application_version_id == "" ? [] : [var.application_version_id]
    content {
      version_id = gallery_application.value
    }
  }
}

output "read_the_report" {
  value = "az vm boot-diagnostics get-boot-log --resource-group ${var.resource_group_name} --name ${var.name}"
}

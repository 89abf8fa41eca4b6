// A throw-away VM in a given subnet: no public IP, no inbound rule, nobody logs in. Cloud-init runs apim-probe once,
// frames the report on the serial console, and powers the machine off (../cloud-init/throw-away.yaml).
//
//   az deployment group create --resource-group RG --template-file probe-vm.bicep --parameters \
//     subnetId=$(az network vnet subnet show --resource-group RG --vnet-name VNET --name SUBNET --query id --output tsv) \
//     sshPublicKey="$(cat ~/.ssh/id_rsa.pub)" applicationVersionId=... options='--storage-account ... --sql-server ...'
//   az vm boot-diagnostics get-boot-log --resource-group RG --name apim-probe >console.log && apim-probe explain console.log
//   az vm delete --resource-group RG --name apim-probe --yes          (its disk and network card go with it)
//
// Classic tiers allow other resources in the subnet of API Management. Premium v2 does not: use a twin subnet.

@description('Resource id of the subnet that API Management is, or is to be, deployed into')
param subnetId string

@description('Public half of an SSH key: Azure asks for one, nobody needs to use it')
param sshPublicKey string

@description('Options of apim-probe check; with --azure the names come from Azure')
param options string = '--azure'

@description('Make an identity for the VM that may read what --azure asks for, and nothing else: needs the right to assign roles in this resource group. Without it apim-probe says so in one line and checks all the same')
param assignRole bool = true

@description('Resource id of a VM Application version that installs /usr/local/bin/apim-probe; empty when binaryUrl is given')
param applicationVersionId string = ''

@description('URL of the binary, such as a blob with a shared access signature; empty when it comes as a VM Application')
@secure()
param binaryUrl string = ''

@description('SHA-256 of the binary at binaryUrl, from SHA256SUMS')
param binarySha256 string = ''

@description('Name of the VM and of what belongs to it')
param name string = 'apim-probe'

param location string = resourceGroup().location
param vmSize string = 'Standard_B1s'

// The lines that the user data wants edited.
var withOptions = replace(loadTextContent('../cloud-init/throw-away.yaml'), 'APIM_PROBE_OPTIONS="--azure"', 'APIM_PROBE_OPTIONS="${options}"')
var withUrl = replace(withOptions, 'APIM_PROBE_URL=""', 'APIM_PROBE_URL=\'${binaryUrl}\'')
var userData = replace(withUrl, 'APIM_PROBE_SHA256=""', 'APIM_PROBE_SHA256="${binarySha256}"')

resource card 'Microsoft.Network/networkInterfaces@2023-11-01' = {
  name: '${name}-nic'
  location: location
  properties: {
    ipConfigurations: [
      {
        name: 'private'
        properties: {
          privateIPAllocationMethod: 'Dynamic'
          subnet: {
            id: subnetId
          }
        }
      }
    ]
  }
}

// What `apim-probe fetch --print-role` prints. The group of the network or of API Management may be another one: assign the role
// to the identity there too.
var reader = loadJsonContent('role.json')

resource probeIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = if (assignRole) {
  name: '${name}-identity'
  location: location
}

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (assignRole) {
  name: guid(resourceGroup().id, name, 'role')
  properties: {
    roleName: '${reader.Name} ${name} ${uniqueString(resourceGroup().id)}'
    description: reader.Description
    type: 'CustomRole'
    permissions: [
      {
        actions: reader.Actions
        notActions: reader.NotActions
      }
    ]
    assignableScopes: [
      resourceGroup().id
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (assignRole) {
  name: guid(resourceGroup().id, name, 'assignment')
  properties: {
    roleDefinitionId: role.id
    principalId: probeIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource vm 'Microsoft.Compute/virtualMachines@2024-03-01' = {
  name: name
  location: location
  // The machine asks once, at boot: its role must be there.
  dependsOn: [
    assignment
  ]
  identity: assignRole ? {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${probeIdentity.id}': {}
    }
  } : null
  properties: {
    hardwareProfile: {
      vmSize: vmSize
    }
    storageProfile: {
      imageReference: {
        publisher: 'Canonical'
        offer: '0001-com-ubuntu-server-jammy'
        sku: '22_04-lts-gen2'
        version: 'latest'
      }
      osDisk: {
        createOption: 'FromImage'
        deleteOption: 'Delete'
        managedDisk: {
          storageAccountType: 'Standard_LRS'
        }
      }
    }
    osProfile: {
      computerName: name
      adminUsername: 'probe'
      customData: base64(userData)
      linuxConfiguration: {
        disablePasswordAuthentication: true
        ssh: {
          publicKeys: [
            {
              path: '/home/probe/.ssh/authorized_keys'
              keyData: sshPublicKey
            }
          ]
        }
      }
    }
    networkProfile: {
      networkInterfaces: [
        {
          id: card.id
          properties: {
            deleteOption: 'Delete'
          }
        }
      ]
    }
    diagnosticsProfile: {
      bootDiagnostics: {
        enabled: true
      }
    }
    applicationProfile: {
      galleryApplications: empty(applicationVersionId) ? [] : [
        {
          packageReferenceId: applicationVersionId
          treatFailureAsDeploymentFailure: false
        }
      ]
    }
  }
}

output vmName string = vm.name
output readTheReport string = 'az vm boot-diagnostics get-boot-log --resource-group ${resourceGroup().name} --name ${name}'

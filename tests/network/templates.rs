//! What is only planned: ARM templates as `bicep build` writes them, and Terraform.

use std::fs;

use apim_probe_checks::network::read::Reader;
use apim_probe_checks::network::{Address, Field, Network, NextHop, ResourceId};

use crate::documents::{file, read};

fn template(parameters: Option<&str>) -> Network {
    let mut reader = Reader::default();
    if let Some(name) = parameters {
        let bytes = fs::read(file(name)).expect("the parameters");
        reader = reader.with_parameters(name, bytes).expect("a parameter file");
    }
    let bytes = fs::read(file("template.bicep.json")).expect("the template");
    reader.add("template.bicep.json", bytes).expect("a template");
    reader.end().expect("one network")
}

#[test]
fn a_template_is_evaluated_as_far_as_it_is_literal() {
    let network = template(None);
    let group = &network.groups[0];
    assert_eq!(group.id.as_str(), "/providers/Microsoft.Network/networkSecurityGroups/lab-nsg");
    let names: Vec<&str> = group.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["AllowSql", "DenyRest"]);
    assert_eq!(group.rules[0].destination.ports[0].range, None, "a parameter without a value");
    assert!(group.rules_missing.is_none());
    let subnet = &network.subnets[0];
    assert_eq!(subnet.id.as_str(), "/providers/Microsoft.Network/virtualNetworks/Lab-vnet/subnets/apim");
    assert_eq!(subnet.group.given(), Some(&group.id));
    assert_eq!(subnet.route_table.given(), Some(&network.route_tables[0].id));
    assert_eq!(network.route_tables[0].routes[0].next_hop, Field::Given(NextHop::None));
    let [service] = network.services.as_slice() else { panic!("{:?}", network.services) };
    assert!(service.planned);
    assert_eq!(service.primary.subnet.given(), Some(&subnet.id));
    let reasons: Vec<&str> = network.passed_over.iter().map(|one| one.reason.as_str()).collect();
    let parameter = "parameter `sqlPort` has no default: give it with --parameters";
    assert_eq!(reasons, [parameter, "uniqueString() is known to Azure alone"]);
}

#[test]
fn a_parameter_file_gives_values() {
    let network = template(Some("template.parameters.json"));
    assert_eq!(network.groups[0].id.name(), "prod-nsg");
    assert_eq!(network.groups[0].rules[0].destination.ports[0].range.unwrap().first, 1433);
    assert_eq!(network.subnets[0].id.parent().unwrap().name(), "Prod-vnet");
}

#[test]
fn lines_of_a_template_are_those_of_its_rules() {
    let text = fs::read_to_string(file("template.bicep.json")).unwrap();
    let network = template(None);
    let line = network.groups[0].rules[0].place.line.unwrap() as usize;
    assert!(text.lines().nth(line - 1).unwrap().contains("AllowSql"));
}

#[test]
fn references_of_a_plan_lead_to_what_is_still_to_be_made() {
    let network = read(&["terraform.plan.json"]);
    assert_eq!(network.passed_over, []);
    let group = &network.groups[0];
    let names: Vec<&str> = group.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["AllowSql", "AllowManagement"]);
    assert_eq!(group.rules[0].destination.ports[0].written, "1443");
    assert_eq!(group.rules[1].source.addresses[0].address, Address::Tag("ApiManagement".into()));
    let subnet = &network.subnets[0];
    assert_eq!(subnet.group.given(), Some(&group.id));
    assert_eq!(subnet.route_table.given(), Some(&network.route_tables[0].id));
    assert_eq!(subnet.id.parent().as_ref(), Some(&network.virtual_networks[0].id));
    assert_eq!(subnet.delegations.given().unwrap(), &["Microsoft.Web/serverFarms"]);
    assert_eq!(network.route_tables[0].disable_bgp_propagation, Field::Given(true));
    assert_eq!(network.route_tables[0].routes[0].addresses.len(), 1);
    let service = &network.services[0];
    assert_eq!((service.sku.given().unwrap().as_str(), service.primary.units), ("Premium", Field::Given(2)));
    assert_eq!(service.primary.subnet.given(), Some(&subnet.id));
    assert_eq!(service.hostnames[0].name, "api.contoso.example");
}

#[test]
fn a_state_has_ids() {
    let network = read(&["terraform.state.json"]);
    assert_eq!(network.subnets[0].group.given(), Some(&network.groups[0].id));
    assert_eq!(network.groups[0].rules[0].name, "DenyOut");
    assert_eq!(network.passed_over, []);
}

#[test]
fn an_association_that_leads_nowhere_leaves_the_group_unknown() {
    let plan = fs::read_to_string(file("terraform.plan.json")).unwrap().replace("var.group", "local.group");
    let mut reader = Reader::default();
    reader.add("plan.json", plan.into_bytes()).unwrap();
    let network = reader.end().unwrap();
    assert_eq!(network.subnets[0].group, Field::Unreadable);
    assert_eq!(network.passed_over[0].reason, "network_security_group_id is known after apply only");
}

/// The group of a gateway's subnet is not taken as the only one that the instance's could have.
#[test]
fn an_association_with_a_subnet_that_is_made_elsewhere_stands_with_the_group() {
    let subnet =
        "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/agw";
    let text = format!(
        r#"{{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{{"root_module":{{"resources":[
        {{"address":"azurerm_network_security_group.g","mode":"managed","type":"azurerm_network_security_group","name":"g",
          "values":{{"name":"nsg-agw","resource_group_name":"rg","location":"eastus2"}}}},
        {{"address":"azurerm_subnet_network_security_group_association.a","mode":"managed",
          "type":"azurerm_subnet_network_security_group_association","name":"a","values":{{"subnet_id":"{subnet}"}}}}]}}}},
        "configuration":{{"root_module":{{"resources":[
        {{"address":"azurerm_subnet_network_security_group_association.a","expressions":{{"network_security_group_id":
          {{"references":["azurerm_network_security_group.g.id","azurerm_network_security_group.g"]}}}}}}]}}}}}}"#
    );
    let network = crate::documents::text(&text).unwrap();
    assert_eq!(network.groups[0].subnets, [ResourceId(subnet.to_owned())]);
    assert_eq!(network.passed_over, []);
}

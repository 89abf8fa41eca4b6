//! apim-probe: says what Azure API Management can reach from here.
fn main() {}

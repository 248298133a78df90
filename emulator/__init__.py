"""A local AWS for Terraform: moto's server, each request checked against AWS's own API model, and narrow extensions."""

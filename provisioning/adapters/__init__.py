"""Where provisioning meets the network."""

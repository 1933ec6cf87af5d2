"""What breaks at any moment: processes, disks, networks, the gateway, and two at once."""

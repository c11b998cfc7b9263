"""The only modules of edge.device that touch disk, network and the operating system's clock."""

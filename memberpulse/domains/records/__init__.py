"""Records of a workspace: samples to try things on, all removable."""

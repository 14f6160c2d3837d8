"""What latents carry: information about gamma, axes, active units."""

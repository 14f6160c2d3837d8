"""Interface to the machine: device, signals, standard streams, files and caches."""

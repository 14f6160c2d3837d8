"""Device, signals, standard streams, files and caches: what the program needs of the machine it runs on."""

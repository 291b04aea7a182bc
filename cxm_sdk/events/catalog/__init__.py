"""The catalogue: typed events by family, one module each. ``index`` says where each is; modules load when used."""

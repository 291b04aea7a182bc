"""Where it runs: reading, parallel work and writing, behind the ``Engine`` protocol of ``identity.linker``."""

"""The building blocks of the deployment, one module for each thing on the architecture diagram."""

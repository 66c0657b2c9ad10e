"""The program on the machines: an inference server, and a worker that processes jobs with the same model."""

"""Weights to and from other libraries, as files: PyTorch and Keras layouts in .npz or .safetensors, and ONNX models."""

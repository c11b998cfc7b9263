"""Networks as graphs: read from ONNX or TFLite, folded, rewritten, written. No TensorFlow (ADR-0008)."""

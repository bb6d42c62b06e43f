"""Readers of .npy, pickle, TFRecord and TIFF files that may be damaged."""

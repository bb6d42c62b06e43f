"""12-lead ECGs to diagnoses with Keras 3: signals, images (GAF, MTF, RP) and their fusion.

Importing this package imports no framework; its rooms (`ecg_tf.data`, `ecg_tf.layers`,
`ecg_tf.models`, `ecg_tf.training`, `ecg_tf.evaluation`, `ecg_tf.export`) import what they need.
"""

__version__ = "0.1.0"

"""Functions compiled by XLA, for images on CPUs.

Without XLA, TensorFlow reads and writes arrays as large as the images for each product and sum; a
program of XLA computes all operations on a pixel at once. A chain of several programs is faster
than a single one. The result of a program is stored row by row. Within a program, XLA chooses the
order, and stores the samples of an image's columns where the loop over columns cannot read them as
vectors (per record on one core 0.25 ms instead of 0.7 ms for the images of three leads). Images
as 8-bit planes, before the last program, are a quarter of the size of the result; with their
channels in the last place, they are written as fast as memory takes them.
"""

import tensorflow as tf

# XLA compiles a program for a second, for each batch size. Without XLA, a batch of so many values
# takes less than a tenth of a second.
_LARGE = 2**23


def compiled(steps, values):
    """Chain functions, each of which is compiled by XLA for large batches.

    Args:
        steps: functions of one argument. The first takes a tensor (batch, …); each of the others
            takes what the one before returns.
        values: number of values that the last step returns for each record of the batch.

    Returns:
        Function of a tensor (batch, …), which returns what the last step returns.
    """
    programs = [tf.function(step, jit_compile=True, autograph=False) for step in steps]

    def chain(functions, x):
        for function in functions:
            x = function(x)
        return x

    return lambda x: tf.cond(
        tf.shape(x)[0] * values >= _LARGE, lambda: chain(programs, x), lambda: chain(steps, x)
    )

"""Images on CPUs by programs of XLA.

Without XLA, TensorFlow reads and writes arrays as large as the images for each product and sum; a
program of XLA computes all operations on a pixel at once. A chain of several programs is faster
than a single one. The result of a program is stored row by row. Within a program, XLA chooses the
order, and stores the samples of an image's columns where the loop over columns cannot read them as
vectors (per record on one core 0.7 ms instead of 0.2 ms for the images of three leads). Images
as 8-bit planes, before the last program, are a quarter of the size of the result; with their
channels in the last place, they are written as fast as memory takes them.
"""

import tensorflow as tf

# XLA takes half a second to compile the programs, for each batch size. Operations make so many
# values, some seven records of 256 × 256 × 9, in 20 ms.
_LARGE = 2**22


def compiled(programs, operations, values):
    """Choose between programs of XLA for large batches and operations for others.

    Args:
        programs: functions of one argument, each to be compiled. The first takes a tensor
            (batch, …); each of the others takes what the one before returns.
        operations: function from the same tensor to the same result.
        values: number of values in the result for each record of the batch.

    Returns:
        Function from the same tensor to the same result.
    """
    programs = [tf.function(program, jit_compile=True, autograph=False) for program in programs]

    def by_programs(x):
        for program in programs:
            x = program(x)
        return x

    def by_either(x):
        large = tf.shape(x)[0] * values >= _LARGE
        return tf.cond(large, lambda: by_programs(x), lambda: operations(x))

    return by_either

"""The command `ecg_tf NAME …`, also as `python -m ecg_tf NAME …`."""

from ecg_tf.commands.command_line import main

if __name__ == "__main__":
    main()

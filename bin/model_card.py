#!/usr/bin/env python3
"""Write the tables of docs/model_card.md from the cards of the shipped networks.

python bin/model_card.py
"""

from pathlib import Path

from ecg_tf.commands import app


def main(_):
    from ecg_tf.pretrained import card, names
    from ecg_tf.shipping.model_card import write_tables

    file = Path(__file__).resolve().parent.parent / "docs/model_card.md"
    write_tables(file, [card(name) for name in names()])
    print(f"written: {file}")


if __name__ == "__main__":
    app.run(main)

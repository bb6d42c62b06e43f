"""Update the tables of docs/model_card.md from the cards of the shipped networks.

ecg_tf model_card
"""

from pathlib import Path


def main(_):
    from ecg_tf.pretrained import card, names
    from ecg_tf.shipping.model_card import write_tables

    file = Path(__file__).resolve().parents[2] / "docs/model_card.md"
    write_tables(file, [card(name) for name in names()])
    print(f"written: {file}")

"""Folders of the PhysioNet/CinC Challenges 2020 and 2021, whose headers state diagnoses."""

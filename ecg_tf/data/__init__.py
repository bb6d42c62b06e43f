"""ECG files, data sets and training batches.

    ecg_files/   readers of WFDB and CSV files of any sampling rate and length
    tables/      tables of records of any kind, and their TFDS dataset
    challenge/   folders of the PhysioNet/CinC Challenges 2020 and 2021
    ptb_xl/      the TFDS dataset of a PTB-XL folder
    synthetic/   simulated ECGs, and a folder of them in the form of PTB-XL
    images/      images of ECGs, and image trees
    batches/     training batches for each Keras backend
    formats/     safe readers of .npy, pickle, TFRecord and TIFF files

`any_ecg` reads an ECG file of any kind and cuts it into windows of 10 s. The other modules of this
folder itself are the data sets of records: `prepare` converts a PTB-XL folder or a table to
`prepared` records, `packed` stores them in one file, `study_pickles` reads the files of the study,
and `sources` opens a partition of any of them for a network.
"""

"""PTB-XL folders, prepared records, image trees and the batches that networks train on."""

"""ECG files, PTB-XL, prepared and packed records, image trees and training batches."""

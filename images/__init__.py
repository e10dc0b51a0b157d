"""Image Anonymizer: bars over what is private in pictures, changed on a canvas."""

"""Amazon Rekognition: a stand-in that measures the picture itself."""

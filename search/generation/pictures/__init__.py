"""Pictures of a generative job, in the look of all others; ``album.draw`` draws them all."""

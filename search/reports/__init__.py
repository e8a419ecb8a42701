"""What people read of a job: lines while it runs, a page about it, a page about several.

A page is a ``Document`` made from records alone, rendered as one HTML file or as Markdown.
Nothing here needs torch.
"""

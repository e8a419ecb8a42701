"""Jobs in a bucket, for machines that share no folder.

``place`` says where, ``shelf`` keeps a copy of a folder there, ``hold`` sees to it that one
process at a time has a job.
"""

"""The main file of a Spark job: `kedro run --env spark` in a folder made of an archive of `conf`.

spark-submit job.py conf.zip --pipelines prepare

The first argument is the archive, a path or an address that fsspec opens (s3://..., with s3fs); the others go to
`kedro run`. Python must have `stillroom[spark]`; where Spark runs is what spark-submit, or the platform, says.
"""

import sys
import zipfile

import fsspec

from stillroom.__main__ import main

with fsspec.open(sys.argv.pop(1), "rb") as file, zipfile.ZipFile(file) as archive:
    archive.extractall()
main([*sys.argv[1:], "--env", "spark"], standalone_mode=False)

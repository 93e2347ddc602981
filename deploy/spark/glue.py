"""The main file of an AWS Glue job, whose arguments all have names; job.py comes along by --extra-py-files."""

import sys

from awsglue.utils import getResolvedOptions

options = getResolvedOptions(sys.argv, ["conf_archive", "pipelines"])
sys.argv[1:] = [options["conf_archive"], "--pipelines", options["pipelines"]]
import job  # noqa: E402, F401

#!/usr/bin/env python3
"""Holds YAML files against a JSON Schema (2020-12): prints a JSON object of each file's path and how many errors it has.

usage: validate_yaml SCHEMA FILE...     a file that is no YAML has null
"""

import json
import pathlib
import sys

import jsonschema
import yaml

schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


def errors(path):
    try:
        document = yaml.safe_load(pathlib.Path(path).read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError):
        return None
    return sum(1 for _ in validator.iter_errors(document))


print(json.dumps({path: errors(path) for path in sys.argv[2:]}))

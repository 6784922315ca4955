#!/usr/bin/env python3
"""Holds YAML files against a JSON Schema (2020-12): prints a JSON object of each file's path and how many errors it has.

usage: validate_yaml SCHEMA FILE...     a file that is no YAML has null
"""

import json
import pathlib
import re
import sys

import jsonschema
import yaml

schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


class Loader(yaml.SafeLoader):
    """Knows true and false alone, as YAML 1.2 does and editors do: `on` is the name of an option."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def errors(path):
    try:
        document = yaml.load(pathlib.Path(path).read_bytes(), Loader)
    except (yaml.YAMLError, UnicodeDecodeError):
        return None
    return sum(1 for _ in validator.iter_errors(document))


print(json.dumps({path: errors(path) for path in sys.argv[2:]}))

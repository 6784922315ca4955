"""(o) Documents a second that are checked by a JSON Schema, from their bytes on: a referral of some 2 KB and a bundle of
FHIR resources of some 200 KB, beside Python's jsonschema and fastjsonschema, where they are there."""

import json
import pathlib
import subprocess
import sys
import tempfile

from .process import ROOT

PROGRAM = ROOT / "Benchmarks/.build/release/JSONSchemaBenchmark"

NAME = {"type": "string", "minLength": 1, "maxLength": 100}
DATE = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
ADDRESS = {
    "type": "object", "required": ["street", "city", "zip"], "additionalProperties": False,
    "properties": {"street": NAME, "city": NAME, "zip": {"type": "string", "pattern": "^[0-9]{5}$"}, "state": NAME}}
REFERRAL = {
    "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
    "required": ["id", "client", "contacts", "service"], "additionalProperties": False,
    "definitions": {"address": ADDRESS},
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"},
        "client": {
            "type": "object", "required": ["first_name", "last_name", "born", "sex", "address"],
            "properties": {
                "first_name": NAME, "last_name": NAME, "born": DATE, "sex": {"enum": ["female", "male", "other"]},
                "address": {"$ref": "#/definitions/address"}, "weight": {"type": "number", "exclusiveMinimum": 0},
                "languages": {"type": "array", "items": {"type": "string"}, "uniqueItems": True}}},
        "contacts": {
            "type": "array", "minItems": 1, "maxItems": 20,
            "items": {
                "type": "object", "required": ["name", "phone"],
                "properties": {
                    "name": NAME, "phone": {"type": "string", "pattern": "^\\+?[0-9 ]{6,20}$"},
                    "relation": {"enum": ["mother", "father", "child", "partner", "neighbour"]},
                    "address": {"$ref": "#/definitions/address"}, "priority": {"type": "integer", "minimum": 1}}}},
        "service": {
            "type": "object", "required": ["code", "from", "hours"],
            "properties": {
                "code": {"type": "string"}, "from": DATE, "to": DATE,
                "hours": {"type": "number", "minimum": 0, "maximum": 168, "multipleOf": 0.25},
                "days": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 7}}}}}}


def referral():
    address = {"street": "12 Harbour Street", "city": "Newport", "zip": "02840", "state": "RI"}
    return {
        "id": "HC-102934",
        "client": {
            "first_name": "Ada", "last_name": "Müller", "born": "1941-07-03", "sex": "female", "address": address,
            "weight": 61.5, "languages": ["en", "de", "pt"]},
        "contacts": [
            {"name": f"Contact {i}", "phone": f"+1 401 555 01{i:02}", "relation": "child", "address": address, "priority": i + 1}
            for i in range(8)],
        "service": {"code": "PCA-1", "from": "2024-03-01", "to": "2024-09-30", "hours": 12.75, "days": [1, 3, 5]}}


def fhir():
    """A schema in the manner of FHIR's own, which has one definition a type that refer to each other, and a bundle."""
    def thing(required=(), **properties):
        return {"type": "object", "required": list(required), "additionalProperties": False, "properties": properties}

    def ref(name):
        return {"$ref": f"#/definitions/{name}"}

    def many(name):
        return {"type": "array", "items": ref(name)}

    code, text = {"type": "string", "pattern": "^[^\\s]+(\\s[^\\s]+)*$"}, {"type": "string"}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/Bundle",
        "definitions": {
            "Coding": thing(system=text, code=code, display=text),
            "CodeableConcept": thing(coding=many("Coding"), text=text),
            "Reference": thing(reference=text, display=text),
            "Quantity": thing(value={"type": "number"}, unit=text, system=text, code=code),
            "Component": thing(["code"], code=ref("CodeableConcept"), valueQuantity=ref("Quantity")),
            "Observation": thing(
                ["resourceType", "status", "code"], resourceType={"const": "Observation"}, id=code,
                status={"enum": ["registered", "preliminary", "final", "amended"]}, category=many("CodeableConcept"),
                code=ref("CodeableConcept"), subject=ref("Reference"),
                effectiveDateTime={"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T.*)?)?)?$"},
                valueQuantity=ref("Quantity"), component=many("Component")),
            "HumanName": thing(use={"enum": ["usual", "official"]}, family=text, given={"type": "array", "items": text}),
            "Patient": thing(
                ["resourceType"], resourceType={"const": "Patient"}, id=code, active={"type": "boolean"},
                name=many("HumanName"), gender={"enum": ["male", "female", "other", "unknown"]}, birthDate=text),
            "Entry": thing(fullUrl=text, resource={"oneOf": [ref("Patient"), ref("Observation")]}),
            "Bundle": thing(
                ["resourceType", "type"], resourceType={"const": "Bundle"}, id=code,
                type={"enum": ["collection", "batch", "transaction"]}, entry=many("Entry"))}}
    concept = {"coding": [{"system": "http://loinc.org", "code": "8480-6", "display": "Systolic blood pressure"}], "text": "BP"}
    quantity = {"value": 118.50, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
    entries = [{"fullUrl": "urn:1", "resource": {
        "resourceType": "Patient", "id": "p1", "active": True, "gender": "female", "birthDate": "1941-07-03",
        "name": [{"use": "official", "family": "Müller", "given": ["Ada", "M."]}]}}]
    for number in range(200):
        entries.append({"fullUrl": f"urn:o{number}", "resource": {
            "resourceType": "Observation", "id": f"o{number}", "status": "final", "category": [concept], "code": concept,
            "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2024-03-01T08:00:00Z",
            "component": [{"code": concept, "valueQuantity": quantity}, {"code": concept, "valueQuantity": quantity}]}})
    return schema, {"resourceType": "Bundle", "id": "b", "type": "collection", "entry": entries}


PYTHON = """
import json, statistics, sys, time
library, schema, document, seconds = sys.argv[1:]
schema = json.load(open(schema))
text = open(document, "rb").read()
if library == "jsonschema":
    import jsonschema
    check = jsonschema.Draft7Validator(schema).validate
else:
    import fastjsonschema
    check = fastjsonschema.compile(schema)
rates = []
for _ in range(5):
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < float(seconds) / 5:
        check(json.loads(text))
        count += 1
    rates.append(count / (time.perf_counter() - start))
print(statistics.median(rates))
"""


def rate(command):
    found = subprocess.run(command, capture_output=True, text=True)
    return float(found.stdout) if found.returncode == 0 else None


def run(report, quick):
    seconds = "1" if quick else "10"
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, (schema, document) in {"referral": (REFERRAL, referral()), "bundle": fhir()}.items():
            files = [folder / f"{name}.schema.json", folder / f"{name}.json"]
            for path, content in zip(files, (schema, document)):
                path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
            ours = rate([PROGRAM, *files, seconds])
            if ours is None:
                raise SystemExit(f"{PROGRAM} does not check the {name}")
            row = [f"{name}, {files[1].stat().st_size} bytes", ours]
            for library in ("fastjsonschema", "jsonschema"):
                theirs = rate([sys.executable, "-c", PYTHON, library, *files, seconds])
                row.append("not there" if theirs is None else theirs)
                if theirs is not None:
                    row.append(ours / theirs)
                else:
                    row.append("")
            rows.append(row)
    report.table(
        "documents checked by a JSON Schema, a second, from bytes",
        ["", "Omnibus", "fastjsonschema", "times", "jsonschema", "times"], rows)

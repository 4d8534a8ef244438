"""Helm's own engine, as a library, on a chart: one JSON document in, one out.

In:  {"chart": folder, "jobs": [{"release": name, "namespace": name, "values": {…}, "digest": true}, …]}
Out: for each job {"rendered": {template: text}, "lint": [words]} or {"refused": words}; where a digest is asked for,
     {"digest": …} of what would be rendered, without lint.
"""

import hashlib
import json
import sys

import helm_python as helm

WARNING = 2


def done(chart, folder, job):
    values = job["values"]
    try:
        chart.validate_schema(values)
        rendered = chart.render(values, name=job["release"], namespace=job["namespace"])
    except helm.HelmError as error:
        return {"refused": str(error)}
    if job["digest"]:
        return {"digest": hashlib.sha256(json.dumps(rendered, sort_keys=True).encode()).hexdigest()}
    lint = helm.lint(folder, values, strict=True)
    return {
        "rendered": {path.split("/templates/")[-1]: text for path, text in rendered.items() if text.strip()},
        "lint": [found["error"] for found in lint["messages"] if found["severity"] >= WARNING],
    }


question = json.load(sys.stdin)
with helm.Chart.load(question["chart"]) as chart:
    json.dump([done(chart, question["chart"], job) for job in question["jobs"]], sys.stdout)

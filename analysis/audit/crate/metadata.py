"""`ro-crate-metadata.json`: Process, Workflow and Provenance Run Crate 0.5 on RO-Crate 1.1.

The plan is the workflow, papermill its engine, each notebook a tool, and each run a step with an action.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from analysis.audit.crate import keyed
from analysis.audit.crate.evidence import RELEASED, Entry, Evidence, titles
from analysis.audit.crate.graph import CRATE, Graph, Ref

FILE = "ro-crate-metadata.json"
PLAN = "analysis/runs/plan.toml"
LOCK = "requirements.lock"
RELEASER = "analysis/audit/release.py"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
WORKFLOW = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
FORMAL = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
STATUS = {
    "completed": "http://schema.org/CompletedActionStatus",
    "failed": "http://schema.org/FailedActionStatus",
    "running": "http://schema.org/ActiveActionStatus",
    "reused": "http://schema.org/PotentialActionStatus",
    "not run": "http://schema.org/PotentialActionStatus",
}
"""Without a status readers take an action for completed; these have the two others of schema.org."""
TOLD = {
    "completed": "Executed to its end: every code cell once, in order and without an error.",
    "failed": "Failed.",
    "running": "The record ends while it was running: it was never completed.",
    "reused": "Not executed in this sequence: results of an earlier one on the same basis were taken over.",
    "not run": "Not executed.",
}
TYPES = {"str": "Text", "int": "Integer", "float": "Float"}
PORTS = {
    "raw": "raw tables of the study",
    "read": "results of other runs",
    "tables": "tables of results",
    "figures": "figures",
    "printed": "tables as printed",
    "executed": "executed notebook",
}


def written(evidence: Evidence, descriptions: Mapping[str, str]) -> bytes:
    """The metadata of a crate with the evidence's files; `descriptions` says what files are, by path."""
    graph = Graph()
    conforms = [{"@id": CRATE}, {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"}]
    graph.add(FILE, "CreativeWork", about={"@id": "./"}, conformsTo=conforms)
    graph.add("./", "Dataset")
    for profile, (name, version) in PROFILES.items():
        graph.add(profile, "CreativeWork", name=name, version=version)
    for path, data in evidence.files.items():
        about = {"about": {"@id": "./"}} if path == "README.md" else {}
        graph.file(path, data, description=descriptions.get(path), **about)
    for one in evidence.private.values():
        at = f"#private/{quote(one.name)}"
        value = graph.value(f"#keyed/{one.keyed}", keyed.METHOD, one.keyed, propertyID=keyed.SOURCE)
        about = f"Stays with the study's analysts; its {keyed.METHOD} ties this package to it."
        graph.add(at, "CreativeWork", name=one.name, description=about, identifier=value)
    maker = _Maker(evidence, graph)
    maker.workflow()
    _root(evidence, graph, maker.actions())
    return graph.written()


def _root(evidence: Evidence, graph: Graph, actions: list[Ref]) -> None:
    package, study = evidence.package, evidence.study
    files = [{"@id": quote(path)} for path in evidence.files]
    graph.add(
        "./",
        "Dataset",
        name=f"Evidence package: {study.title}",
        description=_about(evidence),
        datePublished=evidence.date,
        license=_licences(package, graph),
        author=_people(package, graph, author=True),
        contributor=_people(package, graph, author=False),
        creditText=package.get("citation"),
        keywords=package.get("keywords"),
        version=package.get("version"),
        conformsTo=[{"@id": profile} for profile in PROFILES],
        hasPart=files,
        mainEntity={"@id": PLAN},
        mentions=actions,
    )


def _about(evidence: Evidence) -> str:
    parts = [
        evidence.package.get("description", ""),
        f"The sequence of runs behind it is {evidence.state}.",
    ]
    if reused := sum(run.state == "reused" for run in evidence.runs):
        parts.append(f"{reused} of {len(evidence.runs)} runs were not executed in it, but reused.")
    if not evidence.public:
        parts.append(
            "The study is restricted: of its data and results only what may leave is in the package."
        )
    return " ".join(part for part in parts if part)


def _licences(package: dict[str, Any], graph: Graph) -> list[Ref]:
    """The licences of the study, or an entity that says that there is none."""
    found = [
        graph.add(
            one.get("path") or f"https://spdx.org/licenses/{one['name']}",
            "CreativeWork",
            name=one.get("title") or one.get("name"),
            identifier=one.get("name"),
        )
        for one in package.get("licenses", ())
        if one.get("path") or one.get("name")
    ]
    says = "No licence is stated: all rights are with the study's authors"
    return found or [graph.add("#no-licence", "CreativeWork", name=says, description=f"{says}.")]


def _people(package: dict[str, Any], graph: Graph, *, author: bool) -> list[Ref]:
    """The study's authors, or its other contributors; by ORCID where it is known."""
    found = []
    for one in package.get("contributors", ()):
        if (one.get("role", "author") == "author") == author and one.get("title"):
            place = one.get("organization")
            affiliation = place and graph.add(f"#organization/{quote(place)}", "Organization", name=place)
            at = orcid(one) or f"#person/{quote(one['title'])}"
            found.append(graph.add(at, "Person", name=one["title"], affiliation=affiliation))
    return found


def orcid(person: Mapping[str, Any]) -> str:
    """The ORCID of a person as a web address; empty, if CITATION.cff or datapackage.json do not know it."""
    told = " ".join(str(person.get(name, "")) for name in ("orcid", "path"))
    found = re.search(r"orcid\.org/(\d{4}-\d{4}-\d{4}-\d{3}[\dX])\b", told)
    return f"https://orcid.org/{found[1]}" if found else ""


def kind(path: str) -> str:
    """What kind of a result a file is, by its place: a key of PORTS."""
    if path.startswith("figures/"):
        return "figures"
    return {"tables": "printed", "notebooks": "executed"}.get(path.split("/")[-2], "tables")


class _Maker:
    """The workflow, its steps and their actions, of one evidence."""

    def __init__(self, evidence: Evidence, graph: Graph) -> None:
        self.evidence, self.graph = evidence, graph
        self.values = _parameters(evidence.runs)
        self.tools = {path: [r for r in evidence.runs if r.notebook == path] for path in titles(evidence)}
        self.code = self._code_licence()
        self.writers = {path: run for run in evidence.runs for path in run.outputs}

    def workflow(self) -> None:
        """The plan, the engine and the notebooks, with their formal parameters and connections."""
        graph, evidence = self.graph, self.evidence
        self._notebooks()
        toml = graph.add(
            "#plan-language", "ComputerLanguage", name="Plan of notebooks (TOML)", url="https://toml.io/"
        )
        graph.entities[PLAN]["@type"] = ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]
        graph.add(
            PLAN,
            "",
            name=f"Plan of {evidence.citation.get('title') or 'the notebooks'}",
            programmingLanguage=toml,
            license=self.code,
            creator=self._makers(),
            conformsTo={"@id": WORKFLOW},
            version=evidence.citation.get("version"),
            runtimePlatform=f"Python {evidence.record['software']['python']}",
            hasPart=[{"@id": quote(path)} for path in self.tools],
            input=[self._port(PLAN, name, "in") for name in ["raw", *self.values]],
            output=[self._port(PLAN, name, "out") for name in self._outputs(evidence.runs)],
            step=[self._step(number, run) for number, run in enumerate(evidence.runs, start=1)],
        )
        ends = [(path, name) for path, runs in self.tools.items() for name in self._outputs(runs)]
        graph.add(
            PLAN, "", connection=[self._connection(path, "out", name, PLAN, name) for path, name in ends]
        )
        self._engine()

    def _notebooks(self) -> None:
        """Each notebook that ran, as a tool."""
        about = {"name": "Jupyter Notebook", "url": "https://jupyter.org/"}
        jupyter = self.graph.add("#jupyter", "ComputerLanguage", **about)
        for path, title in titles(self.evidence).items():
            self.graph.add(
                quote(path),
                "",
                name=title,
                programmingLanguage=jupyter,
                license=self.code,
                version=self.evidence.citation.get("version"),
                input=[self._port(path, name, "in") for name in self._inputs(path)],
                output=[self._port(path, name, "out") for name in self._outputs(self.tools[path])],
            )
            self.graph.entities[quote(path)]["@type"] = ["File", "SoftwareSourceCode"]

    def actions(self) -> list[Ref]:
        """The action of each run, of the whole sequence, and of the engine that organised them."""
        evidence, graph = self.evidence, self.graph
        runs = [self._run(run) for run in evidence.runs]
        ended = [run.ended for run in evidence.runs if run.ended]
        began = [run.began for run in evidence.runs if run.began]
        failed = [f"{run.name}: {run.error}" for run in evidence.runs if run.error]
        times = {"startTime": min(began, default=""), "endTime": max(ended, default="")}
        status = {"actionStatus": STATUS[evidence.state]}
        if evidence.state == "failed":
            status["error"] = "; ".join(failed) or "the record says so and gives no reason"
        written = [path for run in evidence.runs for path in run.outputs]
        whole = graph.add(
            "#run",
            "CreateAction",
            name=f"{evidence.study.name}: the whole sequence",
            description=f"{TOLD[evidence.state]} {len(runs)} runs.",
            instrument={"@id": PLAN},
            object=self._objects(PLAN, evidence.raw, self.values),
            result=self._results(PLAN, written),
            additionalProperty=self._circumstances(),
            **status,
            **times,
        )
        controls = [self._control(run) for run in evidence.runs]
        graph.add(
            "#organize",
            "OrganizeAction",
            name="papermill executes the runs of the plan",
            instrument={"@id": "#papermill"},
            object=controls,
            result=whole,
            **status,
            **times,
        )
        return [whole, *runs, *self._release()]

    def _run(self, run: Entry) -> Ref:
        states = {state: [c for c, s in run.cells.items() if s == state] for state in {*run.cells.values()}}
        about = [
            self.graph.value(f"#run/{run.name}/cells/{quote(state)}", f"code cells {state}", ", ".join(cells))
            for state, cells in sorted(states.items())
        ]
        state = self.graph.value(f"#state/{quote(run.state)}", "state in run.json", run.state)
        return self.graph.add(
            f"#run/{run.name}",
            "CreateAction",
            name=run.name,
            description=TOLD[run.state],
            instrument={"@id": quote(run.notebook)},
            object=self._objects(run.notebook, (*self.evidence.raw, *run.inputs), run.parameters),
            result=self._results(run.notebook, run.outputs),
            actionStatus=STATUS[run.state],
            error=run.error if run.state == "failed" else None,
            startTime=run.began,
            endTime=run.ended,
            additionalProperty=[state, *about],
        )

    def _control(self, run: Entry) -> Ref:
        return self.graph.add(
            f"#control/{run.name}",
            "ControlAction",
            name=f"Step {run.name}",
            instrument={"@id": f"#step/{run.name}"},
            object={"@id": f"#run/{run.name}"},
            actionStatus=STATUS[run.state],
            error=run.error if run.state == "failed" else None,
            startTime=run.began,
            endTime=run.ended,
        )

    def _release(self) -> list[Ref]:
        """What make release made of private results."""
        note = self.evidence.release
        if not note:
            return []
        self.graph.entities[RELEASER]["@type"] = ["File", "SoftwareSourceCode"]
        made = self.graph.add(
            "#release",
            "CreateAction",
            name="Release of a restricted study",
            description=f"Numbers of fewer than {note['threshold']} people, and what tells them, are hidden.",
            instrument={"@id": RELEASER},
            object=[self._ref(path) for run in self.evidence.runs for path in run.outputs],
            result=[{"@id": quote(f"{RELEASED}/{path}")} for path in note["files"]],
            actionStatus=STATUS["completed"],
        )
        return [made]

    def _ref(self, path: str) -> Ref:
        """The entity of a file, be it in the crate or not."""
        kept = self.evidence.private.get(path)
        return {"@id": f"#private/{quote(kept.name)}" if kept else quote(path)}

    def _objects(self, tool: str, paths: tuple[str, ...], parameters: Mapping[str, Any]) -> list[Ref]:
        public = self.evidence.public
        found = []
        for path in paths:
            name = "raw" if path in self.evidence.raw else "read"
            self.graph.example(self._ref(path), self._port(tool, name, "in"), content=public)
            found.append(self._ref(path))
        for name, value in parameters.items():
            ref = self.graph.value(f"#value/{name}/{quote(str(value), safe='')}", name, value)
            self.graph.example(ref, self._port(tool, name, "in"))
            found.append(ref)
        return found

    def _results(self, tool: str, paths: tuple[str, ...] | list[str]) -> list[Ref]:
        for path in paths:
            self.graph.example(
                self._ref(path), self._port(tool, kind(path), "out"), content=self.evidence.public
            )
        return [self._ref(path) for path in paths]

    def _inputs(self, path: str) -> list[str]:
        """What a notebook takes: raw tables, results of others if it reads any, parameters."""
        runs = self.tools[path]
        names = dict.fromkeys(name for run in runs for name in run.parameters)
        return ["raw", *(["read"] if any(run.inputs for run in runs) else []), *names]

    @staticmethod
    def _outputs(runs: list[Entry]) -> list[str]:
        found = {kind(path) for run in runs for path in run.outputs}
        return [port for port in PORTS if port in found]

    def _port(self, tool: str, name: str, side: str) -> Ref:
        """A formal parameter of the plan or of a notebook."""
        types = {n: type(v).__name__ for run in self.evidence.runs for n, v in run.parameters.items()}
        text = name in types
        return self.graph.add(
            f"#{quote(tool)}/{side}/{name}",
            "FormalParameter",
            name=name if text else PORTS[name],
            additionalType=TYPES[types[name]] if text else "File",
            conformsTo={"@id": FORMAL},
            valueRequired="True" if side == "in" else None,
            multipleValues=None if text else "True",
        )

    def _step(self, number: int, run: Entry) -> Ref:
        tool = run.notebook
        joined = [self._connection(PLAN, "in", "raw", tool, "raw")]
        joined += [self._connection(PLAN, "in", n, tool, n) for n in run.parameters if n in self.values]
        sources = dict.fromkeys((self.writers[path].notebook, kind(path)) for path in run.inputs)
        joined += [self._connection(source, "out", port, tool, "read") for source, port in sources]
        return self.graph.add(
            f"#step/{run.name}",
            "HowToStep",
            name=run.name,
            position=str(number),
            workExample={"@id": quote(tool)},
            connection=joined,
        )

    def _connection(self, source: str, side: str, name: str, target: str, to: str) -> Ref:
        """That what comes out of, or into, one tool goes into another, or out of the plan."""
        far = "out" if target == PLAN else "in"
        return self.graph.add(
            f"#connection/{quote(source)}/{name}/{quote(target)}/{to}",
            "ParameterConnection",
            sourceParameter=self._port(source, name, side),
            targetParameter=self._port(target, to, far),
        )

    def _engine(self) -> None:
        """papermill, with the lock and every package that was found."""
        found = dict(self.evidence.record["software"])
        python, platform = found.pop("python"), found.pop("platform")
        site = {"papermill": "https://papermill.readthedocs.io/"}
        packages = {
            name: self.graph.add(
                f"#{name}" if name in site else f"#software/{name}",
                "SoftwareApplication",
                name=name,
                softwareVersion=version,
                url=site.get(name),
            )
            for name, version in ({"papermill": ""} | found).items()
        }
        engine = packages.pop("papermill")["@id"]
        needs = self.graph.add(
            "#python",
            "SoftwareApplication",
            name="Python",
            softwareVersion=python,
            url="https://www.python.org/",
        )
        self.graph.add(
            engine,
            "",
            operatingSystem=platform,
            softwareRequirements=[{"@id": LOCK}, needs, *packages.values()],
        )

    def _circumstances(self) -> list[Ref]:
        """The revision of the code, and what the machine's record has of the sequence."""
        local, graph = self.evidence.local, self.graph
        found = [graph.value("#platform", "platform", self.evidence.record["software"]["platform"])]
        if git := local.get("git"):
            says = git["revision"] + (", with changes that are not committed" if git["dirty"] else "")
            found.append(graph.value("#revision", "git revision", says))
        if jobs := local.get("jobs"):
            found.append(graph.value("#jobs", "runs side by side", jobs))
        if memory := local.get("memory"):
            about = "memory of the largest process"
            found.append(graph.value("#memory", about, memory, unitText="bytes", unitCode="AD"))
        return found

    def _code_licence(self) -> Ref | None:
        """The licence of the code, as CITATION.cff says."""
        name = self.evidence.citation.get("license")
        return name and self.graph.add(
            f"https://spdx.org/licenses/{quote(str(name))}", "CreativeWork", name=name
        )

    def _makers(self) -> list[Ref]:
        """The authors of the code, as CITATION.cff says."""
        found = []
        for one in self.evidence.citation.get("authors", ()):
            name = full_name(one)
            sort = "Organization" if "name" in one else "Person"
            found.append(self.graph.add(orcid(one) or f"#{sort.lower()}/{quote(name)}", sort, name=name))
        return found


def full_name(author: Mapping[str, Any]) -> str:
    """The name of an author of CITATION.cff."""
    parts = [author.get(part) for part in ("given-names", "name-particle", "family-names", "name-suffix")]
    return author.get("name") or " ".join(str(part) for part in parts if part)


def _parameters(runs: list[Entry]) -> dict[str, Any]:
    """The parameters of the whole plan with their values: those that are the same wherever they are taken."""
    found: dict[str, list[Any]] = {}
    for run in runs:
        for name, value in run.parameters.items():
            found.setdefault(name, []).append(value)
    return {name: values[0] for name, values in found.items() if all(one == values[0] for one in values)}

"""Finds a set of packages with libsolv, zypper's solver, from the metadata in /work/repositories and the wish in /in/wish.

Leaves /out/packages, lines "NAME EVR ARCH REPOSITORY PATH SIZE CHECKSUM", or /out/problem, a JSON list of what is wrong:
{"kind": "unknown", "wish": "packages/foo", "near": ["fop"], "elsewhere": ["x86_64"]}, {"kind": "foreign", "repository", "has"}
or {"kind": "conflict", "wishes", "reasons"}.
"""
import json
import subprocess
import sys
from difflib import get_close_matches
from pathlib import Path

import solv

WISH = json.loads(Path("/in/wish").read_text())
WORK = Path("/work/repositories")
SOURCES = ("src", "nosrc")
# Rules that say nothing beyond what the others say.
QUIET = (solv.Solver.SOLVER_RULE_JOB, solv.Solver.SOLVER_RULE_BEST)


def load():
    """A pool with every repository in it."""
    pool = solv.Pool()
    pool.setdisttype(solv.Pool.DISTTYPE_RPM)
    pool.setarch(WISH["arch"])
    for line in Path("/in/repositories").read_text().splitlines():
        _, priority, name, _ = line.split(" ", 3)
        repository = pool.add_repo(name)
        # libsolv prefers the higher number, zypper the lower.
        repository.priority = -int(priority)
        for kind, flags in (("primary", 0), ("filelists", solv.Repo.REPO_LOCALPOOL | solv.Repo.REPO_EXTEND_SOLVABLES)):
            for path in WORK.joinpath(name).glob(f"{kind}.*"):
                if path.suffix in (".err", ".why"):
                    continue
                file = solv.xfopen(str(path))
                if not file or not repository.add_rpmmd(file, None, flags):
                    sys.exit(f"error: {kind} of repository {name} cannot be read: {pool.errstr}")
    pool.addfileprovides()
    pool.createwhatprovides()
    return pool


def foreign(pool):
    """Repositories that are another architecture's."""
    for repository in pool.repos:
        arches = {package.arch for package in repository.solvables} - set(SOURCES)
        if arches and not any(package.installable() for package in repository.solvables if package.arch != "noarch"):
            if arches != {"noarch"}:
                yield {"kind": "foreign", "repository": repository.name, "has": sorted(arches - {"noarch"})}


def jobs(pool):
    """What the solver is asked, each with the recipe's words for it; and what nothing is known by."""
    asked, unknown = [], []
    for kind, names in (("packages", WISH["packages"]), ("patterns", WISH["patterns"])):
        for name in names:
            if kind == "packages":
                found = pool.select(name, solv.Selection.SELECTION_NAME | solv.Selection.SELECTION_PROVIDES)
                job = found.jobs(solv.Job.SOLVER_INSTALL)
            else:
                # A pattern is a package that provides `pattern() = NAME`.
                wanted = pool.Dep("pattern()").Rel(solv.REL_EQ, pool.Dep(name))
                job = [pool.Job(solv.Job.SOLVER_INSTALL | solv.Job.SOLVER_SOLVABLE_PROVIDES, wanted.id)] if pool.whatprovides(wanted) else []
            if job:
                asked += [(f"{kind}/{name}", one) for one in job]
            else:
                unknown.append(missing(pool, kind, name))
    for name in WISH["exclude"]:
        found = pool.select(name, solv.Selection.SELECTION_NAME)
        asked += [(f"exclude/{name}", one) for one in found.jobs(solv.Job.SOLVER_LOCK)]
    return asked, unknown


def missing(pool, kind, name):
    if kind == "packages":
        names = {package.name for package in pool.solvables if package.arch not in SOURCES}
        elsewhere = sorted({package.arch for package in pool.solvables if package.name == name})
    else:
        names, elsewhere = set(patterns(pool)), []
    return {"kind": "unknown", "wish": f"{kind}/{name}", "near": get_close_matches(name, sorted(names), 1), "elsewhere": elsewhere}


def patterns(pool):
    for package in pool.solvables:
        for one in package.lookup_deparray(solv.SOLVABLE_PROVIDES):
            text = str(one)
            if text.startswith("pattern() = "):
                yield text.removeprefix("pattern() = ")


def explained(problems, asked):
    """The problems as the wishes they are about and the reasons in libsolv's words; one reason may thwart many wishes."""
    found = {}
    for problem in problems:
        reasons = [info.problemstr() for rule in problem.findallproblemrules() for info in rule.allinfos() if info.type not in QUIET]
        # What libsolv would have to be let off: "do not ask to install NAME".
        ways = [one for solution in problem.solutions() for one in solution.elements()]
        let_off = {asked[one.jobidx][0] for one in ways if one.type == solv.Solver.SOLVER_SOLUTION_JOB}
        found.setdefault(root(reasons), (set(), reasons))[0].update(let_off)
    for wishes, reasons in found.values():
        yield {"kind": "conflict", "wishes": sorted(wishes), "reasons": list(dict.fromkeys(reasons))}


def root(reasons):
    """What is at the bottom of it: the requirement that nothing provides, or the whole."""
    lacking = [reason.split(" needed by ")[0] for reason in reasons if reason.startswith("nothing provides ")]
    return tuple(sorted(set(lacking)) or reasons)


def solve(pool, asked):
    solver = pool.Solver()
    solver.set_flag(solv.Solver.SOLVER_FLAG_IGNORE_RECOMMENDED, not WISH["recommends"])
    return solver, solver.solve([job for _, job in asked])


def wants_files(problems):
    """Whether a path lacks that file lists may tell of: primary.xml lists those in bin folders and /etc only."""
    infos = (info for problem in problems for rule in problem.findallproblemrules() for info in rule.allinfos())
    return any(info.dep and str(info.dep).startswith("/") for info in infos)


def main():
    pool = load()
    problem = list(foreign(pool))
    asked, unknown = jobs(pool)
    # What such a repository would have had is not missing for a reason of its own.
    problem = problem or unknown
    if not problem:
        solver, problems = solve(pool, asked)
        if problems and wants_files(problems):
            subprocess.run(["sh", "-eu", "/step.sh", "filelists"], check=True)
            pool = load()
            asked, _ = jobs(pool)
            solver, problems = solve(pool, asked)
        problem = list(explained(problems, asked))
    if problem:
        Path("/out/problem").write_text(json.dumps(problem))
        return
    with open("/out/packages", "w") as out:
        for package in sorted(solver.transaction().newsolvables(), key=lambda one: (one.name, one.evr, one.arch)):
            checksum = package.lookup_checksum(solv.SOLVABLE_CHECKSUM)
            size = package.lookup_num(solv.SOLVABLE_DOWNLOADSIZE)
            path = package.lookup_location()[0]
            print(package.name, package.evr, package.arch, package.repo.name, path, size, f"{checksum.typestr()}:{checksum.hex()}", file=out)


main()

"""Ways of running notebooks that are a function and no command: `python ways.py WAY NOTEBOOK …`."""

import os
import sys


def papermill(paths, **options):
    """papermill's function, one notebook after the other."""
    from papermill import execute_notebook

    for path in paths:
        execute_notebook(path, f"{path}.out", kernel_name="python3", progress_bar=False, **options)


def papermill_saved_once(paths):
    """The same, without saving the notebook after each of its cells."""
    papermill(paths, autosave_cell_every=0, request_save_on_cell_execute=False)


def nbclient(paths):
    """nbclient, which papermill and nbconvert are made with."""
    import nbformat
    from nbclient import NotebookClient

    for path in paths:
        done = NotebookClient(nbformat.read(path, 4), kernel_name="python3").execute()
        nbformat.write(done, f"{path}.out")


def ploomber(paths):
    """ploomber's engine, in which all notebooks share this process."""
    from ploomber_engine import execute_notebook

    for path in paths:
        execute_notebook(path, f"{path}.out", progress_bar=False)


def imports(paths):
    """What the notebooks import, and nothing else."""
    import importlib.util
    from pathlib import Path

    from analysis.runs.plan import imported

    for module in imported(map(Path, paths)):
        if importlib.util.find_spec(module.rpartition(".")[0] or module) and importlib.util.find_spec(module):
            importlib.import_module(module)


def forks(paths):
    """No kernels: imports of the notebooks, once, and a fork of the plain program for each of them."""
    import importlib.util
    from pathlib import Path

    imports(paths)
    folder = Path(paths[0]).parent
    found = importlib.util.spec_from_file_location("floor", folder / "floor.py")
    floor = importlib.util.module_from_spec(found)
    found.loader.exec_module(floor)
    for run in floor.RUNS.values():
        if not os.fork():
            run()
            os._exit(0)
        _, status = os.wait()
        if status:
            sys.exit("a fork failed")


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2:])

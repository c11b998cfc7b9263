"""The shape of the house: who imports whom, how long things grow, what never enters the repository."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "ballot",
    "durable",
    "edge",
    "fleet",
    "front",
    "hallward",
    "hardware",
    "models",
    "officers",
    "printed",
    "provisioning",
    "release",
    "verifier",
    "wire",
)
CODE = (*PACKAGES, "bench", "scripts", "tests")
FILE_LINES_MAX = 450
ONE_FILE_BY_PROMISE = "verifier/verify.py"
"""Who checks an election copies this one file to a machine of their own and reads it from top to bottom: it
may be as long as it must, needs Python alone, and is held to short functions like every other."""
FUNCTION_LINES_MAX = 80
ROLES = ("keypad", "gate", "enrol", "fleet", "provisioning", "models", "release", "hardware", "dev", "build")
PYTHONS = ("py311", "py313")


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository, whether committed yet or not; nothing that is ignored."""
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (ROOT / name for name in found.stdout.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def sources() -> list[Path]:
    return [path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in CODE]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines, decorators and docstring included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield node.name, (node.end_lineno or node.lineno) - first + 1


def test_imports_point_down() -> None:
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-4000:]


def test_no_file_outgrows_its_subject() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
    }
    assert long.pop(ONE_FILE_BY_PROMISE, None), "it is short now: let it be counted with the others"
    assert not long


def test_the_verifier_is_one_file_that_needs_python_alone() -> None:
    tree = ast.parse((ROOT / ONE_FILE_BY_PROMISE).read_text(encoding="utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    }
    assert imported <= sys.stdlib_module_names, imported - sys.stdlib_module_names
    assert [path.name for path in sources() if path.relative_to(ROOT).parts[0] == "verifier"] == [
        "__init__.py",
        "verify.py",
    ]


def test_no_function_outgrows_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {name} has {count} lines"
        for path in sources()
        for name, count in functions(path)
        if count > FUNCTION_LINES_MAX
    ]
    assert not long


def test_no_server_sets_up_logging_for_the_whole_process() -> None:
    """uvicorn's own set-up closes every handler of the process, whoever set it up, and its stream."""
    servers = [
        (path.relative_to(ROOT), {keyword.arg for keyword in node.keywords})
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "uvicorn.Config"
    ]
    assert servers
    assert [path for path, said in servers if "log_config" not in said] == []


def test_no_file_is_named_after_nothing() -> None:
    vague = {"utils.py", "util.py", "helpers.py", "helper.py", "manager.py", "common.py", "misc.py"}
    assert not [path for path in sources() if path.name in vague]


def test_every_package_has_a_line_that_says_what_it_is() -> None:
    packages = [path for path in sources() if path.name == "__init__.py" and "tests" not in path.parts]
    assert len(packages) >= len(PACKAGES)
    assert not [
        str(path.relative_to(ROOT))
        for path in packages
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("role", ROLES)
def test_pins_are_exact_hashed_and_name_no_address(role: str, python: str) -> None:
    text = (ROOT / "requirements" / f"{role}-{python}.txt").read_text(encoding="ascii")
    assert "://" not in text
    assert "#" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    entries = text.replace(" \\\n", " ").splitlines()
    assert entries
    pin = re.compile(r"[a-z0-9.-]+==[A-Za-z0-9.+!]+( ; [^;]+)?( +--hash=sha256:[0-9a-f]{64})+")
    assert not [entry[:80] for entry in entries if not pin.fullmatch(entry)]


@pytest.mark.parametrize("python", PYTHONS)
def test_a_keypad_installs_neither_opencv_nor_fastapi(python: str) -> None:
    text = (ROOT / "requirements" / f"keypad-{python}.txt").read_text(encoding="ascii")
    names = set(re.findall(r"^([a-z0-9.-]+)==", text, re.MULTILINE))
    assert not names & {"opencv-python-headless", "fastapi", "numpy", "sqlalchemy", "onnx", "balena-sdk"}
    assert {"cryptography", "paho-mqtt", "gpiozero"} <= names


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("role", ["gate", "enrol"])
def test_what_looks_at_faces_installs_no_build_tool(role: str, python: str) -> None:
    text = (ROOT / "requirements" / f"{role}-{python}.txt").read_text(encoding="ascii")
    names = set(re.findall(r"^([a-z0-9.-]+)==", text, re.MULTILINE))
    assert not names & {"ai-edge-quantizer", "onnx", "scipy", "tensorflow", "torch"}
    assert {"ai-edge-litert", "numpy", "opencv-python-headless"} <= names


@pytest.mark.parametrize("python", PYTHONS)
def test_one_version_of_a_library_serves_every_role(python: str) -> None:
    def pins(role: str) -> set[str]:
        text = (ROOT / "requirements" / f"{role}-{python}.txt").read_text(encoding="ascii")
        return set(re.findall(r"^(\S+==\S+)", text, re.MULTILINE))

    everything = pins("dev")
    assert not {role: extra for role in ROLES if (extra := pins(role) - everything)}


def test_the_runtimes_of_both_pythons_are_the_ones_the_references_name() -> None:
    old, new = (
        (ROOT / "requirements" / f"gate-{python}.txt").read_text(encoding="ascii") for python in PYTHONS
    )
    for pin in ("numpy==1.26.4", "tflite-runtime==2.14.0", "opencv-python-headless==4.11.0.86"):
        assert f"{pin} \\" in old
    assert "ai-edge-litert==" in old
    assert re.search(r"^numpy==2\.", new, re.MULTILINE)
    assert "tflite-runtime" not in new
    assert "opencv-python-headless==4.11.0.86 \\" in new


def test_every_command_of_the_readme_exists() -> None:
    targets = set(
        re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    named = set()
    for path in [ROOT / "README.md", *tracked("docs/**/*.md")]:
        named |= set(
            re.findall(
                r"`?make ([a-z][a-z0-9-]+)\b(?=[`\s]*(?:`|$|#|SEED|PYTHON|RECORDING))",
                path.read_text("utf-8"),
            )
        )
    assert {"setup", "check", "test", "demo"} <= targets
    assert named <= targets, named - targets


def test_every_file_and_folder_that_the_documents_name_exists() -> None:
    """Names in backticks that begin with a folder of ours, but for what is made by running."""
    made = ("var/", "bench/results.json")
    path = re.compile(r"`((?:[a-z_.]+/)+(?:[a-z0-9_.-]+\.(?:py|md|toml|json|png|txt))?)`")
    gone = [
        f"{document.relative_to(ROOT)}: {named}"
        for document in [
            ROOT / "README.md",
            *tracked("docs/**/*.md", "wire/SPEC.md", "ballot/**/*.md", "models/cards/*.md"),
        ]
        for named in path.findall(document.read_text(encoding="utf-8"))
        if (ROOT / named.partition("/")[0]).is_dir()
        and not named.startswith(made)
        and not (ROOT / named).exists()
    ]
    assert not gone


def test_no_path_of_somebodys_machine_and_no_package_index() -> None:
    forbidden = re.compile(
        r"/wor" + r"k/|/root/|/home/[a-z]|pypi\.or" + r"g|files\.pythonhosted|index-url\s*="
    )
    found = []
    for path in tracked("*.py", "*.md", "*.toml", "Makefile", ".ci/run", "*.txt", "*.html", "*.js"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if forbidden.search(line) and path != Path(__file__):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not found


def test_no_private_key_lies_in_the_repository() -> None:
    mark = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}")
    assert not [path for path in tracked() if mark.search(path.read_bytes())]

"""What a Python package offers, read off its source, and what a module of ours uses of it, read off ours."""

import ast
import inspect
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Surface:
    """One class of the package: signatures of its methods, without self, and its other attributes."""

    methods: dict[str, inspect.Signature] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Use:
    """receiver.name, or a call of it. positional and keywords are None when it is not called."""

    receiver: str
    name: str
    positional: int | None
    keywords: tuple[str, ...]
    line: int


class PackageSource:
    """The modules of a wheel, parsed."""

    def __init__(self, wheel: Path, package: str) -> None:
        with zipfile.ZipFile(wheel) as archive:
            self.modules = {
                name: ast.parse(archive.read(name))
                for name in archive.namelist()
                if name.startswith(f"{package}/") and name.endswith(".py")
            }

    def surface(self, module: str, name: str) -> Surface:
        """Of the class `name`. An overload does not count: the last definition is what runs."""
        (found,) = (n for n in self.modules[module].body if isinstance(n, ast.ClassDef) and n.name == name)
        surface = Surface()
        for node in found.body:
            if isinstance(node, ast.FunctionDef):
                decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
                if decorators & {"property", "classproperty"}:
                    surface.attributes.add(node.name)
                else:
                    surface.methods[node.name] = _signature(node, is_static="staticmethod" in decorators)
            elif isinstance(node, ast.Assign):
                surface.attributes |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        return surface

    def words(self) -> set[str]:
        """Every string and every name in the package: control names are written as both."""
        nodes = [node for module in self.modules.values() for node in ast.walk(module)]
        strings = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        return strings | {n.attr for n in nodes if isinstance(n, ast.Attribute)}

    def tuple_named(self, module: str, function: str, name: str) -> tuple[str, ...]:
        """The tuple of strings assigned to `name` in a function."""
        for node in ast.walk(self.modules[module]):
            if isinstance(node, ast.FunctionDef) and node.name == function:
                for line in ast.walk(node):
                    if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == name:
                        return tuple(ast.literal_eval(line.value))
        raise AssertionError(f"no {name} in {function}")


def uses(tree: ast.AST) -> Iterator[Use]:
    """Every attribute that the module looks up, with how it is called."""
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            call = calls.get(id(node))
            yield Use(
                receiver=ast.unparse(node.value),
                name=node.attr,
                positional=None if call is None else len(call.args),
                keywords=() if call is None else tuple(k.arg or "**" for k in call.keywords),
                line=node.lineno,
            )


def _signature(node: ast.FunctionDef, *, is_static: bool) -> inspect.Signature:
    kinds = inspect.Parameter
    plain = [*node.args.posonlyargs, *node.args.args]
    needed = len(plain) - len(node.args.defaults)
    parameters = [
        kinds(
            arg.arg,
            kinds.POSITIONAL_OR_KEYWORD,
            default=kinds.empty if place < needed else ast.unparse(node.args.defaults[place - needed]),
        )
        for place, arg in enumerate(plain)
    ]
    parameters += [
        kinds(arg.arg, kinds.KEYWORD_ONLY, default=kinds.empty if value is None else ast.unparse(value))
        for arg, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    ]
    return inspect.Signature(parameters if is_static else parameters[1:])

"""What `import suizhou_geo as sg` offers: every function is defined by its docstring and has an example that runs."""

import inspect

import pytest

import suizhou_geo as sg

FUNCTIONS = [getattr(sg, name) for name in sg.__all__ if inspect.isfunction(getattr(sg, name))]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_every_public_function_has_an_example_and_few_parameters(function):
    assert ">>> " in function.__doc__
    assert len(inspect.signature(function).parameters) <= 8


@pytest.mark.parametrize("name", sg.__all__)
def test_everything_offered_is_there_and_documented(name):
    assert hasattr(sg, name)
    assert name.isupper() or inspect.getdoc(getattr(sg, name))

"""buf finds the contract well formed, and sees what is not and what would break a client."""

import shutil
from pathlib import Path

import pytest

from protos.generate import HERE
from protos.lint import lint

pytestmark = pytest.mark.skipif(not shutil.which("npx"), reason="buf comes by npx, and there is no Node.js here")


def test_the_contract_is_well_formed() -> None:
    assert lint() == []


def test_what_is_ill_formed_or_would_break_clients_is_named(tmp_path: Path) -> None:
    shutil.copytree(HERE / "kith", tmp_path / "kith")
    file = tmp_path / "kith/sales/v1/pipeline.proto"
    text = file.read_text(encoding="utf-8")
    renamed = text.replace("int32 position = 21", "int32 Rank = 21")
    assert renamed != text
    file.write_text(renamed, encoding="utf-8")
    objections = "\n".join(lint(against="HEAD", protos=tmp_path))
    assert 'Field name "Rank" should be lower_snake_case' in objections
    assert 'changed option "json_name" from "position" to "Rank"' in objections

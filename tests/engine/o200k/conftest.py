"""The tokenizer as a checkpoint's directory holds it, loaded as the engine loads it."""

from typing import Any

import pytest

from inference.engine import privacy_filter
from tests.engine.o200k import vocabulary


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    directory = tmp_path_factory.mktemp("o200k")
    vocabulary.tokenizer().save(str(directory / "tokenizer.json"))
    return privacy_filter._load_tokenizer(directory, vocabulary.SIZE)

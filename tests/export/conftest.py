"""What tests of the export share."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.export.layout import MANIFEST
from tests.export.export_site import CONFIG, URL, ExportSite
from tests.support import Place


@pytest.fixture(scope="package")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExportSite]:
    """A site that was exported, to be looked at only."""
    site = ExportSite.filled(tmp_path_factory.mktemp("exported"))
    site.export()
    yield site
    site.place.store.close()


@pytest.fixture
def site(exported: ExportSite, tmp_path: Path) -> Iterator[ExportSite]:
    """A copy of it, to do anything with."""
    shutil.copytree(exported.place.root, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("public"))
    # An export never writes into a file that is there, so both may have the same ones.
    shutil.copytree(exported.folder, tmp_path / "public", copy_function=os.link)
    (tmp_path / "public" / MANIFEST).unlink()
    shutil.copy2(exported.folder / MANIFEST, tmp_path / "public")
    copy = ExportSite(Place(tmp_path, CONFIG % URL))
    yield copy
    copy.place.store.close()


@pytest.fixture
def fresh(site: ExportSite) -> ExportSite:
    """One that was not exported yet."""
    shutil.rmtree(site.folder)
    return site

"""The folders of a home."""

from stack.layout import Layout


def test_create_makes_every_folder_and_keeps_others_out_of_run(tmp_path):
    layout = Layout(tmp_path / "new" / "home")
    layout.create()
    layout.create()
    assert [folder.stat().st_mode & 0o777 for folder in (layout.run, layout.feedback)] == [0o700, 0o700]
    assert all(folder.is_dir() for folder in (layout.artifacts, layout.logs, layout.marks, layout.gateway))

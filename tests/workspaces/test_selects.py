"""Choices of a control: what is chosen, and that names stay text."""

from workspaces.selects import options


def test_the_chosen_one_is_marked_whatever_its_type() -> None:
    written = options([(1, "One"), (2, "Two")], "2")
    assert written == '<option value="1">One</option><option value="2" selected>Two</option>'
    assert " selected" not in options([(1, "One")])


def test_names_stay_text() -> None:
    written = options([('"><script>', "<b>&amp;"), ("", "none")], "")
    assert written == (
        '<option value="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;amp;</option>'
        '<option value="" selected>none</option>'
    )

from hypothesis import given
from hypothesis import strategies as st

from inference.engine.windows import balanced_windows, halo_windows


@given(st.integers(0, 5000), st.integers(2, 510), st.data())
def test_balanced_windows_cover_all_with_context_and_no_excess(
    tokens: int, size: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    windows = balanced_windows(tokens, size, overlap)
    kept = [token for w in windows for token in range(w.keep_start, w.keep_end)]
    assert kept == list(range(tokens))
    for window in windows:
        assert window.start <= window.keep_start < window.keep_end <= window.end
        assert window.end - window.start <= size
        assert window.start == 0 or window.keep_start - window.start >= overlap // 2
        assert window.end == tokens or window.end - window.keep_end >= overlap // 2


def test_text_just_over_one_window_is_cut_into_equal_parts() -> None:
    first, second = balanced_windows(511, 510, 128)
    assert (first.end - first.start, second.end - second.start) == (320, 320)


@given(st.integers(0, 5000), st.integers(1, 700), st.integers(0, 700))
def test_halo_windows_keep_every_token_once_with_its_whole_halo(
    tokens: int, core: int, halo: int
) -> None:
    windows = halo_windows(tokens, core, halo)
    kept = [token for w in windows for token in range(w.keep_start, w.keep_end)]
    assert kept == list(range(tokens))
    for window in windows:
        assert window.start == max(0, window.keep_start - halo)
        assert window.end == min(tokens, window.keep_end + halo)

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.marc.reader import Options, plan, run_task
from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.normalise.junk_shapes import number_title, without_codes
from dedup.normalise.junk_signs import odd_titles
from dedup.normalise.mojibake import Mojibake, mojibake
from dedup.normalise.title_fields import title_fields
from dedup.rules import load_rules

RULES = load_rules()
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
KINDS = RULES.tables["mojibake"]["kind"]
SPOILT = [(kind["id"], typed, mended) for kind in KINDS for typed, mended in kind["yes"]]
FREQUENT = "".join(RULES.tables["mojibake"]["frequent"]["characters"].split())
# Title words of every script that a catalogue holds; none of them is spoilt.
GENUINE = """
À la recherche du temps perdu|L'Œuvre au noir|Où est passée l'âme ?|Le Cœur à l'ouvrage|« Égalité »
Être et avoir été|Größe und Maß|Über die Öffnung der Mäuler|ÄÖÜ für Anfänger|Fußgängerübergänge
»Schöne neue Welt«|Die Tür — ein Märchen|¿Qué?|¡Ay, Carmela!|El niño y la cigüeña|¿Qué es la filosofía?
Ação e reação|São João del-Rei|Não há de quê|A IRMÃ|Đất nước đứng lên|Truyện Kiều|Dế mèn phiêu lưu ký|Số đỏ
Hà Nội băm sáu phố phường|Õõ öö üü|Jäääär ja õunaaiad|Öökülm|Çalıkuşu|İnce Memed|Kürk Mantolu Madonna
Þættir úr sögu Íslands|Ærø og Ålborg|Žluťoučký kůň|Łódź żółta|Ősz és tél|Война и мир|Преступление и наказание
Ёлка|Ὀδύσσεια|Η Οδύσσεια του Ομήρου|Αλέξης Ζορμπάς|ספר בראשית|ألف ليلة وليلة|こころ|吾輩は猫である|日本の歴史
いろはにほへと|ノルウェイの森|源氏物語|한국의 역사|채식주의자|토지|万葉集のことば|あいうえお辞典|爾雅義疏
說文解字注|楚辭補注|鬳齋考工記解|蘭亭序|鷓鴣天|邠州石室錄|麴㪽集|甌北詩話|鬱離子|龍龕手鑑|蒹葭|饕餮|囹圄|邋遢
漳浦县志|瀛涯胜览校注|圪塔|螳螂拳|蟋蟀谱|踟蹰集|骈俪|黼黻|曹植|宝坻|烦恼|睿智|敬拜|嫌疑|吹吹打打|模模糊糊
英雄豪傑|勤政|三体|围城|1Q84|C++程序设计|C语言程序设计(第4版)|数学・物理|“一带一路”研究|《史记》选读|为什么?
谁是最可爱的人??|二〇一二|№ 5|What is life?|Why me??|Who's afraid of Virginia Woolf?|Sets {a, b}|{title}|© 2001
®evolution|50 € a day|Café society|naïveté|Caf\ufffd society in the nineteenth century|敦煌变文□本研究集刊
大明□史|日本語の「の」|Nº 1|10 µm|±5°|½ price
""".strip()
TITLES = [title for line in GENUINE.split("\n") for title in line.split("|")]


def as_latin(data: bytes) -> str:
    """Bytes read as Windows-1252, unused ones as in Latin-1."""
    return "".join(bytes([one]).decode("latin-1" if one in b"\x81\x8d\x8f\x90\x9d" else "cp1252") for one in data)


def as_windows(data: bytes, encoding: str) -> str:
    """Bytes read as Windows reads GBK or Big5: what has no character gives `?` or one of the private area."""
    text, at = "", 0
    while at < len(data):
        pair = data[at : at + 2]
        if pair[0] < 0x80 or (encoding == "gb18030" and pair[0] == 0x80):
            text, at = text + ("€" if pair[0] == 0x80 else chr(pair[0])), at + 1
            continue
        try:
            text, at = text + (pair.decode(encoding) if len(pair) == 2 else "?"), at + 2
        except UnicodeDecodeError:
            own = 0xC6A1 <= int.from_bytes(pair, "big") <= 0xC8FE and encoding == "cp950"
            place = (pair[0] - 0xC6) * 157 + (pair[1] - (0x40 if pair[1] < 0x7F else 0x62)) - 63
            text, at = text + (chr(0xF6B1 + place) if own else "?"), at + (2 if own else 1)
    return text


def traditional(title: str) -> str:
    """The title in traditional characters, where they have one equivalent in Big5."""
    back = {new: old for old, new in RULES.characters.items() if old.encode("big5", "ignore")}
    return "".join(one if one.encode("big5", "ignore") else back.get(one, one) for one in title)


@pytest.mark.parametrize(("kind", "typed", "mended"), SPOILT)
def test_the_examples_of_the_table_are_known_and_restored(kind, typed, mended):
    assert mojibake(typed, RULES) == Mojibake(kind, mended)


@pytest.mark.parametrize("title", sorted({*TITLES, *(title for kind in KINDS for title in kind["no"])}))
def test_genuine_titles_of_any_script_are_never_called_spoilt(title):
    assert mojibake(title, RULES) is None


han_titles = st.text(st.sampled_from(FREQUENT[:600]), min_size=4, max_size=12).filter(
    lambda title: 2 * len(set(title)) > len(title)
)


@settings(deadline=None)
@given(han_titles)
def test_a_title_of_frequent_characters_is_not_spoilt(title):
    assert mojibake(title, RULES) is None


@settings(deadline=None)
@given(han_titles)
def test_utf8_taken_for_latin_is_undone(title):
    assert mojibake(as_latin(title.encode()), RULES) == Mojibake("utf8-latin", title)


@settings(deadline=None)
@given(han_titles)
def test_gbk_taken_for_latin_is_undone(title):
    assert mojibake(as_latin(title.encode("gb18030")), RULES) == Mojibake("gbk-latin", title)


@settings(deadline=None)
@given(han_titles)
def test_what_is_said_of_utf8_taken_for_gbk_is_true(title):
    typed = as_windows(title.encode(), "gb18030")
    found = mojibake(typed, RULES)
    assert found is None or found == Mojibake("utf8-gbk", "" if "?" in typed else title)


def test_nearly_all_titles_in_utf8_taken_for_gbk_are_found():
    pick = random.Random(5)
    titles = ["".join(pick.choices(FREQUENT[:600], k=6)) for _ in range(400)]
    assert sum(mojibake(as_windows(title.encode(), "gb18030"), RULES) is not None for title in titles) >= 390


@settings(deadline=None)
@given(han_titles.map(traditional).filter(lambda title: len(title.encode("big5", "ignore")) == 2 * len(title)))
def test_what_is_said_of_big5_taken_for_gbk_is_true(title):
    found = mojibake(as_windows(title.encode("big5"), "gb18030"), RULES)
    assert found is None or found in (Mojibake("big5-gbk", title), Mojibake("lost", ""))


@settings(deadline=None)
@given(han_titles)
def test_what_is_said_of_gbk_taken_for_big5_is_true(title):
    typed = as_windows(title.encode("gb18030"), "cp950")
    found = mojibake(typed, RULES)
    assert found is None or found == Mojibake("gbk-big5", title) or "?" in typed


def test_most_titles_in_the_other_chinese_character_set_are_found():
    pick = random.Random(4)
    found: Counter[str] = Counter()
    for _ in range(400):
        title = "".join(pick.choices(FREQUENT, [1 / (place + 20) for place in range(len(FREQUENT))], k=6))
        big5, gbk = as_windows(traditional(title).encode("big5", "ignore"), "gb18030"), title.encode("gb18030")
        for typed in (big5, as_windows(gbk, "cp950")):
            found.update([one.kind for one in [mojibake(typed, RULES)] if one])
    assert found["big5-gbk"] > 300 and found["gbk-big5"] > 250, found


@pytest.mark.parametrize(
    ("typed", "proper"), [(typed, proper) for typed, proper in RULES.tables["junk"]["codes"]["yes"]]
)
def test_codes_of_subfields_are_told_and_the_title_before_them_is_kept(typed, proper):
    assert without_codes(typed, Format.MARC21 if proper.isascii() else Format.CNMARC, RULES) == proper


@pytest.mark.parametrize("title", [*RULES.tables["junk"]["codes"]["no"], *TITLES])
@pytest.mark.parametrize("kind", list(Format))
def test_honest_signs_in_titles_are_no_codes(title, kind):
    assert without_codes(title, kind, RULES) is None


SEEN = st.one_of(
    st.sampled_from(
        [*TITLES, *(typed for _, typed, _ in SPOILT), *(row[0] for row in RULES.tables["junk"]["codes"]["yes"])]
    ),
    han_titles.map(lambda title: as_latin(title.encode())),
    han_titles.map(lambda title: as_latin(title.encode("gb18030"))),
    han_titles.map(lambda title: as_windows(title.encode(), "gb18030")),
    han_titles.map(lambda title: as_windows(title.encode("gb18030"), "cp950")),
    st.text(st.sampled_from(list("围城三体$f|a@b▼ AbZ:/?1978-30244")), max_size=14),
    st.sampled_from(["9787302224464", "ISBN 7-5037-1744-0", "0-306-40615-2"]),
)


@settings(deadline=None)
@given(st.lists(SEEN))
def test_the_cheap_look_at_a_column_overlooks_no_title_that_the_rule_would_find(titles):
    looked = odd_titles(pa.array(titles, pa.string()), RULES)
    for title, odd in zip(titles, looked, strict=True):
        bad = mojibake(title, RULES) or number_title(title, {}, RULES)
        assert odd or not (bad or any(without_codes(title, kind, RULES) is not None for kind in Format)), title


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared folder of real files is not here")
@pytest.mark.parametrize(
    "name", ["cnmarc", "marc21", "unimarc", "marc8/uva_001_2000.mrc", "marc8/lul_fre_500.mrc", "marc8/cjk1.marc"]
)
def test_no_real_title_is_called_spoilt_or_full_of_codes(name):
    place = SHARED / name
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    seen = 0
    for task in plan([(file, file.name) for file in files if file.suffix not in (".txt", ".md")], Options()):
        for portion in run_task(task, RULES):
            batch = RawBatch(portion.records)
            for title in title_fields(batch, RULES).proper.to_pylist() if len(batch) else []:
                seen += 1
                assert mojibake(title, RULES) is None, title
                assert all(without_codes(title, kind, RULES) is None for kind in Format), title
    assert seen > 0

"""An explanation as text: first the answer, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from dedup.commands.layout import console_width, indented, side_by_side, thirds
from dedup.explain import Answer, Decision, Explanation, RuleKeys, Side
from dedup.rulebook import Entry, Legend, find, read_legend, rulebook, same
from dedup.rules import RuleSet
from dedup.tables import SUBFIELD_MARK

_LABEL, _TAG = 22, 6


@dataclass(frozen=True, slots=True)
class _Printer:
    """What is needed to word an explanation in one language."""

    about: Explanation
    legend: Legend
    entries: tuple[Entry, ...]
    language: str
    width: int

    def label(self, name: str, **values: str) -> str:
        """A label of legend.toml."""
        return self.legend.label(name, **{key: same(value) for key, value in values.items()}).of(self.language)

    def name(self, kind: str, word: str) -> str:
        """`name (word)` of an entry of that kind; the word alone when nothing is known of it."""
        known = [entry.name for entry in find(self.entries, word) if entry.kind == kind]
        known += [names[word] for names in [self.legend.names.get(kind, {})] if word in names]
        return f"{known[0].of(self.language)} ({word})" if known else word

    def codes(self, kind: str, joined: str) -> str:
        """Several words joined by `;`, each with its name."""
        return "; ".join(self.name(kind, word) for word in joined.split(";") if word)

    def value(self, column: str, text: str) -> str:
        """A value of a column; coded values by their names."""
        coded = self.legend.names.get(column, {}).get(text)
        return coded.of(self.language) if coded else text


def described(about: Explanation, rules: RuleSet, language: str) -> str:
    """The whole explanation in one language, for the width of the console."""
    printer = _Printer(about, read_legend(rules), rulebook(rules), language, console_width())
    blocks = (_decision, _work, _records, _questions, _score, _blocking, _marc)
    return "\n\n".join("\n".join(block(printer)) for block in blocks)


def _decision(on: _Printer) -> Iterator[str]:
    about, label = on.about, on.label
    for side, name in ((about.left, "left"), (about.right, "right")):
        yield f"{label(name)}  {side.record_id}  ({side.file} @ {side.offset})"
    yield ""
    yield f"{label('decision')}: {on.name('verdict', str(about.verdict))}"
    yield from _about(on, about.decision)
    yield f"  {label('row')}: {about.decision.row}"
    for one in about.conditions:
        allowed = label("separator").join(on.legend.outcome(outcome).of(on.language) for outcome in one.allowed)
        question = on.legend.question(one.question).of(on.language)
        yield f"    {question} ({one.question}): {on.legend.outcome(one.outcome).of(on.language)} [{allowed}]"
    yield from _stored(on)


def _about(on: _Printer, decision: Decision) -> Iterator[str]:
    """Reason, cause, veto and score of a decision."""
    label = on.label
    means = [entry.name.of(on.language) for entry in find(on.entries, decision.row) if entry.kind == "row"]
    reason = means[0] if means else decision.reason
    yield from indented(f"{label('reason')}: {reason}", on.width, 2)
    if decision.veto:
        yield f"  {label('veto')}: {on.name('veto', decision.veto)}"
    yield f"  {label('cause')}: {on.codes('cause', decision.cause) or label('none')}"
    if decision.secondary:
        yield f"  {label('secondary')}: {on.codes('cause', decision.secondary)}"
    yield f"  {label('score')}: {decision.score:.4f}"


def _stored(on: _Printer) -> Iterator[str]:
    """What the run stored, and whether it is the same."""
    about, label = on.about, on.label
    if about.stored is None:
        yield f"{label('stored')}: {label('not_judged')}"
    else:
        said = about.stored.decision
        told = (on.name("verdict", str(said.verdict)), said.row, said.cause, f"{said.score:.4f}")
        yield f"{label('stored')}: {', '.join(filter(None, told))}"
        if about.stored.refused:
            one, other = about.stored.refused
            veto = on.name("veto", about.stored.refused_veto)
            yield from indented(label("refused", one=one, other=other, veto=veto), on.width, 2)
    if about.differences:
        yield f"  {label('disagrees')}"
        for what, before, now in about.differences:
            yield from indented(label("difference", what=label(what), stored=before, now=now), on.width, 4)
    if about.rules_changed:
        yield f"  {label('rules_changed')}"


def _work(on: _Printer) -> Iterator[str]:
    """The groups of the two records, and what was asked of whom."""
    about, label = on.about, on.label
    yield f"{label('group')}:" if about.groups else f"{label('group')}: {label('none')}"
    for one in about.groups:
        members = [label(name) for name, inside in (("left", one.left), ("right", one.right)) if inside]
        told = [one.group_id, on.name("verdict", str(one.verdict)), "+".join(members)]
        told += [f"{label('cause')} {on.codes('cause', one.cause)}"] if one.cause else []
        told += [f"{label('flags')} {on.codes('flag', one.flags)}"] if one.flags else []
        told += [f"{label('keep')} {one.keep}"] if one.keep else []
        yield from indented(", ".join(told), on.width, 2)
    if about.findings:
        yield f"{label('findings')}:"
    for finding in about.findings:
        head = (finding.record_id, finding.library, finding.code, on.name("action", finding.action))
        yield from indented(f"[{' '.join(filter(None, head))}] {finding.correction.of(on.language)}", on.width, 2)


def _records(on: _Printer) -> Iterator[str]:
    left, right = on.about.left, on.about.right
    widths = thirds(on.width, _LABEL)
    yield f"{on.label('record')}:"
    yield from side_by_side("", left.record_id, right.record_id, widths)
    for column in on.legend.shown:
        one, other = (on.value(column, side.columns.get(column, "")) for side in (left, right))
        if one or other:
            yield from side_by_side(on.legend.column(column).of(on.language), one, other, widths)
    for place, (one, other) in enumerate(zip_longest(left.items, right.items, fillvalue="")):
        yield from side_by_side("" if place else on.label("holdings"), one, other, widths)


def _questions(on: _Printer) -> Iterator[str]:
    widths = thirds(on.width - 2, _LABEL)
    yield f"{on.label('questions')}:"
    for answer in on.about.answers:
        question = on.legend.question(answer.question).of(on.language)
        yield f"{on.legend.outcome(answer.outcome).of(on.language)}: {question} ({answer.question})"
        yield from indented(on.legend.means["question"][answer.question].of(on.language), on.width, 2)
        for value in answer.values:
            one, other = (on.value(value.column, text) for text in (value.left, value.right))
            name = on.legend.column(value.column).of(on.language)
            yield from ("  " + line for line in side_by_side(name, one, other, widths))


def _score(on: _Printer) -> Iterator[str]:
    about, label = on.about, on.label
    running = about.base
    yield f"{label('score')}:"
    yield f"  {about.base:+6.2f} {running:+7.2f}  {label('base')}"
    for answer in _weighed(about.answers):
        running += answer.points
        name = on.legend.question(answer.question).of(on.language)
        outcome = on.legend.outcome(answer.outcome).of(on.language)
        yield f"  {answer.points:+6.2f} {running:+7.2f}  {name} ({answer.question}): {outcome}"
    yield f"  {label('sum')} {about.total:+.2f} -> {about.logistic:.4f}"
    if about.decision.verdict == "different":
        yield f"  {label('not_scored')}"


def _weighed(answers: Iterable[Answer]) -> list[Answer]:
    """The answers that add to the score, the weightiest first."""
    return sorted((one for one in answers if one.points), key=lambda one: (-abs(one.points), one.question))


def _blocking(on: _Printer) -> Iterator[str]:
    about, label = on.about, on.label
    if about.proposed:
        yield f"{label('proposed')}:"
    else:
        yield f"{label('asked_in_group' if about.stored else 'not_proposed')}:"
    for keys in about.proposed or about.blocking:
        yield from _keys(on, keys)


def _keys(on: _Printer, keys: RuleKeys) -> Iterator[str]:
    name = next((one.name.of(on.language) for one in find(on.entries, keys.rule) if one.kind == "blocking"), "")
    yield f"  {keys.rule}: {name}"
    if not keys.missing and not keys.proposed:
        yield f"    {on.label('crowded_key')}"
    for part in keys.parts:
        head = part.words.of(on.language)
        if part.shared:
            yield from indented(f"{head}: {on.label('shared')} {' | '.join(part.shared)}", on.width, 4)
        else:
            sides = (("left", part.left), ("right", part.right))
            told = "; ".join(f"{on.label(side)} {' | '.join(found) or on.label('nothing')}" for side, found in sides)
            yield from indented(f"{head}: {told}", on.width, 4)


def _marc(on: _Printer) -> Iterator[str]:
    about = on.about
    yield f"{on.label('marc')}:"
    for side in (about.left, about.right):
        if side.fields != "read":
            state = "file_gone" if side.fields == "gone" else "file_changed"
            yield from indented(f"{side.record_id}: {on.label(state, path=side.path or side.file)}", on.width, 2)
    widths = thirds(on.width, _TAG)
    if about.left.marc or about.right.marc:
        yield from side_by_side("", about.left.record_id, about.right.record_id, widths)
        yield from side_by_side("LDR", readable(about.left.leader), readable(about.right.leader), widths)
    for tag, one, other in paired(about.left, about.right):
        yield from side_by_side(tag, one, other, widths)


def paired(left: Side, right: Side) -> Iterator[tuple[str, str, str]]:
    """Fields by tag, the first of one record beside the first of the other."""
    for tag in sorted({tag for side in (left, right) for tag, _ in side.marc}):
        both = [[readable(text) for one, text in side.marc if one == tag] for side in (left, right)]
        for one, other in zip_longest(*both, fillvalue=""):
            yield tag, one, other


def readable(field: str) -> str:
    """Field text as cataloguers write it: # for a blank in indicators and control fields, then $a and its value."""
    head, mark, rest = field.partition(SUBFIELD_MARK)
    shown = head.replace(" ", "#")
    return f"{shown} ${rest.replace(SUBFIELD_MARK, ' $')}" if mark else shown
